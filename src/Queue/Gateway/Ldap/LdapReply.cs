using System.Formats.Asn1;
using System.Text;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>What a directory server may answer to what is asked here (RFC 4511 §4).</summary>
public enum LdapReplyKind
{
    /// <summary>The result of a bind.</summary>
    Bound = 1,
    /// <summary>An entry that was found.</summary>
    Entry = 4,
    /// <summary>The end of a search.</summary>
    Done = 5,
    /// <summary>Another server that may know more.</summary>
    Reference = 19,
    /// <summary>The result of StartTLS, or word that the server ends the connection.</summary>
    Extended = 24,
}

/// <summary>One message of a directory server.</summary>
/// <param name="Id">Which request it answers; 0 for none.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Code">resultCode; 0 is success. Meaningless for entries and references.</param>
/// <param name="Text">diagnosticMessage, without control characters; may be empty.</param>
public sealed record LdapReply(int Id, LdapReplyKind Kind, int Code, string Text)
{
    /// <summary>Largest message that is taken: entries come without attributes, so all are short.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxText = 300;

    /// <summary>Octets of the message that begins here, head included; 0 where more must come first, -1 where none begins here or it is too long.</summary>
    public static int LengthOf(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 2) return 0;
        // A SEQUENCE of definite length (RFC 4511 §5.1).
        if (octets[0] != 0x30) return -1;
        if (octets[1] < 0x80) return 2 + octets[1];
        var count = octets[1] & 0x7F;
        if (count is 0 or > 4) return -1;
        if (octets.Length < 2 + count) return 0;
        long length = 0;
        foreach (var octet in octets.Slice(2, count)) length = (length << 8) | octet;
        return length > MaxLength ? -1 : (int)length + 2 + count;
    }

    /// <summary>Reads a whole message; null where it is none, or one that nothing here asks for.</summary>
    public static LdapReply? Parse(ReadOnlyMemory<byte> octets)
    {
        try
        {
            var message = new AsnReader(octets, AsnEncodingRules.BER).ReadSequence();
            if (!message.TryReadInt32(out var id)) return null;
            var tag = message.PeekTag();
            if (tag.TagClass != TagClass.Application || !Enum.IsDefined((LdapReplyKind)tag.TagValue)) return null;
            var kind = (LdapReplyKind)tag.TagValue;
            if (kind is LdapReplyKind.Entry or LdapReplyKind.Reference) return new LdapReply(id, kind, 0, "");
            var result = message.ReadSequence(tag);
            var code = result.ReadEnumeratedBytes();
            if (code.Length is 0 or > 2) return null;
            result.ReadOctetString();
            var text = Encoding.UTF8.GetString(result.ReadOctetString());
            return new LdapReply(id, kind, code.Length == 1 ? code.Span[0] : (code.Span[0] << 8) | code.Span[1], new string([.. text.Take(MaxText).Where(c => !char.IsControl(c))]));
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
