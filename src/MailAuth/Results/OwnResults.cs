using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Results;

/// <summary>The Authentication-Results fields that this server wrote into a message, gathered for an ARC set (RFC 8617 §4.1.1).</summary>
public static class OwnResults
{
    /// <summary>The results of all fields that bear our name, in their order, as one value without the name; null where there are none.</summary>
    public static string? Gather(ReadOnlyMemory<byte> message, DomainName host)
    {
        var header = RawHeader.Parse(message);
        StringBuilder? gathered = null;
        foreach (var field in header.Fields)
        {
            if (!header.Is(field, "Authentication-Results"u8) || !AuthservId.Is(header.Value(field), host)) continue;
            var text = Encoding.UTF8.GetString(header.Value(field));
            var semicolon = text.IndexOf(';', StringComparison.Ordinal);
            if (semicolon < 0) continue;
            gathered = gathered is null ? new StringBuilder() : gathered.Append(";\r\n\t");
            gathered.Append(text.AsSpan(semicolon + 1).Trim().TrimEnd(';'));
        }
        return gathered?.ToString();
    }
}
