using System.Formats.Asn1;
using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>The requests that are made (RFC 4511 §4).</summary>
internal static class LdapRequests
{
    // RFC 4511 §4.14.1.
    private const string StartTlsName = "1.3.6.1.4.1.1466.20037";

    private enum Scope
    {
        WholeSubtree = 2,
    }

    private enum Aliases
    {
        Always = 3,
    }

    internal static byte[] StartTls(int id) => Message(id, 23, writer => writer.WriteOctetString(Encoding.ASCII.GetBytes(StartTlsName), new Asn1Tag(TagClass.ContextSpecific, 0)));

    /// <summary>Simple bind; anonymous where both are empty (RFC 4513 §5.1.1).</summary>
    internal static byte[] Bind(int id, string name, string password) => Message(id, 0, writer =>
    {
        writer.WriteInteger(3);
        writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
        writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
    });

    /// <summary>Whether there is anybody: one entry, and of it no attribute ("1.1", RFC 4511 §4.5.1.8).</summary>
    internal static byte[] Search(int id, string baseName, LdapFilter filter, EmailAddress recipient, TimeSpan within) => Message(id, 3, writer =>
    {
        writer.WriteOctetString(Encoding.UTF8.GetBytes(baseName));
        writer.WriteEnumeratedValue(Scope.WholeSubtree);
        writer.WriteEnumeratedValue(Aliases.Always);
        writer.WriteInteger(1);
        writer.WriteInteger((int)Math.Ceiling(within.TotalSeconds));
        writer.WriteBoolean(true);
        filter.Write(writer, recipient);
        using (writer.PushSequence()) writer.WriteOctetString("1.1"u8);
    });

    private static byte[] Message(int id, int application, Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, application, isConstructed: true))) content(writer);
        }
        return writer.Encode();
    }
}
