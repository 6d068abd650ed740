using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What a policy asks of senders (RFC 8461 §5).</summary>
public enum StsMode
{
    /// <summary>Nothing: the domain has no policy any more.</summary>
    None,
    /// <summary>Report what would fail, and deliver.</summary>
    Testing,
    /// <summary>Deliver only to the servers named, over TLS with a certificate that is theirs.</summary>
    Enforce,
}

/// <summary>An MTA-STS policy (RFC 8461 §3.2): the servers of a domain and how they must prove themselves.</summary>
/// <param name="Mode">What it asks.</param>
/// <param name="MaxAge">How long it may be kept.</param>
/// <param name="Hosts">Its mx patterns, lower case: host names, or <c>*.</c> and a domain.</param>
/// <param name="Text">The document as it was read, for keeping and for reports.</param>
public sealed record StsPolicy(StsMode Mode, TimeSpan MaxAge, IReadOnlyList<string> Hosts, string Text)
{
    /// <summary>Octets of the largest document read (RFC 8461 §3.3 suggests 64 KB).</summary>
    public const int MaxLength = 64 * 1024;

    // RFC 8461 §3.2: about a year.
    private const long LongestAge = 31_557_600;
    private const int MaxHosts = 500;
    private const int MaxLines = 2000;

    /// <summary>Reads a document; false where it breaks the grammar, with the reason.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out StsPolicy? policy, out string problem)
    {
        policy = null;
        var lines = text.Split('\n', MaxLines + 1);
        if (text.Length > MaxLength || lines.Length > MaxLines)
        {
            problem = "it is too long";
            return false;
        }
        string? version = null, mode = null, age = null;
        List<string> hosts = [];
        foreach (var raw in lines)
        {
            var line = raw.AsSpan().TrimEnd('\r');
            if (line.IsWhiteSpace()) continue;
            var colon = line.IndexOf(':');
            if (colon <= 0)
            {
                problem = "a line is not a name, a colon and a value";
                return false;
            }
            var value = line[(colon + 1)..].Trim(" \t").ToString();
            // RFC 8461 §3.2: of a field that is there twice the first counts, except mx; fields that are not known are passed over.
            switch (line[..colon].Trim(" \t"))
            {
                case "version": version ??= value; break;
                case "mode": mode ??= value; break;
                case "max_age": age ??= value; break;
                case "mx" when !IsPattern(value):
                    problem = "an mx field names no host";
                    return false;
                case "mx" when hosts.Count < MaxHosts: hosts.Add(value.TrimEnd('.').ToLowerInvariant()); break;
            }
        }
        if (version != "STSv1")
        {
            problem = "its version is not STSv1";
            return false;
        }
        StsMode? asked = mode switch { "enforce" => StsMode.Enforce, "testing" => StsMode.Testing, "none" => StsMode.None, _ => null };
        if (asked is not { } known)
        {
            problem = "its mode is none of enforce, testing and none";
            return false;
        }
        if (!long.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || age!.Length > 10)
        {
            problem = "its max_age is no number of seconds";
            return false;
        }
        if (known != StsMode.None && hosts.Count == 0)
        {
            problem = "it names no mx";
            return false;
        }
        policy = new StsPolicy(known, TimeSpan.FromSeconds(Math.Min(seconds, LongestAge)), hosts, text);
        problem = "";
        return true;
    }

    /// <summary>Whether the policy names this host (RFC 8461 §4.1): itself, or by a pattern whose star stands for exactly one label.</summary>
    public bool Names(DomainName host)
    {
        foreach (var pattern in Hosts)
        {
            if (!pattern.StartsWith("*.", StringComparison.Ordinal))
            {
                if (pattern == host.Ascii) return true;
            }
            else if (host.Parent?.Ascii == pattern[2..]) return true;
        }
        return false;
    }

    /// <summary>Writes the document of a domain of ours.</summary>
    public static string Write(StsMode mode, DomainName host, TimeSpan maxAge)
    {
        var text = new StringBuilder("version: STSv1\r\nmode: ").Append(mode.ToString().ToLowerInvariant()).Append("\r\n");
        text.Append("mx: ").Append(host.Ascii).Append("\r\n");
        return text.Append(CultureInfo.InvariantCulture, $"max_age: {(long)maxAge.TotalSeconds}\r\n").ToString();
    }

    // Internationalized names stand as A-labels (RFC 8461 §3.2).
    private static bool IsPattern(string value) =>
        DomainName.TryParse(value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value, out _) && Ascii.IsValid(value);
}
