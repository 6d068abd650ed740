using System.Globalization;

namespace Sternpost.Smtp.Client;

/// <summary>What a server offered in its reply to EHLO (RFC 5321 §4.1.1.1).</summary>
internal sealed record ServerExtensions
{
    /// <summary>What HELO leaves: nothing.</summary>
    internal static ServerExtensions None { get; } = new();

    internal bool Pipelining { get; private init; }
    internal bool StartTls { get; private init; }
    internal bool EightBitMime { get; private init; }
    internal bool SmtpUtf8 { get; private init; }
    internal bool Dsn { get; private init; }
    internal bool Chunking { get; private init; }
    internal bool BinaryMime { get; private init; }
    internal bool Size { get; private init; }
    internal bool RequireTls { get; private init; }

    /// <summary>Attributes of XFORWARD that it takes, upper case; none where it does not offer the command.</summary>
    internal IReadOnlyList<string> XForward { get; private init; } = [];

    /// <summary>Octets of the largest message taken; null where no limit was named (RFC 1870 §3).</summary>
    internal long? MaxSize { get; private init; }

    /// <summary>SASL mechanisms, upper case.</summary>
    internal IReadOnlyList<string> AuthMechanisms { get; private init; } = [];

    /// <summary>Recipients of one transaction, messages of one connection (RFC 9422 §3); null where not said.</summary>
    internal int? MaxRecipients { get; private init; }

    internal int? MaxMessages { get; private init; }

    internal static ServerExtensions Of(SmtpReply reply)
    {
        var found = new ServerExtensions();
        // The first line is the server's name and greeting.
        foreach (var line in reply.Lines.Skip(1))
        {
            // Servers of long ago wrote AUTH=LOGIN.
            var words = line.Replace("AUTH=", "AUTH ", StringComparison.OrdinalIgnoreCase).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0) found = found.With(words[0].ToUpperInvariant(), words[1..]);
        }
        return found;
    }

    private ServerExtensions With(string keyword, string[] words) => keyword switch
    {
        "PIPELINING" => this with { Pipelining = true },
        "STARTTLS" => this with { StartTls = true },
        "8BITMIME" => this with { EightBitMime = true },
        "SMTPUTF8" => this with { SmtpUtf8 = true },
        "DSN" => this with { Dsn = true },
        "CHUNKING" => this with { Chunking = true },
        "REQUIRETLS" => this with { RequireTls = true },
        "XFORWARD" => this with { XForward = [.. words.Select(word => word.ToUpperInvariant())] },
        "BINARYMIME" => this with { BinaryMime = true },
        // RFC 1870 §3: zero, or no number, is no fixed limit.
        "SIZE" => this with { Size = true, MaxSize = words.Length > 0 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null },
        "AUTH" => this with { AuthMechanisms = [.. AuthMechanisms, .. words.Select(word => word.ToUpperInvariant())] },
        "LIMITS" => WithLimits(words),
        _ => this,
    };

    private ServerExtensions WithLimits(string[] words)
    {
        var found = this;
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            if (equals < 0 || !int.TryParse(word.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit == 0) continue;
            found = word[..equals].ToUpperInvariant() switch
            {
                "RCPTMAX" => found with { MaxRecipients = limit },
                "MAILMAX" => found with { MaxMessages = limit },
                _ => found,
            };
        }
        return found;
    }
}
