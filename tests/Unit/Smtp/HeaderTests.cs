using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Policy;
using Sternpost.Smtp.Policy.Mx;
using Sternpost.Smtp.Policy.Submission;

namespace Sternpost.Unit.Smtp;

/// <summary>Reading the header of a message: laws and edges.</summary>
public sealed class HeaderTests
{
    private static readonly DomainName Host = DomainName.Parse("mail.here.test");

    private static readonly Gen<byte[]> Header = Gen.Int[0, 11].Select(pick => new[]
    {
        "From", ":", " ", "\r\n", "\t", "Authentication-Results: mail.here.test; spf=pass\r\n", "Subject: x\r\n", "a@b.example", "<", ">", "(", ",",
    }[pick]).Array[0, 25].Select(parts => Encoding.ASCII.GetBytes(string.Concat(parts)));

    [Fact]
    public void The_fields_cover_the_header_without_gap_or_overlap() => Gen.OneOf(Header, Gen.Byte.Array[0, 60]).Sample(octets =>
    {
        var fields = new HeaderFields(octets);
        var end = 0;
        while (fields.Next())
        {
            Assert.Equal(end, fields.Start);
            Assert.True(fields.End > fields.Start);
            end = fields.End;
        }
        Assert.True(end == octets.Length || octets.AsSpan(end).StartsWith("\r\n"u8));
    }, iter: 20_000);

    [Fact]
    public void After_cutting_no_result_in_our_name_is_left_and_all_else_is() => Header.Sample(octets =>
    {
        var others = Fields(octets).Where(field => !field.StartsWith("Authentication-Results:", StringComparison.Ordinal)).ToList();
        var body = octets.AsSpan(Fields(octets).Sum(field => field.Length)).ToArray();
        var message = octets.ToArray();
        var length = ForgedResults.Cut(message, Host, out var cut);
        var left = message.AsSpan(0, length).ToArray();
        Assert.Equal(0, ForgedResults.Cut(left.ToArray(), Host, out _) - left.Length);
        if (cut == 0) Assert.Equal(octets, left);
        Assert.Equal(others, Fields(left).Take(others.Count));
        Assert.True(left.AsSpan().EndsWith(body));
    }, iter: 20_000);

    [Theory]
    [InlineData("a@b.example", "a@b.example")]
    [InlineData(" A <a@b.example>\r\n", "a@b.example")]
    [InlineData("\"x\" <a@b.example>, y@c.example", "a@b.example y@c.example")]
    [InlineData("(comment (nested)) a@b.example (more)", "a@b.example")]
    [InlineData("J. R. R. <a@b.example>", "a@b.example")]
    [InlineData("\"a\\\"b\" <\"q u\"@b.example>", "\"q u\"@b.example")]
    [InlineData("<a@b.example>", "a@b.example")]
    [InlineData("Grüße <a@b.example>", "a@b.example")]
    [InlineData("a@b.example,", null)]
    [InlineData(",a@b.example", null)]
    [InlineData("a@b.example c@d.example", null)]
    [InlineData("a@b.example <c@d.example>", null)]
    [InlineData("<a@b.example", null)]
    [InlineData("<@relay.example:a@b.example>", null)]
    [InlineData("a@b.example (unclosed", null)]
    [InlineData("\"unclosed <a@b.example>", null)]
    [InlineData("group: a@b.example;", null)]
    [InlineData("", null)]
    public void Lists_of_mailboxes(string value, string? expected)
    {
        var addresses = new List<EmailAddress>();
        var read = MailboxList.TryRead(Encoding.UTF8.GetBytes(value), addresses);
        Assert.Equal(expected, read ? string.Join(' ', addresses) : null);
    }

    [Fact]
    public void Lists_of_mailboxes_never_throw_and_end() => Gen.OneOf(Header, Gen.Byte.Array[0, 60], Gen.Int[0, 9].Select(pick => (byte)"a@b.c<>,(\""[pick]).Array[0, 40])
        .Sample(octets => { MailboxList.TryRead(octets, []); }, iter: 20_000);

    private static List<string> Fields(byte[] octets)
    {
        var list = new List<string>();
        var fields = new HeaderFields(octets);
        while (fields.Next()) list.Add(Encoding.Latin1.GetString(octets[fields.Start..fields.End]));
        return list;
    }
}
