using System.Net.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Signing;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;
using Sternpost.Unit.SmtpClient;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary>MTA-STS, DANE and REQUIRETLS from the queue to a server that keeps them, or does not.</summary>
public sealed class ProtectedDeliveryTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly TestAuthority authority = new();
    private readonly TestAuthority stranger = new("stranger");

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    [Fact]
    public async Task Without_any_rule_a_bad_certificate_is_better_than_none_and_the_record_says_so()
    {
        await using var sink = new MailSink { Certificate = stranger.Shown(stranger.Leaf("other.test")) };
        await using var queue = await OpenAsync(sink, Dest);
        sink.Answer = Once("RCPT", "451 4.7.1 Later");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        var protection = await ProtectionAsync(queue);
        Assert.StartsWith("opportunistic: TLSv1.3 ", protection);
        Assert.Contains("certificate CN=other.test by CN=stranger", protection);
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.True(Assert.Single(sink.Messages).IsTls);
    }

    // RFC 8461 §5: mode enforce.
    [Theory]
    [InlineData("good", true, "")]
    [InlineData("expired", false, "has expired")]
    [InlineData("stranger", false, "not signed by a known authority")]
    [InlineData("othername", false, "is for another name")]
    [InlineData("stripped", false, "offers no TLS")]
    public async Task An_enforced_policy_delivers_to_a_proved_server_only(string shown, bool delivered, string reason)
    {
        await using var sink = new MailSink { Certificate = Shown(shown) };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        if (delivered)
        {
            await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
            Assert.True(Assert.Single(sink.Messages).IsTls);
            return;
        }
        var recipient = await WaitingAsync(queue);
        Assert.Contains(reason, recipient.LastReply);
        Assert.StartsWith("MTA-STS (enforce): TLS failed", recipient.LastProtection);
        if (shown != "stripped") Assert.Contains("turned down certificate CN=", recipient.LastProtection);
        var facts = recipient.LastProtectionFacts!;
        Assert.Equal((TransportRule.MtaSts, false, shown == "stripped" ? CertificateResult.NotSeen : CertificateResult.TurnedDown), (facts.Rule, facts.IsConnected, facts.CertificateResult));
        Assert.Equal(shown == "stripped", facts.Certificate is null);
        Assert.Equal(recipient.LastProtection, facts.ToString());
        Assert.Empty(sink.Messages);
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("stripped")]
    public async Task A_policy_in_testing_keeps_no_mail_back(string shown)
    {
        await using var sink = new MailSink { Certificate = Shown(shown) };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("testing", "elsewhere.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_host_that_the_policy_does_not_name_gets_no_mail()
    {
        await using var sink = new MailSink { Certificate = Shown("good") };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "*.other.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        Assert.Contains("not one of those its MTA-STS policy names", (await WaitingAsync(queue)).LastReply);
        Assert.Equal(0, sink.Connections);
    }

    // RFC 8461 §10.2: who can make the policy unreachable, or take its record away, must gain nothing for as long as it holds.
    [Fact]
    public async Task A_policy_once_fetched_stays_in_force_without_its_host_and_record_and_over_a_restart()
    {
        await using var sink = new MailSink { Certificate = Shown("good") };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.Equal(1, web.Requests);

        await queue.KillAndReopenAsync();
        sink.Certificate = null;
        web.Policy = null;
        queue.Zone.Remove("_mta-sts.dest.test").Txt("_mta-sts.dest.test", "v=STSv1; id=2");
        await queue.StartAsync();
        await queue.SubmitAsync("c@dest.test");
        Assert.Contains("offers no TLS", (await WaitingAsync(queue)).LastReply);
        Assert.Equal(2, web.Requests);
        queue.Zone.Remove("_mta-sts.dest.test");
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(1), async () => (await queue.QueueAsync())[0].Recipients[0].Attempts >= 2, "a second attempt");
        Assert.Single(sink.Messages);
        // The policy ends after its week, and with it what it asks.
        await queue.AdvanceUntilAsync(TimeSpan.FromHours(2), async () => await queue.IsEmptyAsync(), "the end of the message");
    }

    [Fact]
    public async Task A_new_id_brings_a_new_policy()
    {
        await using var sink = new MailSink { Certificate = Shown("expired") };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await WaitingAsync(queue);
        web.Policy = Policy("none", "mx.dest.test");
        queue.Zone.Remove("_mta-sts.dest.test").Txt("_mta-sts.dest.test", "v=STSv1; id=2");
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.Equal(2, web.Requests);
    }

    // RFC 8461 §3.3.
    [Theory]
    [InlineData("redirect")]
    [InlineData("wrong type")]
    [InlineData("too long")]
    [InlineData("wrong certificate")]
    [InlineData("silent")]
    public async Task A_policy_that_cannot_be_fetched_as_it_must_be_is_none(string fault)
    {
        await using var sink = new MailSink();
        await using var web = new PolicyHost(fault == "wrong certificate" ? stranger : authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test"), Fault = fault };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.Single(sink.Messages);
    }

    [Theory]
    [InlineData("good", 3, true)]
    [InlineData("expired", 3, true)]
    [InlineData("good", 2, true)]
    [InlineData("expired", 2, false)]
    [InlineData("othername", 2, false)]
    [InlineData("stripped", 3, false)]
    [InlineData("other key", 3, false)]
    public async Task TLSA_records_of_a_signed_zone_decide(string shown, int usage, bool delivered)
    {
        // Not the root itself, because servers do not show roots unless they mean to.
        using var middle = new TestAuthority("middle", authority);
        using var leaf = shown == "expired" ? middle.Leaf("mx.dest.test", expired: true) : shown == "othername" ? middle.Leaf("other.test") : middle.Leaf("mx.dest.test");
        await using var sink = new MailSink { Certificate = shown == "stripped" ? null : middle.Shown(leaf, authority) };
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            var named = shown == "other key" ? middle.Leaf("mx.dest.test") : usage == 2 ? middle.Certificate : leaf;
            zone.Secure("dest.test").Tlsa($"_{sink.Port}._tcp.mx.dest.test", usage, 1, 1, Convert.ToHexString(DaneTests.Record(usage, 1, 1, named).Data.Span));
        });
        // It has to wait once, so that its record can be read.
        if (delivered) sink.Answer = Once("RCPT", "451 4.7.1 Later");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        var recipient = await WaitingAsync(queue);
        if (!delivered)
        {
            Assert.StartsWith("DANE: TLS failed", recipient.LastProtection);
            Assert.Empty(sink.Messages);
            return;
        }
        Assert.Contains("certificate verified by TLSA", recipient.LastProtection);
        var facts = recipient.LastProtectionFacts!;
        Assert.Equal((TransportRule.Dane, true, CertificateResult.VerifiedByTlsa), (facts.Rule, facts.IsConnected, facts.CertificateResult));
        Assert.StartsWith("TLSv1.", facts.TlsVersion);
        Assert.NotEmpty(facts.CipherSuite!);
        Assert.Equal(leaf.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant(), facts.Certificate!.Sha256);
        Assert.Equal(leaf.NotAfter.ToUniversalTime(), facts.Certificate.NotAfter.UtcDateTime);
        Assert.Equal(recipient.LastProtection, facts.ToString());
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
    }

    // RFC 7672 §2.1.2: what cannot be found out is not taken for "no".
    [Fact]
    public async Task A_failing_TLSA_lookup_defers()
    {
        await using var sink = new MailSink { Certificate = Shown("good") };
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            zone.Secure("dest.test").Fails($"_{sink.Port}._tcp.mx.dest.test");
        });
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        Assert.Contains("TLSA", (await WaitingAsync(queue)).LastReply);
        Assert.Equal(0, sink.Connections);
    }

    [Fact]
    public async Task TLSA_records_of_an_unsigned_zone_say_nothing()
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            zone.Tlsa($"_{sink.Port}._tcp.mx.dest.test", 3, 1, 1, new string('0', 64));
        });
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.Single(sink.Messages);
    }

    // RFC 7672 §2.2: TLS is demanded, although none of the records can be used.
    [Fact]
    public async Task Records_of_unusable_kinds_demand_TLS_without_a_proof()
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            zone.Secure("dest.test").Tlsa($"_{sink.Port}._tcp.mx.dest.test", 1, 1, 1, new string('0', 64));
        });
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        Assert.Contains("offers no TLS", (await WaitingAsync(queue)).LastReply);
        sink.Certificate = stranger.Shown(stranger.Leaf("any.test"));
        await queue.AdvanceUntilAsync(Step, queue.IsEmptyAsync, "delivery");
        Assert.True(Assert.Single(sink.Messages).IsTls);
    }

    // RFC 8461 §2: a good certificate of a public authority does not excuse a wrong key.
    [Fact]
    public async Task MTA_STS_does_not_excuse_what_DANE_refuses()
    {
        await using var sink = new MailSink { Certificate = Shown("good") };
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test") };
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            zone.Secure("dest.test").Tlsa($"_{sink.Port}._tcp.mx.dest.test", 3, 1, 1, new string('0', 64));
        }, web);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        Assert.StartsWith("DANE: TLS failed", (await WaitingAsync(queue)).LastProtection);
    }

    // RFC 8689 §4.2.1.
    [Theory]
    [InlineData("keeps it", null)]
    [InlineData("does not offer it", "5.7.30")]
    [InlineData("unproved name", "5.7.30")]
    [InlineData("stripped", "5.7.10")]
    public async Task A_message_with_REQUIRETLS_goes_the_whole_way_protected_or_back(string server, string? status)
    {
        await using var sink = new MailSink { Certificate = server == "stripped" ? null : Shown("good"), TakesRequireTls = server != "does not offer it" };
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            if (server != "unproved name") zone.Secure("dest.test");
        });
        await queue.StartAsync();
        await queue.SubmitAsync("secret subject", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"))], DsnReturn.Full, requireTls: true);
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.DoesNotContain(sink.Messages, message => message.MailCommand.Contains("REQUIRETLS") && !message.IsTls);
        if (status is null)
        {
            Assert.Contains(sink.Messages, message => message.MailCommand.Contains("REQUIRETLS"));
            Assert.Equal(2, sink.Messages.Count);
            return;
        }
        Assert.DoesNotContain(sink.Messages, message => message.Data.Contains("secret subject"));
        Assert.Single(sink.Messages);
        var notification = Assert.Single(await queue.InboxAsync());
        Assert.Contains("Status: " + status, notification.ToString());
        // RFC 8689 §5: without the content, although RET=FULL was asked.
        Assert.DoesNotContain("Hello.", notification.ToString());
    }

    // RFC 8689 §4.2.1, §5: the demands are those of mail with a return-path.
    [Theory]
    [InlineData("keeps it", true)]
    [InlineData("does not offer it", false)]
    [InlineData("stripped", false)]
    public async Task A_bounce_of_a_message_with_REQUIRETLS_says_so_where_it_is_taken_and_is_not_lost_where_it_is_not(string server, bool marked)
    {
        await using var sink = new MailSink { Certificate = server == "stripped" ? null : Shown("good"), TakesRequireTls = server != "does not offer it" };
        await using var queue = await OpenAsync(sink, zone =>
        {
            Dest(zone);
            zone.Secure("dest.test");
        });
        await queue.StartAsync();
        var own = new ServerMail(queue.Database, queue.Directory, queue.Mail, new DkimMessageSigner(queue.Database, queue.Time).SignAsync, queue.Signal, queue.Options, queue.Time);
        Assert.True(await own.SendAsync(EmailAddress.Parse("b@dest.test"), "From: postmaster@example.com\r\nSubject: Not delivered\r\n\r\nx\r\n"u8.ToArray(), TransportNeed.RequireTls, null, default));
        await queue.EmptyAsync();
        var message = Assert.Single(sink.Messages);
        Assert.StartsWith("MAIL FROM:<>", message.MailCommand);
        Assert.Equal(marked, message.MailCommand.Contains("REQUIRETLS", StringComparison.Ordinal));
        Assert.Equal(server != "stripped", message.IsTls);
    }

    // RFC 8689 §3.
    [Fact]
    public async Task A_message_that_says_TLS_Required_No_is_delivered_whatever_the_policy_says()
    {
        await using var sink = new MailSink();
        await using var web = new PolicyHost(authority, "dest.test") { Policy = Policy("enforce", "mx.dest.test") };
        await using var queue = await OpenAsync(sink, Dest, web);
        await queue.StartAsync();
        await queue.SubmitAsync("usual", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"))]);
        await queue.SubmitAsync("open", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"))], header: "TLS-Required: No\r\n");
        await queue.AdvanceUntilAsync(Step, () => Task.FromResult(sink.Messages.Any(message => message.Data.Contains("Subject: open"))), "delivery of the open one");
        Assert.DoesNotContain(sink.Messages, message => message.Data.Contains("Subject: usual"));
        await TestQueue.UntilAsync(async () => await queue.QueueAsync() is [{ Message.Transport: TransportNeed.Usual }], "only the usual one left");
    }

    private SslStreamCertificateContext? Shown(string kind) => kind switch
    {
        "good" => authority.Shown(authority.Leaf("mx.dest.test")),
        "expired" => authority.Shown(authority.Leaf("mx.dest.test", expired: true)),
        "stranger" => stranger.Shown(stranger.Leaf("mx.dest.test")),
        "othername" => authority.Shown(authority.Leaf("mx.other.test")),
        _ => null,
    };

    private static string Policy(string mode, string mx) => $"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 604800\r\n";

    private static void Dest(ZoneResolver zone) => zone.Mx("dest.test", 10, "mx.dest.test").Address("mx.dest.test", "127.0.0.1");

    private async Task<TestQueue> OpenAsync(MailSink sink, Action<ZoneResolver> dns, PolicyHost? web = null)
    {
        var queue = await TestQueue.OpenAsync(sink.Port, options => options with
        {
            TrustedRoots = [authority.Certificate],
            PolicyPort = web?.Port ?? 443,
            PolicyTimeout = web?.Fault == "silent" ? TimeSpan.FromSeconds(20) : TimeSpan.FromDays(40),
            RestAfterFailure = TimeSpan.FromSeconds(5),
            GiveUpAfter = TimeSpan.FromDays(9),
        });
        dns(queue.Zone);
        if (web is not null) queue.Zone.Txt("_mta-sts.dest.test", "v=STSv1; id=1").Address("mta-sts.dest.test", "127.0.0.1");
        return queue;
    }

    private static Func<string, string?> Once(string verb, string answer)
    {
        var said = 0;
        return command => command.StartsWith(verb, StringComparison.Ordinal) && Interlocked.Exchange(ref said, 1) == 0 ? answer : null;
    }

    private static async Task<string> ProtectionAsync(TestQueue queue) => (await WaitingAsync(queue)).LastProtection!;

    private static async Task<Sternpost.Queue.Schedule.QueuedRecipient> WaitingAsync(TestQueue queue)
    {
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync()) is [{ Recipients: [{ Attempts: > 0 }] }], "an attempt that failed");
        return (await queue.QueueAsync())[0].Recipients[0];
    }
}
