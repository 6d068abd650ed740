using System.Text;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Results;

/// <summary>The Authentication-Results fields that this server wrote into a message, gathered for an ARC set (RFC 8617 §4.1.1).</summary>
public static class OwnResults
{
    /// <summary>The results of all fields that bear <paramref name="authservId"/>, in their order, as one value without the id; null where there are none.</summary>
    public static string? Gather(ReadOnlyMemory<byte> message, string authservId)
    {
        var header = RawHeader.Parse(message);
        StringBuilder? gathered = null;
        foreach (var field in header.Fields)
        {
            if (!header.Is(field, "Authentication-Results"u8)) continue;
            var text = Encoding.UTF8.GetString(header.Value(field));
            var semicolon = text.IndexOf(';', StringComparison.Ordinal);
            if (semicolon < 0 || !Names(text.AsSpan(0, semicolon), authservId)) continue;
            gathered = gathered is null ? new StringBuilder() : gathered.Append(";\r\n\t");
            gathered.Append(text.AsSpan(semicolon + 1).Trim().TrimEnd(';'));
        }
        return gathered?.ToString();
    }

    // RFC 8601 §2.2: authserv-id [ CFWS authres-version ].
    private static bool Names(ReadOnlySpan<char> head, string authservId)
    {
        var id = head.Trim();
        if (id.IndexOfAny(" \t\r\n(") is > 0 and var end) id = id[..end];
        return id.Trim('"').Equals(authservId, StringComparison.OrdinalIgnoreCase);
    }
}
