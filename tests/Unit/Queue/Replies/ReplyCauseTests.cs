using Sternpost.Dns;
using Sternpost.Queue.Replies;
using Sternpost.Smtp.Client;

namespace Sternpost.Unit.Queue.Replies;

/// <summary>What known receivers say, as it stands in logs, comes to the cause that is behind it.</summary>
public class ReplyCauseTests
{
    private static readonly DomainName Domain = DomainName.Parse("dest.test");

    [Theory]
    [InlineData("gmail-smtp-in.l.google.com", "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. https://support.google.com/mail/?p=UnsolicitedRateLimitError - gsmtp", "gmail.rate", CauseKind.Rate)]
    [InlineData("alt4.gmail-smtp-in.l.google.com", "421 4.7.0 [192.0.2.1 15] Our system has detected an unusual rate of unsolicited mail originating from your IP address.", "gmail.rate", CauseKind.Rate)]
    [InlineData("gmail-smtp-in.l.google.com", "550 5.7.26 Your email has been blocked because the sender is unauthenticated. - gsmtp", "gmail.unauthenticated", CauseKind.Authentication)]
    [InlineData("aspmx.l.google.com", "550 5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail.", "gmail.spam", CauseKind.Content)]
    [InlineData("aspmx.l.google.com", "550 5.1.1 The email account that you tried to reach does not exist. - gsmtp", "gmail.unknown", CauseKind.UnknownRecipient)]
    [InlineData("aspmx.l.google.com", "452 4.2.2 The recipient's inbox is out of storage space. - gsmtp", "gmail.full", CauseKind.MailboxFull)]
    [InlineData("hotmail-com.olc.protection.outlook.com", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).", "microsoft.blocked", CauseKind.Blocked)]
    [InlineData("hotmail-com.olc.protection.outlook.com", "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)", "microsoft.rate", CauseKind.Rate)]
    [InlineData("company.mail.protection.outlook.com", "550 5.7.511 Access denied, banned sender[192.0.2.1].", "microsoft.banned", CauseKind.Blocked)]
    [InlineData("company.mail.protection.outlook.com", "550 5.4.1 Recipient address rejected: Access denied.", "microsoft.unknown", CauseKind.UnknownRecipient)]
    [InlineData("mta7.am0.yahoodns.net", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1", "yahoo.rate", CauseKind.Rate)]
    [InlineData("mx01.mail.icloud.com", "550 5.7.1 [CS01] Message rejected due to local policy.", "apple.policy", CauseKind.Policy)]
    [InlineData("mx00.gmx.net", "554 gmx.net (mxgmx009) Nemesis ESMTP Service not available No SMTP service Bad DNS PTR resource record.", "gmx.reverseDns", CauseKind.ReverseDns)]
    [InlineData("mx-ha02.web.de", "554 Transaction failed Reject due to policy restrictions. For explanation visit https://postmaster.web.de/en/case?c=r1601", "gmx.policy", CauseKind.Policy)]
    [InlineData("mx03.t-online.de", "554 IP=192.0.2.1 - None/bad reputation. Ask your postmaster for help or to contact tosa@rx.t-online.de for reset. (NOWL)", "tonline.reputation", CauseKind.Reputation)]
    [InlineData("mx3.qq.com", "550 Ip frequency limited", "qq.rate", CauseKind.Rate)]
    [InlineData("163mx01.mxmail.netease.com", "451 MI:SFQ 163 mx8", "netease.rate", CauseKind.Rate)]
    [InlineData("mx1.company.test", "554 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "spamhaus.listed", CauseKind.Blocked)]
    [InlineData("mx1.company.test", "554 5.7.1 blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.1", "barracuda.blocked", CauseKind.Blocked)]
    [InlineData("mx1.company.test", "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using dnsbl.example", "list.listed", CauseKind.Blocked)]
    [InlineData("eu-smtp-inbound-1.mimecast.com", "451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451", "mimecast.greylist", CauseKind.Greylisting)]
    [InlineData("mx0a-00000001.pphosted.com", "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1", "proofpoint.blocked", CauseKind.Blocked)]
    [InlineData("mx.company.test", "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]", "any.ptr", CauseKind.ReverseDns)]
    [InlineData("mx.company.test", "450 4.2.0 <bob@dest.test>: Recipient address rejected: Greylisted", "any.greylist", CauseKind.Greylisting)]
    [InlineData("mx.company.test", "554 5.7.1 <bob@dest.test>: Relay access denied", "any.relay", CauseKind.Relay)]
    [InlineData("mx.company.test", "550 <bob@dest.test>: User unknown in virtual mailbox table", "any.unknown", CauseKind.UnknownRecipient)]
    [InlineData("mx.company.test", "552 Message size exceeds fixed maximum message size", "any.size", CauseKind.Size)]
    [InlineData("mx.company.test", "550 5.7.1 Message rejected as spam", "any.spam", CauseKind.Content)]
    public void A_known_reply_has_its_cause(string host, string reply, string id, CauseKind kind)
    {
        var cause = DeliveryCauses.OfRecorded($"{host} answered: {reply}", Domain);
        Assert.Equal((id, kind), (cause!.Id, cause.Kind));
        Assert.Equal(cause, DeliveryCauses.Find(id, Domain));
    }

    // The same words from a stranger mean less.
    [Fact]
    public void Codes_of_a_provider_count_only_from_its_own_servers() =>
        Assert.NotEqual("yahoo.rate", DeliveryCauses.OfRecorded("mx.yahoodns.net.evil.test answered: 421 4.7.0 [TSS04] Messages deferred", Domain)!.Id);

    [Theory]
    [InlineData("5.1.1", "status.1.1", CauseKind.UnknownRecipient)]
    [InlineData("4.4.1", "status.4.1", CauseKind.Unreachable)]
    [InlineData("4.4.3", "status.4.3", CauseKind.Dns)]
    [InlineData("4.7.5", "status.7.5", CauseKind.Tls)]
    [InlineData("5.9.9", "status.0.0", CauseKind.Other)]
    public void Without_a_reply_the_status_decides(string status, string id, CauseKind kind)
    {
        var cause = DeliveryCauses.Of("dest.test", status, null, Domain);
        Assert.Equal((id, kind), (cause.Id, cause.Kind));
        Assert.Equal(cause.Id, DeliveryCauses.Find(id, Domain)!.Id);
    }

    [Fact]
    public void The_table_is_whole()
    {
        var all = ProviderReplies.All.ToList();
        Assert.True(all.Count > 80);
        Assert.Distinct(all.Select(cause => cause.Id));
        Assert.All(all, cause =>
        {
            // Clauses after "…was not delivered:", so no capital and no full stop.
            Assert.Matches("^[a-zA-Z{].*[^.]$", cause.Cause);
            Assert.EndsWith(".", cause.Remedy);
            Assert.True(cause.Administrator.Length == 0 || cause.Administrator.EndsWith('.') || cause.Administrator.EndsWith(')'), cause.Administrator);
            Assert.True(cause.Link is null || Uri.TryCreate(cause.Link, UriKind.Absolute, out var link) && link.Scheme == "https", cause.Link);
        });
    }

    // A receiver may say anything.
    [Fact]
    public void Any_reply_has_a_cause()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(0, 3000)).Select(_ => (char)random.Next(1, 0x2100))]);
            var reply = new SmtpReply(550, random.Next(2) == 0 ? null : "5.7.1", [text]);
            Assert.NotEmpty(DeliveryCauses.Of("mx.test", reply.StatusOrDefault, reply, Domain).Cause);
            Assert.NotNull(DeliveryCauses.OfRecorded("mx.test answered: 550 " + text, Domain));
        }
    }
}
