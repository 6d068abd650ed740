using System.Text;
using CsCheck;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Unit.Smtp.Grammar;

/// <summary>Laws of the parsers, on octets nobody chose.</summary>
public sealed class GrammarTests
{
    // Octets that matter to the grammar, so that random text comes near to what is valid.
    private static readonly Gen<byte[]> Text = Gen.Int[0, 39].Select(pick => "<>@\"\\[]:;,.= \t+-_aZ09xFROMTSIEBDY6v{}()\u00fc"[pick] is var c && c < 0x80 ? new[] { (byte)c } : Encoding.UTF8.GetBytes("ü"))
        .Array[0, 60].Select(parts => parts.SelectMany(part => part).ToArray());

    [Fact]
    public void No_parser_throws_whatever_comes() => Gen.OneOf(Text, Gen.Byte.Array[0, 80]).Sample(octets =>
    {
        CommandLine.Split(octets, out _);
        CommandLine.IsText(octets);
        MailArgument.Parse(octets, esmtp: true, auth: true);
        MailArgument.Parse([.. "FROM:"u8, .. octets], esmtp: true, auth: true);
        MailArgument.Parse([.. "FROM:<a@b.example> "u8, .. octets], esmtp: true, auth: true);
        RcptArgument.Parse([.. "TO:"u8, .. octets], esmtp: true, smtpUtf8: true);
        RcptArgument.Parse([.. "TO:<a@b.example> ORCPT=utf-8;"u8, .. octets], esmtp: true, smtpUtf8: true);
        RcptArgument.Parse([.. "TO:<a@b.example> "u8, .. octets], esmtp: true, smtpUtf8: false);
        HelloArgument.Parse(octets);
        BdatArgument.Parse(octets);
        AuthArgument.Parse(octets);
        AuthArgument.Parse([.. "PLAIN "u8, .. octets]);
        SaslText.TryDecode(octets, out _);
        return true;
    }, iter: 50_000);

    [Fact]
    public void What_a_mailbox_reads_as_it_writes_and_reads_again()
    {
        Gen.OneOf(Text, Text.Select(octets => (byte[])[.. octets, .. "@b.example"u8]), Text.Select(octets => (byte[])[.. "\""u8, .. octets, .. "\"@b.example"u8])).Sample(octets =>
        {
            ReadOnlySpan<byte> rest = octets;
            if (Mailbox.Read(ref rest, out var address) != MailboxFault.None) return;
            Assert.NotEmpty(address!.LocalPart);
            // The directory's own reader must agree about what the address is.
            Assert.Equal(address, EmailAddress.Parse(address.ToString()));
            ReadOnlySpan<byte> written = Encoding.UTF8.GetBytes(address.ToString());
            // Quoting may lengthen a local-part beyond its limit.
            if (Mailbox.Read(ref written, out var again) == MailboxFault.TooLong) return;
            Assert.Equal(address, again);
            Assert.True(written.IsEmpty);
        }, iter: 50_000);
    }

    [Fact]
    public void Xtext_decodes_what_it_encodes() => Gen.Char[' ', '~'].Array[0, 40].Select(characters => new string(characters)).Sample(text =>
    {
        Assert.True(Xtext.TryDecode(Encoding.ASCII.GetBytes(Xtext.Encode(text)), out var decoded));
        Assert.Equal(text, decoded);
    });

    [Theory]
    [InlineData("+0", false)]
    [InlineData("+G0", false)]
    [InlineData("+0A", false)]
    [InlineData("a=b", false)]
    [InlineData("a b", false)]
    [InlineData("+2B+3D", true)]
    public void Xtext_refuses_what_is_none(string text, bool valid) => Assert.Equal(valid, Xtext.TryDecode(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("[192.0.2.1]", true)]
    [InlineData("[IPv6:2001:db8::1]", true)]
    [InlineData("[ipv6:::1]", true)]
    [InlineData("[IPv6:::ffff:192.0.2.1]", true)]
    [InlineData("[2001:db8::1]", false)]
    [InlineData("[IPv6:192.0.2.1]", false)]
    [InlineData("[192.0.2]", false)]
    [InlineData("[192.0.2.1.5]", false)]
    [InlineData("[0x7f.0.0.1]", false)]
    [InlineData("[IPv6:fe80::1%eth0]", false)]
    [InlineData("[300.0.2.1]", false)]
    [InlineData("[]", false)]
    [InlineData("[192.0.2.1", false)]
    public void Address_literals(string text, bool valid)
    {
        ReadOnlySpan<byte> rest = Encoding.ASCII.GetBytes(text);
        Assert.Equal(valid, AddressLiteral.TryRead(ref rest, out _) && rest.IsEmpty);
    }

    [Theory]
    [InlineData("rfc822;a@b.example", "rfc822;a@b.example")]
    [InlineData("X-Local;a+20b", "x-local;a b")]
    [InlineData("utf-8;gr\\x{FC}n@b.example", "utf-8;grün@b.example")]
    [InlineData("utf-8;grün@b.example", "utf-8;grün@b.example")]
    [InlineData("utf-8;\\x{1F600}", "utf-8;😀")]
    [InlineData("utf-8;\\x{D800}", null)]
    [InlineData("utf-8;\\x{0A}", null)]
    [InlineData("utf-8;\\x{}", null)]
    [InlineData("utf-8;\\x{FC", null)]
    [InlineData("utf-8;a\\b", null)]
    [InlineData("rfc822;", null)]
    [InlineData(";a", null)]
    [InlineData("rfc822", null)]
    public void Original_recipients(string value, string? decoded)
    {
        OriginalRecipient.TryDecode(Encoding.UTF8.GetBytes(value), out var actual);
        Assert.Equal(decoded, actual);
    }
}
