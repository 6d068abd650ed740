using System.Text;
using Sternpost.Messages.Structure;

namespace Sternpost.Unit.Messages.Structure;

public sealed class MessageStructureTests
{
    private static string Slice(string message, PartStructure part) => message.Substring((int)part.BodyOffset, (int)part.BodyLength);

    private static MessageStructure Parse(string message) => MessageStructure.Parse(Encoding.Latin1.GetBytes(message));

    [Fact]
    public void A_plain_message_has_its_envelope_and_body()
    {
        var message = Parse("""
            Date: Thu, 1 Oct 2026 10:00:00 +0000
            From: "Doe, Jane" <jane@example.org>, bob@example.net (Bob)
            To: Friends: a@example.org, B <b@example.org>;, <@relay:c@example.org>
            Subject: folded
             subject
            Message-ID: <1@example.org>

            body

            """.ReplaceLineEndings("\r\n"));
        var envelope = message.Envelope;
        Assert.Equal("Thu, 1 Oct 2026 10:00:00 +0000", envelope.Date);
        Assert.Equal("folded subject", envelope.Subject);
        Assert.Equal([new("Doe, Jane", "jane", "example.org"), new("Bob", "bob", "example.net")], envelope.From);
        Assert.Equal([new(null, "Friends", null), new(null, "a", "example.org"), new("B", "b", "example.org"), new(null, null, null), new(null, "c", "example.org")], envelope.To);
        Assert.Equal("<1@example.org>", envelope.MessageId);
        Assert.Null(envelope.InReplyTo);
        Assert.Empty(envelope.Cc);
        Assert.Equal(("text", "plain", "7bit", 6L, 1), (message.Root.Type, message.Root.Subtype, message.Root.Encoding, message.Root.BodyLength, message.Root.Lines));
        Assert.Equal([new("charset", "us-ascii")], message.Root.Parameters);
    }

    [Fact]
    public void The_references_are_kept_from_their_end()
    {
        var ids = string.Join("\r\n ", Enumerable.Range(0, 500).Select(number => $"<{number}@example.org>"));
        var structure = Parse($"References: {ids}\r\n\r\n");
        Assert.Equal(4000, structure.Envelope.References!.Length);
        Assert.EndsWith("<499@example.org>", structure.Envelope.References, StringComparison.Ordinal);
        Assert.Equal(structure.Envelope.References, MessageStructure.TryRead(structure.ToBytes())!.Envelope.References);
    }

    [Fact]
    public void Each_part_of_a_nested_message_is_a_slice()
    {
        var text = """
            Content-Type: multipart/mixed; boundary="outer"

            preamble
            --outer
            Content-Type: multipart/alternative; boundary=outer1

            --outer1

            one
            --outer1
            Content-Type: TEXT/HTML; charset="utf-8"
            Content-Transfer-Encoding: Quoted-Printable

            <p>two

            --outer1--
            inner epilogue
            --outer
            Content-Type: message/rfc822

            Subject: three
            Content-Type: text/plain

            three
            --outer
            Content-Disposition: ATTACHMENT; filename="a \"b\".txt"
            --outer--
            epilogue

            """.ReplaceLineEndings("\r\n");
        var root = Parse(text).Root;
        Assert.Equal(3, root.Children.Count);
        var alternative = root.Children[0];
        Assert.Equal(["one", "<p>two\r\n"], alternative.Children.Select(part => Slice(text, part)));
        Assert.EndsWith("--outer1--\r\ninner epilogue", Slice(text, alternative), StringComparison.Ordinal);
        Assert.Equal(("html", "quoted-printable", 1), (alternative.Children[1].Subtype, alternative.Children[1].Encoding, alternative.Children[1].Lines));
        var embedded = root.Children[1];
        Assert.Equal("three", embedded.Message!.Envelope.Subject);
        Assert.Equal("three", Slice(text, embedded.Message.Root));
        Assert.StartsWith("Subject: three", Slice(text, embedded), StringComparison.Ordinal);
        Assert.Equal(4, embedded.Lines);
        var cut = root.Children[2];
        Assert.Equal(("attachment", 0L), (cut.Disposition, cut.BodyLength));
        Assert.Equal("a \"b\".txt", cut.DispositionParameters[0].Value);
        Assert.EndsWith("epilogue\r\n", Slice(text, root), StringComparison.Ordinal);
    }

    [Fact]
    public void A_multipart_that_is_never_closed_ends_with_its_parent()
    {
        var text = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--a\n\ny\n";
        var root = Parse(text).Root;
        Assert.Equal(2, root.Children.Count);
        Assert.Equal("x", Slice(text, Assert.Single(root.Children[0].Children)));
        Assert.Equal("y\n", Slice(text, root.Children[1]));
    }

    [Fact]
    public void Parts_of_a_digest_are_messages_by_default()
    {
        var text = "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\nSubject: x\r\n\r\nbody\r\n--a--\r\n";
        var part = Assert.Single(Parse(text).Root.Children);
        Assert.Equal(("message", "rfc822", "x"), (part.Type, part.Subtype, part.Message!.Envelope.Subject));
    }

    [Fact]
    public void A_boundary_in_pieces_is_joined()
    {
        var text = "Content-Type: multipart/mixed; boundary*0=ab; boundary*1=\"cd\"\r\n\r\n--abcd\r\n\r\nx\r\n--abcd--\r\n";
        Assert.Equal("x", Slice(text, Assert.Single(Parse(text).Root.Children)));
    }

    [Theory]
    [InlineData("text/plain; charset=us-ascii (Plain text)", "charset", "us-ascii")]
    [InlineData("text/plain; (a (nested) comment) charset=utf-8", "charset", "utf-8")]
    [InlineData("text/plain; name=my file.txt", "name", "my file.txt")]
    [InlineData("text/plain; NAME=\"a;b\"; x=y", "name", "a;b")]
    [InlineData("text/plain; name*0*=utf-8''a%20; name*1=b", "name*0*", "utf-8''a%20")]
    [InlineData("text/plain; ; =; x; name = \"v\"", "name", "v")]
    [InlineData("text/plain; name=\"never closed", "name", "never closed")]
    public void Parameters_are_read_tolerantly(string field, string name, string value)
    {
        var root = Parse($"Content-Type: {field}\r\n\r\n").Root;
        Assert.Equal(("text", "plain"), (root.Type, root.Subtype));
        Assert.Contains(new KeyValuePair<string, string>(name, value), root.Parameters);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("")]
    [InlineData("te\"xt/x")]
    [InlineData("/")]
    [InlineData("text/")]
    public void An_unreadable_content_type_is_plain_text(string field)
    {
        var root = Parse($"Content-Type: {field}\r\n\r\nx").Root;
        Assert.Equal(("text", "plain"), (root.Type, root.Subtype));
    }
}
