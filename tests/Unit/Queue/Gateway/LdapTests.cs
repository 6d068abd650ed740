using System.Formats.Asn1;
using System.Text;
using CsCheck;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Gateway.Ldap;

namespace Sternpost.Unit.Queue.Gateway;

/// <summary>Filters are read by RFC 4515 and written by RFC 4511, with strangers' addresses in values alone; answers are read within bounds.</summary>
public sealed class LdapTests
{
    private static readonly EmailAddress Alice = EmailAddress.Parse("alice@example.com");

    [Theory]
    // RFC 4511 §4.5.1.7, octet by octet.
    [InlineData("(mail={address})", "A3 19 04046D61696C 0411616C696365406578616D706C652E636F6D")]
    [InlineData("(uid={local})", "A3 0C 0403756964 0405616C696365")]
    [InlineData("(&(a=*)(b={local}))", "A0 0F 870161 A30A 040162 0405616C696365")]
    [InlineData("(|(a={local}))", "A1 0C A30A 040161 0405616C696365")]
    [InlineData("(&(!(a=1))(b={local}))", "A0 16 A208 A306 040161 040131 A30A 040162 0405616C696365")]
    [InlineData("(p=smtp:{local}*x*)", "A4 14 040170 300F 800A736D74703A616C696365 810178")]
    [InlineData("(p=*{domain})", "A4 12 040170 300D 820B6578616D706C652E636F6D")]
    [InlineData(@"(p=\2a\28{local})", "A3 0C 040170 04072A28616C696365")]
    [InlineData("(&(u:1.2.3:=2)(b={local}))", "A0 1B A90D 8105312E322E33 820175 830132 A30A 040162 0405616C696365")]
    [InlineData("(a>={local})", "A5 0A 040161 0405616C696365")]
    [InlineData("(a<={local})", "A6 0A 040161 0405616C696365")]
    [InlineData("(a~={local})", "A8 0A 040161 0405616C696365")]
    public void A_filter_is_written_as_the_protocol_wants_it(string text, string octets)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        LdapFilter.Parse(text)!.Write(writer, Alice);
        Assert.Equal(octets.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(writer.Encode()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mail={address}")]
    [InlineData("(mail={address}")]
    [InlineData("(mail={address}))")]
    [InlineData("(=x{address})")]
    [InlineData("(&)")]
    [InlineData("(!(a={local})(b=1))")]
    [InlineData(@"(a=\2{local})")]
    [InlineData(@"(a=\zz{local})")]
    [InlineData("(a>=*{local})")]
    // Nobody, or everybody: nothing of the recipient is asked for.
    [InlineData("(objectClass=*)")]
    [InlineData("(mail=alice@example.com)")]
    [InlineData("(!(mail={address}))")]
    public void What_is_no_filter_for_a_recipient_is_refused(string text) => Assert.Null(LdapFilter.Parse(text));

    [Fact]
    public void No_address_changes_what_is_asked()
    {
        var filter = LdapFilter.Parse("(|(mail={address})(proxyAddresses=smtp:{address}))")!;
        foreach (var text in new[] { "\"*)(cn=*\"@example.com", "\"a(b)&|!\"@example.com", "\"\\\\2a\"@example.com", "*@example.com" })
        {
            var address = EmailAddress.Parse(text);
            var writer = new AsnWriter(AsnEncodingRules.BER);
            filter.Write(writer, address);
            var or = new AsnReader(writer.Encode(), AsnEncodingRules.BER).ReadSetOf(new Asn1Tag(TagClass.ContextSpecific, 1, true));
            foreach (var (attribute, before) in new[] { ("mail", ""), ("proxyAddresses", "smtp:") })
            {
                var equal = or.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3, true));
                Assert.Equal(attribute, Encoding.UTF8.GetString(equal.ReadOctetString()));
                Assert.Equal(before + address, Encoding.UTF8.GetString(equal.ReadOctetString()));
                Assert.False(equal.HasData);
            }
            Assert.False(or.HasData);
        }
    }

    [Theory]
    [InlineData("300C02010161070A010004000400", 1, LdapReplyKind.Bound, 0, "")]
    [InlineData("300C02010163070A010004000400", 0, null, 0, "")]
    [InlineData("3011020102610C0A01310400 0405 6E6F0A6974", 2, LdapReplyKind.Bound, 49, "noit")]
    [InlineData("300C02010365070A010404000400", 3, LdapReplyKind.Done, 4, "")]
    [InlineData("3009020103640404003000", 3, LdapReplyKind.Entry, 0, "")]
    [InlineData("300C02010378070A010004000400", 3, LdapReplyKind.Extended, 0, "")]
    public void Answers_are_read(string hexadecimal, int id, LdapReplyKind? kind, int code, string text)
    {
        var octets = Convert.FromHexString(hexadecimal.Replace(" ", "", StringComparison.Ordinal));
        var reply = LdapReply.Parse(octets);
        if (kind is null) Assert.Null(reply);
        else Assert.Equal(new LdapReply(id, kind.Value, code, text), reply);
    }

    [Fact]
    public void No_octets_break_the_reader() => Gen.Byte.Array[0, 80].Sample(
        octets =>
        {
            Assert.InRange(LdapReply.LengthOf(octets), -1, LdapReply.MaxLength + 6);
            LdapReply.Parse(octets);
            if (octets.Length > 2) LdapReply.Parse((byte[])[0x30, (byte)Math.Min(octets.Length, 120), 0x02, 0x01, 0x01, (byte)(0x60 | (octets[0] & 0x1F)), .. octets]);
        },
        iter: 20_000);
}
