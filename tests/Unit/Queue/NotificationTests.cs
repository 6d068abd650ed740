using System.Text;
using MimeKit;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue;
using Sternpost.Queue.Bounces;
using Sternpost.Smtp.Client;

namespace Sternpost.Unit.Queue;

/// <summary>Notifications as others read them: people the text, programs the fields, both with a parser we did not write.</summary>
public class NotificationTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 2, 9, 30, 0, TimeSpan.Zero);
    private static readonly EmailAddress Sender = EmailAddress.Parse("alice@example.com");
    private static readonly byte[] Original = "Received: by test\r\nFrom: alice@example.com\r\nSubject: Minutes\r\n\r\nsecret body\r\n"u8.ToArray();

    [Fact]
    public void The_fields_are_what_RFC_3464_asks_for()
    {
        var message = new ReportedMessage(1234, Sender, "QQ314159", DsnReturn.Default, Now.AddDays(-1));
        var report = new RecipientReport(
            new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test"), DsnNotify.Default, "rfc822;Bob@old.test"), DsnAction.Failed, "5.1.1", "mx.dest.test answered: 550 5.1.1 No such user",
            "mx.dest.test", new SmtpReply(550, "5.1.1", ["No such user"]), Now);
        var notice = Parse(message, [report]);

        var parts = Assert.IsType<MultipartReport>(notice.Body);
        Assert.Equal(("multipart/report", "delivery-status"), (parts.ContentType.MimeType, parts.ReportType));
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], parts.Select(part => part.ContentType.MimeType));
        var groups = Assert.IsType<MessageDeliveryStatus>(parts[1]).StatusGroups;
        Assert.Equal("QQ314159", groups[0]["Original-Envelope-Id"]);
        Assert.Equal("dns; mail.example.com", groups[0]["Reporting-MTA"]);
        Assert.Equal("Fri, 01 May 2026 09:30:00 +0000", groups[0]["Arrival-Date"]);
        Assert.Equal("rfc822;Bob@old.test", groups[1]["Original-Recipient"]);
        Assert.Equal("rfc822; bob@dest.test", groups[1]["Final-Recipient"]);
        Assert.Equal("failed", groups[1]["Action"]);
        Assert.Equal("5.1.1", groups[1]["Status"]);
        Assert.Equal("dns; mx.dest.test", groups[1]["Remote-MTA"]);
        Assert.Equal("smtp; 550 5.1.1 No such user", groups[1]["Diagnostic-Code"]);
        Assert.Equal("auto-replied", notice.Headers["Auto-Submitted"]);
        Assert.Equal("alice@example.com", notice.To.Mailboxes.Single().Address);
    }

    [Theory]
    [InlineData("5.1.1", 550, "Your message to bob@dest.test was not delivered:\nthere is no mailbox with that name at dest.test.\n")]
    [InlineData("5.0.0", 550, "Your message to bob@dest.test was not delivered:\nthe address was not accepted.\n")]
    [InlineData("5.2.2", 552, "Your message to bob@dest.test was not delivered:\nthe recipient's mailbox is full.\n")]
    [InlineData("5.7.26", 550, "Your message to bob@dest.test was not delivered:\nit failed the sender checks (SPF, DKIM) of the recipient's server.\n")]
    [InlineData("5.99.99", 554, "Your message to bob@dest.test was not delivered:\nthe recipient's server refused it by its rules.\n")]
    [InlineData("5.4.7", null, "Your message to bob@dest.test was not delivered:\nit could not be delivered in the time allowed.\n")]
    public void The_first_sentence_says_what_happened(string status, int? code, string words)
    {
        var reply = code is { } number ? new SmtpReply(number, status, ["words of the server"]) : null;
        var notice = Parse(Message(), [Report(DsnAction.Failed, status) with { Reply = reply }]);
        Assert.StartsWith(words, notice.TextBody!.Replace("\r\n", "\n"));
        Assert.Equal("Not delivered: your message to bob@dest.test", notice.Subject);
    }

    [Fact]
    public void What_this_server_itself_would_not_do_is_said_in_its_own_words()
    {
        var notice = Parse(Message(), [Report(DsnAction.Failed, "5.3.2") with { Reason = "dest.test lies beyond this computer" }]);
        Assert.StartsWith("Your message to bob@dest.test was not delivered:\ndest.test lies beyond this computer.\n", notice.TextBody!.Replace("\r\n", "\n"));
    }

    [Fact]
    public void A_delay_is_no_alarm()
    {
        var notice = Parse(Message(), [Report(DsnAction.Delayed, "4.4.1") with { RetryUntil = Now.AddDays(4) }]);
        Assert.StartsWith("Your message to bob@dest.test has not been delivered yet. You need not do\nanything: this server goes on trying until Wed, 6 May 2026 09:30 UTC.\n", notice.TextBody!.Replace("\r\n", "\n"));
        Assert.Equal("Wed, 06 May 2026 09:30:00 +0000", ((MessageDeliveryStatus)((MultipartReport)notice.Body!)[1]).StatusGroups[1]["Will-Retry-Until"]);
    }

    // RFC 3461 §4.3: the whole message only with a failure and only where it was asked for.
    [Theory]
    [InlineData(DsnReturn.Default, false)]
    [InlineData(DsnReturn.Headers, false)]
    [InlineData(DsnReturn.Full, true)]
    public void The_body_comes_back_only_where_it_was_asked_for(DsnReturn wish, bool whole)
    {
        var octets = NotificationMessage.Write(77, "mail.example.com", Now, Sender, Message() with { Return = wish }, [Report(DsnAction.Failed, "5.1.1")], Original);
        Assert.Equal(whole, Encoding.ASCII.GetString(octets).Contains("secret body"));
        Assert.Equal(whole ? "message/rfc822" : "text/rfc822-headers", ((MultipartReport)Load(octets).Body!)[2].ContentType.MimeType);
        var delayed = NotificationMessage.Write(77, "mail.example.com", Now, Sender, Message() with { Return = wish }, [Report(DsnAction.Delayed, "4.4.1")], Original);
        Assert.DoesNotContain("secret body", Encoding.ASCII.GetString(delayed));
    }

    // RFC 6533 §3.
    [Fact]
    public void Addresses_beyond_ASCII_are_reported_in_UTF_8_under_the_types_made_for_them()
    {
        var report = Report(DsnAction.Failed, "5.1.1") with { Recipient = new EnvelopeRecipient(EmailAddress.Parse("jürgen@dest.test")) };
        var notice = Parse(Message(), [report], Encoding.UTF8.GetBytes("Subject: Grüße\r\n\r\nx\r\n"));
        var parts = (MultipartReport)notice.Body!;
        Assert.Equal(["text/plain", "message/global-delivery-status", "message/global-headers"], parts.Select(part => part.ContentType.MimeType));
        using var fields = new MemoryStream();
        ((MimePart)parts[1]).Content!.DecodeTo(fields);
        Assert.Contains("\r\nFinal-Recipient: utf-8; jürgen@dest.test\r\n", Encoding.UTF8.GetString(fields.ToArray()).ReplaceLineEndings("\r\n"));
        Assert.Contains("jürgen@dest.test", notice.TextBody);
        // The way back to a plain address needs no SMTPUTF8.
        Assert.Equal("Not delivered: your message to jürgen@dest.test", notice.Subject);
        Assert.All(notice.Headers, field => Assert.True(Ascii.IsValid(field.RawValue), field.Field));
    }

    [Fact]
    public void Nothing_a_server_or_a_sender_wrote_adds_a_field_or_a_part()
    {
        var report = Report(DsnAction.Failed, "5.1.1") with
        {
            Recipient = new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test"), DsnNotify.Default, "rfc822;x\r\nAction: delivered"),
            RemoteHost = "mx\r\nAction: delivered",
            Reply = new SmtpReply(550, "5.1.1", ["no\r\n--report-2d\r\n", "\r\nAction: delivered\r\n\r\nX: y"]),
        };
        var notice = Parse(Message() with { EnvelopeId = "a\r\nAction: delivered" }, [report]);
        var parts = (MultipartReport)notice.Body!;
        Assert.Equal(3, parts.Count);
        var groups = ((MessageDeliveryStatus)parts[1]).StatusGroups;
        Assert.Equal(2, groups.Count);
        Assert.Equal("failed", groups[1]["Action"]);
    }

    [Fact]
    public void Several_recipients_share_a_notice_and_each_has_its_reason()
    {
        var other = Report(DsnAction.Failed, "5.2.2") with { Recipient = new EnvelopeRecipient(EmailAddress.Parse("carol@dest.test")) };
        var notice = Parse(Message(), [Report(DsnAction.Failed, "5.1.1"), other]);
        Assert.Equal("Not delivered: your message to 2 recipients", notice.Subject);
        Assert.Equal(3, ((MessageDeliveryStatus)((MultipartReport)notice.Body!)[1]).StatusGroups.Count);
        Assert.Contains("there is no mailbox with that name at dest.test", notice.TextBody);
        Assert.Contains("the recipient's mailbox is full", notice.TextBody);
    }

    [Theory]
    [InlineData(DsnNotify.Default, true, true, false)]
    [InlineData(DsnNotify.Never, false, false, false)]
    [InlineData(DsnNotify.Success, false, false, true)]
    [InlineData(DsnNotify.Failure, true, false, false)]
    [InlineData(DsnNotify.Delay, false, true, false)]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay | DsnNotify.Success, true, true, true)]
    public void What_is_told_is_what_was_asked_for(DsnNotify wish, bool failed, bool delayed, bool relayed)
    {
        var recipient = new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test"), wish);
        Assert.Equal((failed, delayed, relayed), (
            (Report(DsnAction.Failed, "5.1.1") with { Recipient = recipient }).IsWanted,
            (Report(DsnAction.Delayed, "4.4.1") with { Recipient = recipient }).IsWanted,
            (Report(DsnAction.Relayed, "2.0.0") with { Recipient = recipient }).IsWanted));
    }

    [Theory]
    [InlineData("mx.dest.test answered: 450 4.2.0 Greylisted", "the recipient's server asks servers it does not know to come back once (mx.dest.test answered: 450 4.2.0 Greylisted)")]
    [InlineData("mx.dest.test answered: 550 No", "the address was not accepted (mx.dest.test answered: 550 No)")]
    [InlineData("dest.test cannot be looked up in DNS at the moment", "dest.test cannot be looked up in DNS at the moment")]
    [InlineData(null, "not tried yet")]
    public void The_last_reply_is_explained(string? reply, string words) =>
        Assert.Equal(words, QueueInspection.InWords(new(1, 1, new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test")), 1, Now, reply, false, false)));

    private static ReportedMessage Message() => new(1234, Sender, null, DsnReturn.Default, Now.AddDays(-1));

    private static RecipientReport Report(DsnAction action, string status) =>
        new(new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test")), action, status, "mx.dest.test did not answer", LastAttempt: Now);

    private static MimeMessage Parse(ReportedMessage message, IReadOnlyList<RecipientReport> reports, byte[]? original = null) =>
        Load(NotificationMessage.Write(77, "mail.example.com", Now, Sender, message, reports, original ?? Original));

    private static MimeMessage Load(byte[] octets) => MimeMessage.Load(new MemoryStream(octets));
}
