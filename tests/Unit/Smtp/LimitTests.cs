using Sternpost.Smtp.Server;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>What one client may take: errors, unknown recipients, idle commands, messages, time.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Too_many_errors_end_the_session()
    {
        await using var host = await SmtpHost.StartAsync();
        await host.PlayAsync("S: 220 *\n" + string.Concat(Enumerable.Repeat("C: RUBBISH\nS: 500 5.5.1 *\n", 10)) + "C: RUBBISH\nS: 421 4.7.0 Too many errors*\nEND");
    }

    [Fact]
    public async Task Errors_are_answered_more_and_more_slowly()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { ErrorDelay = TimeSpan.FromMilliseconds(60) });
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        await host.PlayAsync("S: 220 *\n" + string.Concat(Enumerable.Repeat("C: RUBBISH\nS: 500 5.5.1 *\n", 8)));
        // Beyond the fifth: once, twice and three times the delay.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(340));
    }

    [Fact]
    public async Task Probing_for_addresses_ends_the_session_and_good_ones_forgive_nothing()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { UnknownRecipientsPerConnection = 4 });
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            S: 250 *
            C: RCPT TO:<a1@here.test>
            S: 550 5.1.1 *
            C: RCPT TO:<a2@here.test>
            S: 550 5.1.1 *
            C: RCPT TO:<alice@here.test>
            S: 250 *
            C: RCPT TO:<a3@here.test>
            S: 550 5.1.1 *
            C: DATA
            S: 354 *
            C: Subject: x
            C: .
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            S: 250 *
            C: RCPT TO:<a4@here.test>
            S: 550 5.1.1 *
            C: RCPT TO:<a5@here.test>
            S: 421 4.7.0 *do not exist*
            END
            """);
    }

    [Fact]
    public async Task An_accepted_message_forgives_errors()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { ErrorsPerConnection = 2 });
        const string message = "C: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: Subject: x\nC: .\nS: 250 *\n";
        const string error = "C: RUBBISH\nS: 500 *\n";
        await host.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *\n" + error + error + message + error + error + "C: RUBBISH\nS: 421 *\nEND");
    }

    [Fact]
    public async Task A_flood_of_commands_that_do_nothing_ends_the_session()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { IdleCommands = 20 });
        await using var conversation = await host.ConnectAsync();
        await conversation.ExpectAsync("220 *");
        await conversation.SendAsync(string.Concat(Enumerable.Repeat("NOOP\r\n", 1000)));
        for (var i = 0; i < 20; i++) await conversation.ExpectAsync("250 2.0.0 Ok");
        await conversation.ExpectAsync("421 4.7.0 *without a message*");
        await conversation.ExpectEndAsync();
    }

    [Fact]
    public async Task A_connection_carries_so_many_messages()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { MessagesPerConnection = 2 });
        const string message = "C: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: Subject: x\nC: .\nS: 250 *\n";
        await host.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *LIMITS MAILMAX=2 RCPTMAX=100\n" + message + message + "C: MAIL FROM:<a@outside.example>\nS: 421 4.7.0 *open another*\nEND");
    }

    [Fact]
    public async Task Who_says_nothing_is_told_so_and_cut_off()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { CommandTimeout = TimeSpan.FromMilliseconds(100) });
        await host.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *\nc: NOO\nS: 421 4.4.2 *\nEND");
    }

    [Fact]
    public async Task A_command_sent_octet_by_octet_has_one_deadline_for_all_of_it()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { CommandTimeout = TimeSpan.FromMilliseconds(300) });
        await using var conversation = await host.ConnectAsync();
        await conversation.ExpectAsync("220 *");
        var cut = conversation.ReplyAsync();
        while (!cut.IsCompleted)
        {
            await conversation.SendAsync("x");
            await Task.WhenAny(cut, Task.Delay(20));
        }
        Assert.StartsWith("421 4.4.2", await cut);
    }

    [Fact]
    public async Task A_message_that_stalls_or_trickles_is_given_up()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { DataBlockTimeout = TimeSpan.FromMilliseconds(200), DataTimeout = TimeSpan.FromMilliseconds(600), DataRate = 1_000_000 });
        foreach (var trickle in new[] { false, true })
        {
            await using var conversation = await host.ConnectAsync();
            await conversation.PlayAsync("S: 220 *\nC: EHLO c.example\nS: 250 *\nC: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: Subject: slow");
            var cut = conversation.ReplyAsync();
            while (trickle && !cut.IsCompleted)
            {
                await conversation.SendAsync("x");
                await Task.WhenAny(cut, Task.Delay(20));
            }
            Assert.StartsWith("421 4.4.2", await cut);
        }
        Assert.Empty(host.Intake.Messages);
    }

    [Fact]
    public async Task A_client_that_takes_no_replies_is_cut_off_and_the_server_stops_reading_from_it()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { WriteTimeout = TimeSpan.FromMilliseconds(300), IdleCommands = int.MaxValue });
        await using var conversation = await host.ConnectAsync();
        var flood = Enumerable.Repeat("HELP\r\n"u8.ToArray(), 10_000).SelectMany(octets => octets).ToArray();
        var sending = Task.Run(async () =>
        {
            while (true) await conversation.SendAsync(flood);
        });
        await Assert.ThrowsAnyAsync<IOException>(() => sending.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task At_shutdown_an_idle_session_says_goodbye()
    {
        await using var host = await SmtpHost.StartAsync();
        await using var plain = await host.ConnectAsync();
        await plain.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *");
        await using var tls = await host.ConnectAsync("submissions");
        await tls.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *");
        var stopping = host.StopAsync(TimeSpan.FromSeconds(10));
        foreach (var conversation in new[] { plain, tls })
        {
            await conversation.ExpectAsync("421 4.3.2 *");
            await conversation.ExpectEndAsync();
        }
        await stopping;
    }

    [Fact]
    public async Task At_shutdown_a_message_on_its_way_is_received_to_its_end()
    {
        await using var host = await SmtpHost.StartAsync();
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync("S: 220 *\nC: EHLO c.example\nS: 250 *\nC: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: Subject: late");
        var stopping = host.StopAsync(TimeSpan.FromSeconds(10));
        await conversation.PlayAsync("C: .\nS: 250 2.0.0 *\nS: 421 4.3.2 *\nEND");
        await stopping;
        Assert.Equal("Subject: late\r\n", host.Intake.SingleText);
    }

    [Fact]
    public async Task Large_messages_that_find_no_room_are_asked_to_come_back_and_small_ones_pass()
    {
        await using var host = await SmtpHost.StartAsync(SmtpHost.Options with { ArrivingMessages = 100_000 });
        const string opening = "C: MAIL FROM:<a@outside.example>\nS: 250 *\nC: RCPT TO:<alice@here.test>\nS: 250 *\nC: DATA\nS: 354 *";
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync("S: 220 *\nC: EHLO c.example\nS: 250 *\n" + opening);
        await conversation.SendAsync("Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 3000)) + ".\r\n");
        await conversation.ExpectAsync("452 4.3.1 *");
        await conversation.PlayAsync(opening + "\nC: Subject: small\nC: .\nS: 250 *");
        Assert.Equal("Subject: small\r\n", host.Intake.SingleText);
    }
}
