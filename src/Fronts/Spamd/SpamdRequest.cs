using System.Globalization;
using System.Text;

namespace Sternpost.Fronts.Spamd;

/// <summary>What a client of the spamd protocol may ask.</summary>
internal enum SpamdMethod
{
    Ping,
    Skip,
    Check,
    Symbols,
    Report,
    ReportIfSpam,
    Process,
    Headers,
    Tell,
}

/// <summary>The head of a request: the method line and the fields after it.</summary>
internal sealed class SpamdRequest
{
    private const int MaxFields = 32;

    private int fields;

    private SpamdRequest(SpamdMethod method, double version)
    {
        Method = method;
        Version = version;
    }

    internal SpamdMethod Method { get; }

    /// <summary>The client's protocol version; clients before 1.3 read replies of another form.</summary>
    internal double Version { get; }

    /// <summary>Octets that follow; null where the client closes its side to end the message.</summary>
    internal int? ContentLength { get; private set; }

    internal bool IsCompressed { get; private set; }

    internal string? User { get; private set; }

    /// <summary>TELL: what the message is said to be; null where that is not said.</summary>
    internal bool? IsSpam { get; private set; }

    internal bool SetLocal { get; private set; }

    internal bool RemoveLocal { get; private set; }

    /// <summary>Reads <c>CHECK SPAMC/1.5</c>; null where it is none.</summary>
    internal static SpamdRequest? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > 64) return null;
        var text = Encoding.ASCII.GetString(line);
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !text.AsSpan(space + 1).StartsWith("SPAMC/", StringComparison.Ordinal)) return null;
        if (!double.TryParse(text.AsSpan(space + 7), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version)) return null;
        SpamdMethod? method = text[..space] switch
        {
            "PING" => SpamdMethod.Ping,
            "SKIP" => SpamdMethod.Skip,
            "CHECK" => SpamdMethod.Check,
            "SYMBOLS" => SpamdMethod.Symbols,
            "REPORT" => SpamdMethod.Report,
            "REPORT_IFSPAM" => SpamdMethod.ReportIfSpam,
            "PROCESS" => SpamdMethod.Process,
            "HEADERS" => SpamdMethod.Headers,
            "TELL" => SpamdMethod.Tell,
            _ => null,
        };
        return method is { } known ? new SpamdRequest(known, version) : null;
    }

    /// <summary>Takes a field; answers what is wrong with it, or null. Unknown fields are passed over, as the protocol demands.</summary>
    internal string? Take(ReadOnlySpan<byte> line)
    {
        if (++fields > MaxFields) return "too many header lines";
        var colon = line.IndexOf((byte)':');
        if (colon < 0) return "a header line without a colon";
        var value = Encoding.UTF8.GetString(line[(colon + 1)..]).Trim();
        switch (Encoding.ASCII.GetString(line[..colon]).Trim().ToLowerInvariant())
        {
            case "content-length":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return "a Content-length that is no number";
                ContentLength = length;
                return null;
            case "compress":
                if (!value.Equals("zlib", StringComparison.OrdinalIgnoreCase)) return "a compression other than zlib";
                IsCompressed = true;
                return null;
            case "user":
                if (value.Length is > 0 and <= 256) User = value;
                return null;
            case "message-class":
                IsSpam = value.ToLowerInvariant() switch { "spam" => true, "ham" => false, _ => null };
                return null;
            case "set":
                SetLocal = HasLocal(value);
                return null;
            case "remove":
                RemoveLocal = HasLocal(value);
                return null;
            default:
                return null;
        }
    }

    // "remote" means reporting to collaborative networks, which is not this server's business.
    private static bool HasLocal(string value) =>
        value.Split(',').Any(part => part.Trim().Equals("local", StringComparison.OrdinalIgnoreCase));
}
