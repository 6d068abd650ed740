using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Replies;
using Sternpost.Smtp.Client;

namespace Sternpost.Unit.Queue;

/// <summary>Bounces in the forms that servers write them: who failed, why, and what it means.</summary>
public class BounceReaderTests
{
    private const string Postfix = """
        From: MAILER-DAEMON@mail.sender.test (Mail Delivery System)
        To: alice@sender.test
        Subject: Undelivered Mail Returned to Sender
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

        --b1
        Content-Type: text/plain; charset=us-ascii

        I could not deliver it.

        --b1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.sender.test
        Original-Envelope-Id: QQ1
        Arrival-Date: Mon,  2 Feb 2026 10:00:00 +0000 (UTC)

        Final-Recipient: rfc822; bob@gmail.com
        Original-Recipient: rfc822;bob@gmail.com
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; gmail-smtp-in.l.google.com
        Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does
            not exist. - gsmtp

        Final-Recipient: rfc822; carol@slow.test
        Action: delayed
        Status: 4.4.1 (no answer)

        --b1
        Content-Type: message/rfc822

        From: alice@sender.test
        Subject: Hello
        Message-ID: <first@sender.test>

        Hi.

        --b1--
        """;

    private const string Qmail = """
        From: MAILER-DAEMON@far.test
        To: alice@sender.test
        Subject: failure notice

        Hi. This is the mail program at far.test.
        I am afraid I could not deliver your message, it is undeliverable.

        <bob@dest.test>:
        198.51.100.1 does not like recipient.
        Remote host said: 550 5.1.1 User unknown
        Giving up on 198.51.100.1.

        --- Below this line is a copy of the message.

        From: alice@sender.test
        someone@else.test
        """;

    private const string Exim = """
        X-Failed-Recipients: bob@dest.test
        From: Mail Delivery System <Mailer-Daemon@far.test>
        To: alice@sender.test
        Subject: Mail delivery failed: returning message to sender

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          bob@dest.test
            host mx.dest.test [198.51.100.1]
            SMTP error from remote mail server after end of data:
            554 5.7.1 blocked using zen.spamhaus.org
        """;

    [Fact]
    public void A_report_by_RFC_3464()
    {
        var bounce = Read(Postfix)!;
        Assert.Equal(("mail.sender.test", "QQ1", "first@sender.test"), (bounce.Reporter, bounce.EnvelopeId, bounce.OriginalMessageId));
        Assert.Equal(2, bounce.Recipients.Count);
        var failed = bounce.Recipients[0];
        Assert.Equal(("bob@gmail.com", "failed", "5.1.1", "gmail-smtp-in.l.google.com"), (failed.Address, failed.Action, failed.Status, failed.Host));
        Assert.Equal("gmail.unknown", failed.Cause!.Id);
        Assert.Equal(("carol@slow.test", "delayed", "4.4.1", CauseKind.Unreachable), (bounce.Recipients[1].Address, bounce.Recipients[1].Action, bounce.Recipients[1].Status, bounce.Recipients[1].Cause!.Kind));
    }

    [Theory]
    [InlineData(Qmail, "any.unknown", "5.1.1", null)]
    [InlineData(Exim, "spamhaus.listed", "5.7.1", "mx.dest.test")]
    public void What_is_written_for_people_only(string text, string cause, string status, string? host)
    {
        var failed = Assert.Single(Read(text)!.Recipients);
        Assert.Equal(("bob@dest.test", "failed", status, cause, host), (failed.Address, failed.Action, failed.Status, failed.Cause!.Id, failed.Host));
    }

    [Theory]
    [InlineData("From: bob@dest.test\n\nHello,\nbob@dest.test: is my address.\n")]
    [InlineData("")]
    [InlineData("From: mailer-daemon@far.test\n\nNothing here.\n")]
    public void What_is_no_bounce_is_not_taken_for_one(string text) => Assert.Null(Read(text));

    [Fact]
    public void Our_own_notices_are_read_back()
    {
        var message = new ReportedMessage(1234, EmailAddress.Parse("alice@example.com"), "QQ314159", DsnReturn.Default, DateTimeOffset.UtcNow);
        var report = new RecipientReport(new EnvelopeRecipient(EmailAddress.Parse("bob@dest.test")), DsnAction.Failed, "5.1.1", "mx.dest.test answered: 550 5.1.1 No such user", "mx.dest.test", new SmtpReply(550, "5.1.1", ["No such user"]), DateTimeOffset.UtcNow);
        var notice = NotificationMessage.Write(99, "mail.example.com", DateTimeOffset.UtcNow, EmailAddress.Parse("alice@example.com"), message, [report], "Message-ID: <orig@example.com>\r\nSubject: x\r\n\r\nbody\r\n"u8);
        var bounce = BounceReader.Read(notice)!;
        Assert.Equal(("mail.example.com", "QQ314159", "orig@example.com"), (bounce.Reporter, bounce.EnvelopeId, bounce.OriginalMessageId));
        Assert.Equal(("bob@dest.test", "any.unknown"), (Assert.Single(bounce.Recipients).Address, bounce.Recipients[0].Cause!.Id));
    }

    // Whatever comes, it is read or it is not.
    [Fact]
    public void Broken_bounces_do_no_harm()
    {
        var random = new Random(11);
        foreach (var sample in new[] { Postfix, Qmail, Exim })
        {
            for (var i = 0; i < 400; i++)
            {
                var octets = Octets(sample);
                for (var n = random.Next(1, 20); n > 0; n--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
                var reading = BounceReader.Read(octets.AsMemory(0, random.Next(octets.Length)));
                Assert.True(reading is null || reading.Recipients.Count > 0);
            }
        }
    }

    private static BounceReading? Read(string text) => BounceReader.Read(Octets(text));

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text.ReplaceLineEndings("\r\n"));
}
