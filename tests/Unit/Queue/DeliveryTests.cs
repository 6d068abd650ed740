using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Routing;
using Sternpost.Queue.Signing;
using Sternpost.Smtp.Client;

namespace Sternpost.Unit.Queue;

/// <summary>From the intake through the queue to another server's socket.</summary>
public class DeliveryTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_submission_leaves_at_once_with_its_trace_and_as_it_was()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();

        var message = Assert.Single(sink.Messages);
        Assert.Equal("alice@example.com", message.From);
        Assert.Equal(["b@dest.test"], message.Recipients);
        Assert.StartsWith("Received: by test\r\nFrom: alice@example.com\r\n", message.Data);
        Assert.EndsWith("\r\n\r\nHello.\r\n", message.Data);
        Assert.Empty(await queue.InboxAsync());
    }

    [Fact]
    public async Task What_waits_for_a_domain_that_becomes_ours_is_delivered_here()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "451 4.3.0 Later" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        queue.Domain("far.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test", "c@dest.test", "nobody@dest.test");
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync())[0].Recipients.All(recipient => recipient.Attempts == 1), "a first attempt");
        await queue.Directory.AddDomainAsync(DomainName.Parse("dest.test"), default);
        await queue.Directory.AddAliasAsync("b@dest.test", TestQueue.Alice, default);
        await queue.Directory.AddAliasAsync("c@dest.test", EmailAddress.Parse("friend@far.test"), default);
        sink.Answer = _ => null;
        await queue.AdvanceUntilAsync(Minute, queue.IsEmptyAsync, "delivery here");
        Assert.Equal(["friend@far.test"], sink.RecipientsTaken);
        var inbox = await queue.InboxAsync();
        Assert.Single(inbox, message => message.Subject == "hello");
        Assert.Single(inbox, message => message.ToString().Contains("nobody@dest.test") && message.ToString().Contains("Status: 5.1.1"));
    }

    [Fact]
    public async Task Mail_that_comes_soon_after_goes_over_the_same_connection()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { IdleTimeout = TimeSpan.FromSeconds(5) });
        queue.Domain("dest.test");
        await queue.StartAsync();
        for (var n = 0; n < 3; n++)
        {
            await queue.SubmitAsync("b@dest.test");
            await queue.EmptyAsync();
            await TestQueue.UntilAsync(() => queue.Runner!.Idle == 1, "the connection to be idle");
        }
        Assert.Equal((3, 1), (sink.Messages.Count, sink.Connections));
        queue.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(0, queue.Runner!.Idle);
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.Equal(2, sink.Connections);
    }

    // RFC 5321 §3.8: a server may close what is idle, and the next message must not suffer for it.
    [Theory]
    [InlineData("CLOSE")]
    [InlineData("421 4.4.2 Too long idle")]
    public async Task An_idle_connection_that_the_server_closed_is_replaced(string end)
    {
        await using var sink = new MailSink { Answer = command => command == "NOOP" ? end : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { IdleTimeout = TimeSpan.FromSeconds(5) });
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        await TestQueue.UntilAsync(() => queue.Runner!.Idle == 1, "the connection to be idle");
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.Equal((2, 2), (sink.Messages.Count, sink.Connections));
    }

    // RFC 6152 §3.
    [Theory]
    [InlineData("PIPELINING", true)]
    [InlineData("PIPELINING 8BITMIME", false)]
    public async Task A_server_of_seven_bits_gets_the_text_encoded_and_signed_as_it_is_sent(string extensions, bool encoded)
    {
        await using var sink = new MailSink { Extensions = extensions };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(DomainName.Parse("example.com"), default);
        foreach (var key in await keys.PublishedAsync(DomainName.Parse("example.com"), default)) queue.Zone.Txt($"{key.Selector}._domainkey.example.com", key.RecordText);
        await queue.StartAsync();
        await queue.SubmitAsync("hello", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"))], header: "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", body: "Grüße aus Köln.");
        await queue.EmptyAsync();
        var data = Encoding.UTF8.GetBytes(Assert.Single(sink.Messages).Data);
        Assert.Equal(encoded, Ascii.IsValid(data));
        using var message = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(data), TestContext.Current.CancellationToken);
        Assert.Equal("Grüße aus Köln.", message.TextBody!.TrimEnd());
        Assert.Contains(await DkimVerifier.VerifyAsync(data, queue.Time.GetUtcNow(), queue.Zone, default), result => result.Kind == DkimKind.Pass);
    }

    [Fact]
    public void A_header_of_eight_bits_has_no_form_in_seven() => Assert.Null(SevenBitForm.Of(Encoding.UTF8.GetBytes("Subject: Grüße\r\n\r\nplain\r\n")));

    [Fact]
    public void Whatever_a_message_is_its_form_in_seven_bits_is_ASCII_or_none() =>
        Gen.OneOf("Content-Type: multipart/mixed; boundary=x\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/plain; charset=nonsense\r\n", "Content-Transfer-Encoding: 8bit\r\n",
            "Content-Transfer-Encoding: base64\r\n", "MIME-Version: 1.0\r\n", "--x\r\n", "--x--\r\n", "\r\n", "ü", "\0", "\r", "a line\r\n", "From x\r\n", ":\r\n", "begin 644 x\r\n").Array[0, 20]
            .Sample(parts => Assert.True(SevenBitForm.Of(Encoding.UTF8.GetBytes(string.Concat(parts))) is not { } form || Ascii.IsValid(form)), iter: 3000);

    [Fact]
    public async Task Recipients_at_one_domain_share_a_transaction_of_at_most_a_hundred()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("one.test");
        queue.Domain("two.test");
        await queue.StartAsync();
        await queue.SubmitAsync([.. Enumerable.Range(0, 250).Select(n => $"u{n}@one.test"), "x@two.test", "y@two.test"]);
        await queue.EmptyAsync();

        Assert.Equal([2, 50, 100, 100], sink.Messages.Select(message => message.Recipients.Count).Order());
        Assert.Equal(252, sink.RecipientsTaken.Distinct().Count());
    }

    [Fact]
    public async Task What_is_deferred_is_tried_again_later_and_then_later_still()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "451 4.7.1 Greylisted" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        List<double> waits = [];
        foreach (var attempt in new[] { 1, 2, 3 })
        {
            await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(5), async () => (await queue.QueueAsync())[0].Recipients[0].Attempts == attempt, $"attempt {attempt}");
            var recipient = (await queue.QueueAsync())[0].Recipients[0];
            Assert.Equal("mx.dest.test answered: 451 4.7.1 Greylisted", recipient.LastReply);
            waits.Add((recipient.NextAttempt - queue.Time.GetUtcNow()).TotalMinutes);
        }
        // 5, 15 and 30 minutes, a tenth more or less; the clock runs on a little while the test looks.
        Assert.InRange(waits[0], 3, 5.5);
        Assert.InRange(waits[1], 11, 16.5);
        Assert.InRange(waits[2], 25, 33);
        Assert.Empty(sink.Messages);

        sink.Answer = _ => null;
        await queue.AdvanceUntilAsync(Minute, queue.IsEmptyAsync, "delivery");
        Assert.Single(sink.Messages);
        Assert.Empty(await queue.InboxAsync());
    }

    [Fact]
    public async Task A_recipient_refused_for_good_is_returned_once_and_the_others_are_delivered()
    {
        await using var sink = new MailSink { Answer = command => command.Contains("nobody") ? "550 5.1.1 No such user here" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test", "nobody@dest.test");
        await queue.EmptyAsync();

        Assert.Equal(["b@dest.test"], sink.RecipientsTaken);
        var notice = Assert.Single(await queue.InboxAsync());
        Assert.Equal("Not delivered: your message to nobody@dest.test", notice.Subject);
        Assert.Equal(("5.1.1", "failed"), Status(notice));
    }

    [Fact]
    public async Task After_its_time_a_message_is_returned_and_before_that_the_sender_is_warned_once()
    {
        await using var sink = new MailSink { Answer = command => command == "connect" ? "421 4.3.2 Not today" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        var submitted = queue.Time.GetUtcNow();
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(20), queue.IsEmptyAsync, "the end");

        var inbox = await queue.InboxAsync();
        Assert.Equal(["Still on its way: your message to b@dest.test", "Not delivered: your message to b@dest.test"], inbox.Select(message => message.Subject));
        Assert.Equal(("4.3.2", "delayed"), Status(inbox[0]));
        Assert.Equal(("5.4.7", "failed"), Status(inbox[1]));
        Assert.InRange(inbox[0].Date - submitted, TimeSpan.FromHours(4), TimeSpan.FromHours(12));
        Assert.InRange(inbox[1].Date - submitted, TimeSpan.FromDays(5), TimeSpan.FromDays(5) + TimeSpan.FromHours(6));
    }

    [Theory]
    [InlineData("nothere.test", "5.1.2", "there is no domain nothere.test")]
    [InlineData("null.test", "5.1.10", "null.test takes no mail at all")]
    [InlineData("loop.test", "5.4.6", "the mail would go round in circles")]
    [InlineData("noaddress.test", "5.4.4", "no mail server could be found for noaddress.test")]
    public async Task What_DNS_says_can_never_be_delivered_is_returned_at_once(string domain, string status, string words)
    {
        await using var queue = await TestQueue.OpenAsync(1);
        queue.Zone.Mx("null.test", 0, ".").Mx("loop.test", 10, "mail.example.com").Address("mail.example.com", "127.0.0.1").Mx("noaddress.test", 10, "nowhere.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@" + domain);
        await queue.EmptyAsync();
        var notice = Assert.Single(await queue.InboxAsync());
        Assert.Equal((status, "failed"), Status(notice));
        Assert.Contains(words, notice.TextBody);
    }

    [Fact]
    public async Task A_DNS_failure_waits()
    {
        await using var queue = await TestQueue.OpenAsync(1);
        queue.Zone.Fails("sick.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@sick.test");
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync())[0].Recipients[0].Attempts == 1, "an attempt");
        Assert.Equal("sick.test cannot be looked up in DNS at the moment", (await queue.QueueAsync())[0].Recipients[0].LastReply);
    }

    [Fact]
    public async Task Messages_to_one_domain_share_connections()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        for (var n = 0; n < 50; n++) await queue.SubmitAsync($"u{n}@dest.test");
        await queue.StartAsync();
        await queue.EmptyAsync();
        Assert.Equal(50, sink.RecipientsTaken.Distinct().Count());
        Assert.Equal(50, sink.Messages.Count);
        Assert.InRange(sink.MostOpen, 1, queue.Options.ConnectionsPerDestination);
        Assert.InRange(sink.Connections, 1, 2 * queue.Options.ConnectionsPerDestination);
    }

    [Fact]
    public async Task A_connection_carries_only_so_many_messages()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { MessagesPerConnection = 3, ConnectionsPerDestination = 1 });
        queue.Domain("dest.test");
        for (var n = 0; n < 10; n++) await queue.SubmitAsync($"u{n}@dest.test");
        await queue.StartAsync();
        await queue.EmptyAsync();
        Assert.Equal([3, 3, 3, 1], sink.Messages.GroupBy(message => message.Connection).OrderBy(group => group.Key).Select(group => group.Count()));
    }

    [Fact]
    public async Task Where_a_destination_cannot_be_reached_everything_due_there_waits_and_it_is_left_alone_for_a_while()
    {
        await using var sink = new MailSink { Answer = command => command == "connect" ? "CLOSE" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { ConnectionsPerDestination = 1 });
        queue.Domain("dest.test");
        for (var n = 0; n < 150; n++) await queue.SubmitAsync($"u{n}@dest.test");
        await queue.StartAsync();
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync()).All(entry => entry.Recipients[0].Attempts == 1), "all deferred");
        Assert.Equal(1, sink.Connections);

        // New mail does not knock again before the rest is over.
        await queue.SubmitAsync("late@dest.test");
        queue.Time.Advance(TimeSpan.FromSeconds(30));
        await Task.Delay(100);
        Assert.Equal(1, sink.Connections);
        sink.Answer = _ => null;
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(5), () => Task.FromResult(!sink.Messages.IsEmpty), "delivery");
        Assert.Equal(["late@dest.test"], sink.RecipientsTaken);
        await queue.AdvanceUntilAsync(Minute, queue.IsEmptyAsync, "the others");
        Assert.Equal(151, sink.RecipientsTaken.Distinct().Count());
        Assert.Equal(151, sink.Messages.Count);
    }

    [Fact]
    public async Task Destinations_that_hang_do_not_stand_in_the_way_of_others()
    {
        await using var slow = new MailSink("127.0.0.2") { Answer = command => command == "connect" ? "HANG" : null };
        await using var sink = new MailSink("127.0.0.1", slow.Port);
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { Connections = 2 });
        for (var n = 0; n < 4; n++) queue.Domain($"slow{n}.test", "127.0.0.2");
        queue.Domain("dest.test");
        await queue.StartAsync();
        for (var n = 0; n < 4; n++) await queue.SubmitAsync($"b@slow{n}.test");
        await TestQueue.UntilAsync(() => slow.Connections == 2, "both places taken");
        await queue.SubmitAsync("b@dest.test");
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => Task.FromResult(!sink.Messages.IsEmpty), "delivery past the slow ones");
    }

    [Fact]
    public async Task Where_one_server_does_not_answer_the_next_one_is_tried()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Zone.Mx("dest.test", 10, "dead.dest.test").Mx("dest.test", 20, "mx.dest.test").Address("dead.dest.test", "::1", "127.0.0.9").Address("mx.dest.test", "127.0.0.1");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_smarthost_takes_recipients_of_all_domains_in_one_transaction_and_no_DNS_is_asked_for_them()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(25, options => options with { Smarthost = new Smarthost("127.0.0.1", sink.Port, OutboundTls.None) });
        await queue.StartAsync();
        await queue.SubmitAsync("a@one.test", "b@two.test", "c@three.test");
        await queue.EmptyAsync();
        Assert.Equal(["a@one.test", "b@two.test", "c@three.test"], Assert.Single(sink.Messages).Recipients.Order());
        Assert.Equal(0, queue.Zone.Asked);
    }

    [Fact]
    public async Task A_static_route_goes_before_the_smarthost()
    {
        await using var sink = new MailSink();
        await using var routed = new MailSink();
        await using var queue = await TestQueue.OpenAsync(25, options => options with
        {
            Smarthost = new Smarthost("127.0.0.1", sink.Port, OutboundTls.None),
            Routes = new Dictionary<DomainName, StaticRoute> { [DomainName.Parse("inside.test")] = new("localhost", routed.Port) },
        });
        await queue.StartAsync();
        await queue.SubmitAsync("a@one.test", "b@inside.test");
        await queue.EmptyAsync();
        Assert.Equal(["a@one.test"], sink.RecipientsTaken);
        Assert.Equal(["b@inside.test"], routed.RecipientsTaken);
    }

    [Fact]
    public async Task The_demonstration_sends_nothing_beyond_this_computer_and_asks_nobody_where_to()
    {
        await using var queue = await TestQueue.OpenAsync(25, options => options with { LoopbackOnly = true, Smarthost = new Smarthost("192.0.2.1", 25, OutboundTls.None) });
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        Assert.Equal(0, queue.Zone.Asked);
        Assert.Contains("beyond this computer", Assert.Single(await queue.InboxAsync()).TextBody);
    }

    // RFC 3461 §5.2.1 and §5.2.2.
    [Theory]
    [InlineData("PIPELINING", true)]
    [InlineData("PIPELINING DSN", false)]
    public async Task Success_is_told_by_us_only_where_the_next_server_cannot(string extensions, bool told)
    {
        await using var sink = new MailSink { Extensions = extensions };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("hello", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"), DsnNotify.Success | DsnNotify.Failure)]);
        await queue.EmptyAsync();
        var inbox = await queue.InboxAsync();
        if (told) Assert.Equal(("2.0.0", "relayed"), Status(Assert.Single(inbox)));
        else Assert.Empty(inbox);
    }

    [Fact]
    public async Task NEVER_means_that_nothing_is_told()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "550 5.1.1 No" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("hello", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"), DsnNotify.Never)]);
        await queue.EmptyAsync();
        Assert.Empty(await queue.InboxAsync());
    }

    [Fact]
    public async Task A_server_that_breaks_off_time_and_again_gets_every_message_in_the_end()
    {
        var random = new Random(7);
        await using var sink = new MailSink();
        sink.Answer = command =>
        {
            lock (random) return random.Next(8) > 0 ? null : random.Next(2) == 0 ? "CLOSE" : "421 4.7.0 Slow down";
        };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        for (var n = 0; n < 30; n++) await queue.SubmitAsync($"u{n}@dest.test");
        await queue.StartAsync();
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(5), queue.IsEmptyAsync, "delivery");
        Assert.Equal(30, sink.RecipientsTaken.Distinct().Count());
        Assert.DoesNotContain(await queue.InboxAsync(), message => message.Subject!.StartsWith("Not delivered"));
    }

    internal static (string? Status, string? Action) Status(MimeKit.MimeMessage notice)
    {
        var report = Assert.IsType<MimeKit.MultipartReport>(notice.Body);
        Assert.Equal("delivery-status", report.ReportType);
        var group = Assert.Single(Assert.IsType<MimeKit.MessageDeliveryStatus>(report[1]).StatusGroups.Skip(1));
        return (group["Status"], group["Action"]);
    }
}
