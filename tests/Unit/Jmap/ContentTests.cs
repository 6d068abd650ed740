using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Submission;

namespace Sternpost.Unit.Jmap;

/// <summary>Messages as properties (RFC 8621 §4.1), and properties as messages (§4.6).</summary>
public sealed class ContentTests
{
    [Theory]
    [InlineData("header:Subject:asText", "Subject: =?utf-8?q?J=C3=B6rg?=\r\n  folded", "\"J\u00f6rg  folded\"")]
    [InlineData("header:Subject", "Subject: =?utf-8?q?J=C3=B6rg?=\r\n folded", "\" =?utf-8?q?J=C3=B6rg?=\\r\\n folded\"")]
    [InlineData("header:x-two:all", "X-Two: a\r\nx-TWO: b", "[\" a\",\" b\"]")]
    [InlineData("header:X-Two", "X-Two: a\r\nx-TWO: b", "\" b\"")]
    [InlineData("header:X-None", "X-Two: a", "null")]
    [InlineData("from", "From: \"Smith, J.\" <j@example.com>, k@example.com", "[{\"name\":\"Smith, J.\",\"email\":\"j@example.com\"},{\"name\":null,\"email\":\"k@example.com\"}]")]
    [InlineData("header:To:asGroupedAddresses", "To: a@x.com, Team: b@x.com, c@x.com;, d@x.com", "[{\"name\":null,\"addresses\":[{\"name\":null,\"email\":\"a@x.com\"}]},{\"name\":\"Team\",\"addresses\":[{\"name\":null,\"email\":\"b@x.com\"},{\"name\":null,\"email\":\"c@x.com\"}]},{\"name\":null,\"addresses\":[{\"name\":null,\"email\":\"d@x.com\"}]}]")]
    [InlineData("to", "To: Team: b@x.com;", "[{\"name\":null,\"email\":\"b@x.com\"}]")]
    [InlineData("messageId", "Message-ID: <a@b>", "[\"a@b\"]")]
    [InlineData("references", "References: <a@b>\r\n <c@d>", "[\"a@b\",\"c@d\"]")]
    [InlineData("inReplyTo", "In-Reply-To: nothing", "null")]
    [InlineData("sentAt", "Date: Thu, 30 Oct 2025 14:12:00 +0800", "\"2025-10-30T14:12:00+08:00\"")]
    [InlineData("sentAt", "Date: Thu, 30 Oct 2025 14:12:00 +0000", "\"2025-10-30T14:12:00Z\"")]
    [InlineData("header:List-Unsubscribe:asURLs", "List-Unsubscribe: <mailto:a@b>,\r\n <https://x/ y>", "[\"mailto:a@b\",\"https://x/y\"]")]
    public void Header_fields_come_in_their_forms(string property, string header, string value)
    {
        var document = Document(header + "\r\n\r\n");
        Assert.Equal(value, JsonText(HeaderProperty.Parse(property)!.Render(document.Headers)));
    }

    [Theory]
    [InlineData("header:From:asText")]
    [InlineData("header:Subject:asAddresses")]
    [InlineData("header:Date:asMessageIds")]
    [InlineData("header:Received:asText")]
    [InlineData("header:")]
    [InlineData("header:a b")]
    [InlineData("header:X:all:asText")]
    [InlineData("header:X:asNothing")]
    [InlineData("header:X:asText:all:more")]
    [InlineData("subject2")]
    public void Forms_that_a_field_cannot_have_are_no_properties(string property) => Assert.Null(HeaderProperty.Parse(property));

    [Theory]
    // RFC 8621 §4.1.4's own cases, in short: type, then its parts in brackets.
    [InlineData("text/plain", "1", "1", "")]
    [InlineData("text/html", "1", "1", "")]
    [InlineData("multipart/alternative(text/plain text/html)", "1", "2", "")]
    [InlineData("multipart/mixed(text/plain image/png text/plain)", "1 2 3", "1 2 3", "")]
    [InlineData("multipart/mixed(text/html application/pdf)", "1", "1", "2")]
    [InlineData("multipart/related(text/html image/png)", "1", "1", "2")]
    [InlineData("multipart/alternative(text/plain multipart/related(text/html image/png))", "1", "2.1", "2.2")]
    [InlineData("multipart/mixed(multipart/alternative(text/plain multipart/mixed(text/html image/png)) image/jpeg)", "1.1 2", "1.2.1 1.2.2 2", "1.2.2")]
    [InlineData("multipart/alternative(text/html)", "1", "1", "")]
    public void Parts_are_sorted_into_what_is_shown_and_what_is_attached(string shape, string text, string html, string attachments)
    {
        var lists = Document(Shape(shape)).Lists;
        Assert.Equal((text, html, attachments), (Ids(lists.Text), Ids(lists.Html), Ids(lists.Attachments)));

        static string Ids(IReadOnlyList<BodyPart> parts) => string.Join(' ', parts.Select(part => part.PartId));
    }

    [Fact]
    public void A_value_is_cut_between_characters_and_outside_of_tags()
    {
        var document = Document("Content-Type: text/plain; charset=utf-8\r\n\r\nr\u00e9sum\u00e9");
        Assert.Equal("r", BodyText.Value(document, document.Root, 2)["value"]!.GetValue<string>());
        Assert.True(BodyText.Value(document, document.Root, 2)["isTruncated"]!.GetValue<bool>());
        var html = Document("Content-Type: text/html\r\n\r\n<p>Hello <a href=\"x\">there</a></p>");
        Assert.Equal("<p>Hello ", BodyText.Value(html, html.Root, 14)["value"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("text/plain; charset=x-nobody", "caf\u00e9", true)]
    [InlineData("text/plain; charset=utf-8", "caf\u00e9", false)]
    [InlineData("text/plain", "plain", false)]
    public void A_charset_that_does_not_fit_is_told(string type, string text, bool problem) =>
        Assert.Equal(problem, BodyText.Of(Document($"Content-Type: {type}\r\n\r\n{text}"), Document($"Content-Type: {type}\r\n\r\n{text}").Root).IsProblem);

    [Fact]
    public async Task What_is_made_reads_back_as_it_was_asked_for()
    {
        var made = await ComposeAsync("""
            {"from":[{"name":"J\u00f6rg, Dr.","email":"j@example.com"}],"to":[{"name":null,"email":"k@example.com"}],"subject":"Gr\u00fc\u00dfe aus K\u00f6ln",
             "header:X-Two:asText:all":["a","b\u00f6"],"header:List-Post:asURLs":["mailto:l@example.com"],"inReplyTo":["1@x"],
             "textBody":[{"partId":"t","type":"text/plain"}],"htmlBody":[{"partId":"h","type":"text/html"}],
             "attachments":[{"blobId":"blob","type":"application/pdf","name":"\u00dcbersicht.pdf","disposition":"attachment"},{"blobId":"blob","type":"image/png","cid":"pic@x","disposition":"inline"}],
             "bodyValues":{"t":{"value":"Hallo\nWelt \u20ac"},"h":{"value":"<p>Hallo</p>"}}}
            """);
        var document = EmailDocument.Parse(made);
        Assert.Equal("[{\"name\":\"J\u00f6rg, Dr.\",\"email\":\"j@example.com\"}]", JsonText(HeaderProperty.Parse("from")!.Render(document.Headers)));
        Assert.Equal("\"Gr\u00fc\u00dfe aus K\u00f6ln\"", JsonText(HeaderProperty.Parse("subject")!.Render(document.Headers)));
        Assert.Equal("[\"a\",\"b\u00f6\"]", JsonText(HeaderProperty.Parse("header:X-Two:asText:all")!.Render(document.Headers)));
        Assert.Equal("[\"1@x\"]", JsonText(HeaderProperty.Parse("inReplyTo")!.Render(document.Headers)));
        Assert.NotNull(HeaderProperty.Parse("messageId")!.Render(document.Headers));
        Assert.Equal("Hallo\nWelt \u20ac", BodyText.Of(document, Assert.Single(document.Lists.Text)).Text.TrimEnd());
        Assert.Equal("text/html", Assert.Single(document.Lists.Html).MediaType);
        Assert.Equal(["\u00dcbersicht.pdf", null], document.Lists.Attachments.Select(part => part.Name).OrderByDescending(name => name));
        Assert.Equal("octets", Encoding.ASCII.GetString(document.Decoded(document.Lists.Attachments[0]).Span));
        Assert.DoesNotContain("\n", Encoding.UTF8.GetString(made).Replace("\r\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"headers":[]}""", "headers")]
    [InlineData("""{"header:Content-Type":"text/plain"}""", "header:Content-Type")]
    [InlineData("""{"subject":"a","header:Subject:asText":"b"}""", "header:Subject:asText")]
    [InlineData("""{"header:X:asRaw":" a\r\nBcc: b@example.com"}""", "header:X:asRaw")]
    [InlineData("""{"from":[{"name":"a\nb","email":"a@b.example"}]}""", "from")]
    [InlineData("""{"from":[{"email":"nobody at all"}]}""", "from")]
    [InlineData("""{"bodyStructure":{"type":"text/plain","partId":"1"}}""", "bodyValues/1")]
    [InlineData("""{"bodyStructure":{"type":"text/plain","partId":"1","blobId":"b"}}""", "bodyStructure")]
    [InlineData("""{"bodyStructure":{"type":"text/plain","partId":"1","charset":"x"},"bodyValues":{"1":{"value":""}}}""", "bodyStructure/charset")]
    [InlineData("""{"bodyStructure":{"type":"text/plain","partId":"1"},"textBody":[],"bodyValues":{"1":{"value":""}}}""", "textBody")]
    [InlineData("""{"textBody":[{"partId":"1","type":"text/html"}],"bodyValues":{"1":{"value":""}}}""", "textBody")]
    [InlineData("""{"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":"","isTruncated":true}}}""", "bodyValues/1/isTruncated")]
    [InlineData("""{"bodyStructure":{"type":"text/plain","partId":"1","header:Content-Transfer-Encoding":"8bit"},"bodyValues":{"1":{"value":""}}}""", "header:Content-Transfer-Encoding")]
    public async Task What_cannot_be_made_is_refused_by_its_property(string email, string property)
    {
        var refused = await Assert.ThrowsAsync<SetError>(async () => await ComposeAsync(email));
        Assert.Equal(("invalidProperties", property), (refused.Type, Assert.Single(refused.Properties)));
    }

    [Fact]
    public async Task Blobs_that_are_not_there_are_named()
    {
        var refused = await Assert.ThrowsAsync<SetError>(async () => await ComposeAsync("""{"attachments":[{"blobId":"x"},{"blobId":"y"}]}"""));
        Assert.Equal("blobNotFound", refused.Type);
        Assert.Equal("[\"x\",\"y\"]", refused.Details["notFound"]!.ToJsonString());
    }

    [Fact]
    public void Any_octets_are_a_document_whose_every_property_can_be_given()
    {
        var line = Gen.OneOf("From: a@b", "To: x: y;", "Subject: =?utf-8?b?w?=", "Content-Type: multipart/mixed; boundary=b", "Content-Type: text/html; charset=x", "--b", "--b--", "", "Content-Disposition: inline; filename*0*=utf-8''%", "Date: x", "<p", "\0\u00ff");
        Gen.OneOf(line.Array[0, 20].Select(lines => Encoding.Latin1.GetBytes(string.Join("\r\n", lines))), Gen.Byte.Array[0, 300]).Sample(octets =>
        {
            var document = EmailDocument.Parse(octets);
            foreach (var property in HeaderProperty.Convenient.Values) property.Render(document.Headers);
            BodyText.Preview(document);
            foreach (var part in document.Root.All().Where(part => part.PartId is not null)) BodyText.Value(document, part, 10);
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void Bcc_leaves_before_the_message_does()
    {
        var message = "From: a@b\r\nBcc: c@d,\r\n e@f\r\nTo: g@h\r\nbcc : i@j\r\n\r\nBcc: in the body\r\n"u8.ToArray();
        Assert.Equal("From: a@b\r\nTo: g@h\r\n\r\nBcc: in the body\r\n", Encoding.ASCII.GetString(SubmissionEnvelope.WithoutBcc(message).Span));
        byte[] without = [.. "To: g@h\r\n\r\nx"u8];
        Assert.Equal(without, SubmissionEnvelope.WithoutBcc(without).ToArray());
    }

    [Theory]
    [InlineData("The <b> word & others", "word", "The &lt;b&gt; <mark>word</mark> &amp; others")]
    [InlineData("sword and Word", "word", "sword and <mark>Word</mark>")]
    [InlineData("\u691c\u7d22\u7d50\u679c", "\u7d22\u7d50", "\u691c<mark>\u7d22\u7d50</mark>\u679c")]
    public void Snippets_are_HTML_with_marks(string text, string term, string html) => Assert.Equal(System.Net.WebUtility.HtmlDecode(html), System.Net.WebUtility.HtmlDecode(SnippetMethods.Marked(text, [term], 255)));

    private static EmailDocument Document(string message) => EmailDocument.Parse(Encoding.UTF8.GetBytes(message));

    private static string JsonText(JsonNode? node) => node is null ? "null" : Encoding.UTF8.GetString(Sternpost.Jmap.Http.Answers.ToBytes(node));

    private static async Task<byte[]> ComposeAsync(string email) =>
        await new EmailComposer("mail.example", TimeProvider.System, id => ValueTask.FromResult<ReadOnlyMemory<byte>?>(id == "blob" ? (ReadOnlyMemory<byte>?)"octets"u8.ToArray() : null)).ComposeAsync(JsonNode.Parse(email)!.AsObject());

    private static string Shape(string shape)
    {
        var at = 0;
        return Part();

        string Part()
        {
            var start = at;
            while (at < shape.Length && shape[at] is not ('(' or ')' or ' ')) at++;
            var type = shape[start..at];
            if (at == shape.Length || shape[at] != '(') return $"Content-Type: {type}\r\n\r\nx\r\n";
            var boundary = "b" + start;
            var text = new StringBuilder($"Content-Type: {type}; boundary={boundary}\r\n\r\n");
            do
            {
                at++;
                text.Append("--").Append(boundary).Append("\r\n").Append(Part());
            }
            while (at < shape.Length && shape[at] == ' ');
            at++;
            return text.Append("--").Append(boundary).Append("--\r\n").ToString();
        }
    }
}
