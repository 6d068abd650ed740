using System.Buffers;
using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Text;

namespace Sternpost.MailAuth.Results;

/// <summary>
/// The name at the head of an Authentication-Results field (RFC 8601 §2.2). One reading of it for cutting what others wrote in our name and
/// for believing what we wrote ourselves, so that nothing can pass between the two.
/// </summary>
public static class AuthservId
{
    private static readonly SearchValues<byte> AfterName = SearchValues.Create(" \t\r\n;(/"u8);

    /// <summary>True where the value of a field, from behind its colon, names this host as the one who judged.</summary>
    public static bool Is(ReadOnlySpan<byte> value, DomainName host)
    {
        // authres-payload = [CFWS] authserv-id [ CFWS authres-version ] …, where authserv-id = value (RFC 2045), which may be quoted.
        if (!CommentsAndSpace.TrySkip(ref value) || value.IsEmpty) return false;
        string name;
        if (value[0] == '"')
        {
            var end = value[1..].IndexOf((byte)'"');
            if (end < 0) return false;
            name = Encoding.UTF8.GetString(value[1..(end + 1)]).Replace("\\", "", StringComparison.Ordinal);
        }
        else
        {
            var end = value.IndexOfAny(AfterName);
            name = Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
        }
        // Through DomainName, so that case, a trailing dot and U-labels hide nothing.
        return DomainName.TryParse(name.Trim(), out var claimed) && claimed == host;
    }
}
