using Sternpost.Abuse.Alerts;
using Sternpost.Accounts;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Scripts;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Containment;
using Sternpost.Unit.Abuse.Harness;

namespace Sternpost.Unit.Abuse;

/// <summary>
/// Whole stories over real sockets, on the server's own clock: an account with weeks of history, and what happens to it. The thief has
/// the right password and comes from another network; everybody else must pass.
/// </summary>
public sealed class TheftTests(ITestOutputHelper output)
{
    private const string Home = "127.1.1.5";
    private const string Thief = "127.66.6.6";
    private const string Hotel = "127.77.7.7";
    private static readonly EmailAddress Alice = EmailAddress.Parse("alice@here.test");

    [Fact]
    public async Task A_thief_with_the_right_password_from_a_new_network_sends_5000_messages_at_full_speed()
    {
        await using var server = await WithHistoryAsync();
        await using (var owner = await server.SignInAsync("alice@here.test", Home))
        {
            for (var n = 0; n < 5; n++) Assert.StartsWith("250 2.0.0 Ok", await owner.SendAsync($"friend{n}@outside.test", subject: "Mine"));
        }
        await SettledAsync(server);
        var before = server.Sink.Messages.Count;
        var began = server.Time.GetUtcNow();
        var (accepted, sent) = await StealAsync(server, 5000, sessions: 10, pause: null);
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), () => IsContainedAsync(server), "containment");
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), async () => await FirstAlertAsync(server) < DateTimeOffset.MaxValue, "the letter to the administrator to leave");
        var alerted = await FirstAlertAsync(server) - began;
        await SettledAsync(server);
        var reached = server.Sink.Messages.Skip(before).SelectMany(message => message.Recipients).Distinct().Count();
        output.WriteLine($"{sent} tried, {accepted} answered with 250, {reached} external recipients got one; the administrator was alerted after {alerted.TotalSeconds:0.0} s of server time, the queue holds {(await FromUsersAsync(server)).Count} messages of users");
        Assert.InRange(reached, 0, 20);
        Assert.True(alerted < TimeSpan.FromSeconds(60), $"The administrator was alerted after {alerted}.");
        Assert.Empty(await FromUsersAsync(server));
        Assert.Equal(5, server.Sink.Messages.Skip(before - 5).Take(5).Count(message => message.Header("Subject") == "Mine"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.SignInAsync("alice@here.test", Thief));
    }

    [Fact]
    public async Task A_thief_sends_one_message_every_two_minutes()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        var before = server.Sink.Messages.Count;
        var (accepted, sent) = await StealAsync(server, 720, sessions: 1, pause: TimeSpan.FromMinutes(2));
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), () => IsContainedAsync(server), "containment");
        await SettledAsync(server);
        var reached = server.Sink.Messages.Skip(before).SelectMany(message => message.Recipients).Distinct().Count();
        output.WriteLine($"{sent} tried, {accepted} answered with 250, {reached} external recipients got one");
        Assert.InRange(reached, 0, 20);
        Assert.Empty(await FromUsersAsync(server));
    }

    [Fact]
    public async Task The_owners_own_mail_that_day_goes_out_although_the_thief_is_at_work()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        await using var thief = await server.SignInAsync("alice@here.test", Thief);
        for (var n = 0; n < 25; n++) await thief.SendAsync($"victim{n}@victims.test", subject: "Offer");
        // Trust is spent and the thief's mail waits; the owner writes from home as ever, to a friend and to somebody new.
        await using var owner = await server.SignInAsync("alice@here.test", Home);
        Assert.StartsWith("250 2.0.0 Ok", await owner.SendAsync("friend1@outside.test", subject: "Own"));
        Assert.DoesNotContain("waits", await owner.SendAsync("somebody.new@outside.test", subject: "Own"));
        for (var n = 25; n < 60; n++) await thief.SendAsync($"victim{n}@victims.test", subject: "Offer");
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), () => IsContainedAsync(server), "containment");
        await SettledAsync(server);
        Assert.Equal(2, server.Sink.Messages.Count(message => message.Header("Subject") == "Own"));
        Assert.InRange(server.Sink.Messages.Count(message => message.Header("Subject") == "Offer"), 0, 20);
    }

    [Fact]
    public async Task A_newsletter_of_a_known_sender_passes()
    {
        await using var server = await SendingServer.StartAsync(null, "news@here.test");
        // Five issues, a week apart, to a list that grows.
        var readers = 100;
        for (var week = 0; week < 5; week++, readers += 15)
        {
            await IssueAsync(server, readers, held: week == 0);
            await SettledAsync(server);
            server.Time.Advance(TimeSpan.FromDays(7));
        }
        await SettledAsync(server);
        var before = server.Sink.Messages.Count;
        await IssueAsync(server, readers, held: false);
        await SettledAsync(server);
        Assert.Equal(readers, server.Sink.Messages.Skip(before).Sum(message => message.Recipients.Count));
        Assert.Empty(await FromUsersAsync(server));
    }

    [Fact]
    public async Task A_school_class_writing_to_one_another_passes()
    {
        string[] pupils = [.. Enumerable.Range(0, 25).Select(n => $"pupil{n}@here.test")];
        await using var server = await SendingServer.StartAsync(null, pupils);
        // The first day of school: accounts without any past, all from one classroom, everybody to everybody.
        await Task.WhenAll(pupils.Select(pupil => Task.Run(async () =>
        {
            await using var client = await server.SignInAsync(pupil, "127.5.5.5");
            foreach (var other in pupils.Where(other => other != pupil)) Assert.StartsWith("250 2.0.0 Ok", await client.SendAsync(other, subject: "Hi"));
            Assert.StartsWith("250 2.0.0 Ok", await client.SendAsync([.. pupils.Where(other => other != pupil)], subject: "Hi all"));
        })));
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2), () => Task.FromResult(server.Time.GetUtcNow().Minute >= 1), "a minute");
        Assert.Empty(await FromUsersAsync(server));
        Assert.Empty(await server.Parts.Sending.Containment.ListAsync(default));
        var first = (await server.Parts.Directory.FindAccountAsync(EmailAddress.Parse("pupil0@here.test"), default))!;
        var inbox = (await server.Parts.Mail.FindAsync(first.Id, "INBOX", default))!;
        Assert.Equal(48, inbox.Total);
    }

    [Fact]
    public async Task A_user_on_holiday_passes()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        var before = server.Sink.Messages.Count;
        for (var day = 0; day < 7; day++)
        {
            // From a hotel she was never at: answers to people she knows, a card to somebody new now and then.
            await using var client = await server.SignInAsync("alice@here.test", Hotel);
            for (var n = 0; n < 8; n++) Assert.StartsWith("250 2.0.0 Ok, kept as", await NotHeldAsync(client.SendAsync($"friend{n}@outside.test", subject: "Sun")));
            for (var n = 0; n < 2; n++) Assert.StartsWith("250 2.0.0 Ok, kept as", await NotHeldAsync(client.SendAsync($"new{day}-{n}@outside.test", subject: "Sun")));
            await SettledAsync(server);
            server.Time.Advance(TimeSpan.FromDays(1));
        }
        await SettledAsync(server);
        Assert.Equal(70, server.Sink.Messages.Count - before);
        Assert.Empty(await server.Parts.Sending.Containment.ListAsync(default));
    }

    [Fact]
    public async Task What_is_held_goes_on_by_itself_when_nothing_bad_is_heard()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        var before = server.Sink.Messages.Count;
        await using (var client = await server.SignInAsync("alice@here.test", Hotel))
        {
            // More strangers than trust allows, and fewer than a thief's run: a conference.
            Assert.Contains("waits for a while: it is unusual for this account", await client.SendAsync([.. Enumerable.Range(0, 25).Select(n => $"guest{n}@conference.test")], subject: "Slides"));
        }
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30), async () => await FirstAlertAsync(server) < DateTimeOffset.MaxValue, "an alert about what is held");
        Assert.Equal(before, server.Sink.Messages.Count);
        await server.AdvanceUntilAsync(TimeSpan.FromMinutes(5), TimeSpan.FromHours(5), () => Task.FromResult(server.Sink.Messages.Count > before), "the slides to go on");
    }

    [Fact]
    public async Task Containment_undoes_what_was_set_up_and_release_puts_all_of_it_back()
    {
        await using var server = await WithHistoryAsync();
        await server.AddAsync("colleague@here.test");
        await SettledAsync(server);
        var (directory, side) = (server.Parts.Directory, server.Parts.Sending);
        var masked = new MaskedBook(server.Parts.Database, directory, server.Time);
        var shops = await masked.AddAsync((await directory.FindAccountAsync(Alice, default))!, "Her shop", "", default);
        server.Time.Advance(TimeSpan.FromHours(3));
        var (_, secret) = await side.Passwords.AddAsync(Alice, "phone", default);
        await side.Grants.AddAsync(Alice, "colleague@here.test", default);
        await directory.AddAliasAsync("team@here.test", Alice, default);
        await directory.AddAliasAsync("team@here.test", EmailAddress.Parse("spy@elsewhere.test"), default);
        var own = (await directory.FindAccountAsync(Alice, default))!;
        Assert.True(ScriptName.TryParse("hide", out var hide, out _));
        await server.Parts.Scripts.PutAsync(own.Id, hide, "redirect \"spy@elsewhere.test\";"u8.ToArray(), default);
        await server.Parts.Scripts.ActivateAsync(own.Id, hide, default);
        var his = await masked.AddAsync(own, "His shop", "", default);
        await using (var thief = await server.SignInAsync("alice@here.test", Thief))
        {
            Assert.StartsWith("250", await thief.SendAsync("colleague@here.test", subject: "Invoice"));
            for (var n = 0; n < 10; n++) await thief.SendAsync([.. Enumerable.Range(n * 3, 3).Select(m => $"victim{m}@victims.test")], subject: "Offer");
        }
        await SettledAsync(server);
        var (left, colleague) = (server.Sink.Messages.Count(message => message.Header("Subject") == "Offer"), (await directory.FindAccountAsync(EmailAddress.Parse("colleague@here.test"), default))!);
        var alice = (await directory.FindAccountAsync(Alice, default))!;
        var contained = await side.Containment.ContainAsync(alice, null, onlyUnusual: true, automatic: false, "a test says so", default)
            ?? (await side.Containment.FindAsync(alice.Id, default))!;
        Assert.Equal(AccountStatus.Contained, (await directory.FindAccountAsync(Alice, default))!.Status);
        Assert.Empty(await FromUsersAsync(server));
        Assert.Equal(30, contained.Facts.Recipients.Count);
        Assert.Equal(3 * left, contained.Facts.Recipients.Count(recipient => !recipient.Stopped));
        Assert.Equal([Thief], contained.Facts.Sources.Keys);
        Assert.Contains("somebody else used my mail account alice@here.test", contained.Notice);
        Assert.Equal((1, 1), (contained.Facts.AppPasswords.Count, contained.Facts.Grants.Count));
        Assert.Equal(["team@here.test", "spy@elsewhere.test"], Assert.Single(contained.Facts.Aliases));
        Assert.Equal(("hide", false), (contained.Facts.Script, Assert.Single(await server.Parts.Scripts.ListAsync(own.Id, default)).IsActive));
        Assert.Equal([his.Address.ToString()], contained.Facts.Masked);
        Assert.Equal([(his.Id, false), (shops.Id, true)], (await masked.OfAsync(own.Id, default)).Select(one => (one.Id, one.IsEnabled)));
        Assert.Equal((0, 1), (await TotalAsync(server, colleague.Id, "INBOX"), await TotalAsync(server, colleague.Id, "Junk")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.SignInAsync("alice@here.test", Home, secret));
        await Assert.ThrowsAsync<DirectoryException>(() => side.Containment.ReleaseAsync(alice, putBack: false, default).AsTask());

        Assert.NotNull(await side.Containment.ReleaseAsync(alice, putBack: true, default));
        Assert.Null(await side.Containment.ReleaseAsync(alice, putBack: true, default));
        await using var phone = await server.SignInAsync("alice@here.test", Home, secret);
        Assert.StartsWith("250", await phone.SendAsync("friend1@outside.test", sender: "colleague@here.test"));
        Assert.Contains(await directory.AliasesAsync(null, default), alias => alias.Target.ToString() == "spy@elsewhere.test");
        Assert.True(Assert.Single(await server.Parts.Scripts.ListAsync(own.Id, default)).IsActive);
        Assert.All(await masked.OfAsync(own.Id, default), one => Assert.True(one.IsEnabled));
        Assert.Equal((1, 0), (await TotalAsync(server, colleague.Id, "INBOX"), await TotalAsync(server, colleague.Id, "Junk")));
        await SettledAsync(server);
        Assert.Equal(10, server.Sink.Messages.Count(message => message.Header("Subject") == "Offer"));
        Assert.Equal(30, server.Sink.Messages.Where(message => message.Header("Subject") == "Offer").SelectMany(message => message.Recipients).Distinct().Count());
    }

    [Fact]
    public async Task A_stolen_account_is_given_back_with_a_new_password_and_without_the_thiefs_mail()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        await using (var thief = await server.SignInAsync("alice@here.test", Thief)) await thief.SendAsync([.. Enumerable.Range(0, 40).Select(m => $"victim{m}@victims.test")], subject: "Offer");
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), () => IsContainedAsync(server), "containment");
        var alice = (await server.Parts.Directory.FindAccountAsync(Alice, default))!;
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.Parts.Directory.SetPasswordAsync(Alice, "a new password of hers", default);
        Assert.Equal(ContainmentState.GivenBack, (await server.Parts.Sending.Containment.ReleaseAsync(alice, putBack: false, default))!.State);
        await using var owner = await server.SignInAsync("alice@here.test", Home, "a new password of hers");
        Assert.StartsWith("250 2.0.0 Ok", await owner.SendAsync("friend1@outside.test", subject: "Back"));
        await SettledAsync(server);
        Assert.DoesNotContain(server.Sink.Messages, message => message.Header("Subject") == "Offer");
        Assert.Single(server.Sink.Messages, message => message.Header("Subject") == "Back");
    }

    [Fact]
    public async Task Who_writes_to_a_canary_is_contained_at_once()
    {
        await using var server = await WithHistoryAsync();
        await server.Parts.Sending.Planted.AddCanaryAsync(EmailAddress.Parse("anna.berger77@here.test"), null, default);
        server.Time.Advance(TimeSpan.FromSeconds(11));
        await using var thief = await server.SignInAsync("alice@here.test", Thief);
        Assert.StartsWith("550 5.1.1", await thief.SendAsync("anna.berger77@here.test"));
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), () => IsContainedAsync(server), "containment");
        Assert.Contains("an address that only a stolen address book has", (await server.Parts.Sending.Containment.ListAsync(default)).Single().Reason);
    }

    [Fact]
    public async Task Who_signs_in_as_a_decoy_is_barred_and_others_are_not()
    {
        await using var server = await WithHistoryAsync();
        await server.Parts.Sending.Planted.AddDecoyAsync("scanner@here.test", default);
        server.Time.Advance(TimeSpan.FromSeconds(11));
        await using (var guesser = await SubmittingClient.ConnectAsync(server.Port("submissions"), "scanner@here.test", Thief)) Assert.StartsWith("535", await guesser.AuthAsync("scanner@here.test", "scanner"));
        await using (var again = await SubmittingClient.ConnectAsync(server.Port("submissions"), "alice@here.test", Thief)) Assert.StartsWith("454", await again.AuthAsync("alice@here.test", SendingServer.Password));
        await using var owner = await server.SignInAsync("alice@here.test", Home);
        server.Time.Advance(TimeSpan.FromHours(25));
        await using var later = await server.SignInAsync("alice@here.test", Thief);
    }

    [Fact]
    public async Task One_password_tried_on_many_accounts_from_many_addresses_is_noticed_and_who_has_it_is_contained()
    {
        await using var server = await WithHistoryAsync();
        for (var n = 0; n < 9; n++)
        {
            // One try every two hours, each from another network: no count of failures sees it.
            await using var guesser = await SubmittingClient.ConnectAsync(server.Port("submissions"), "x", $"127.30.{n}.9");
            Assert.StartsWith("535", await guesser.AuthAsync($"user{n}@here.test", SendingServer.Password));
            server.Time.Advance(TimeSpan.FromHours(2));
        }
        await using (var barred = await SubmittingClient.ConnectAsync(server.Port("submissions"), "x", "127.30.3.9")) Assert.StartsWith("454", await barred.AuthAsync("alice@here.test", "anything else"));
        await using var hit = await server.SignInAsync("alice@here.test", "127.31.1.1");
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), () => IsContainedAsync(server), "containment");
    }

    [Fact]
    public async Task Many_recipients_that_do_not_exist_are_told_and_spend_trust()
    {
        await using var server = await WithHistoryAsync();
        await SettledAsync(server);
        server.Sink.Answer = command => command.Contains("@gone.test", StringComparison.Ordinal) ? "550 5.1.1 no such user" : null;
        await using var owner = await server.SignInAsync("alice@here.test", Home);
        for (var n = 0; n < 12; n++) await owner.SendAsync($"bought{n}@gone.test");
        await SettledAsync(server);
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), async () => (await AlertsAsync(server)).Any(alert => alert.Subject.Contains("many recipients do not exist", StringComparison.Ordinal)), "an alert");
        var alice = (await server.Parts.Directory.FindAccountAsync(Alice, default))!;
        Assert.True((await server.Parts.Sending.Trust.LeftAsync(alice.Id, default)).Left < 18);
        Assert.Empty(await server.Parts.Sending.Containment.ListAsync(default));
    }

    private static async Task<string> NotHeldAsync(Task<string> sending)
    {
        var reply = await sending;
        Assert.DoesNotContain("waits for a while", reply);
        return reply;
    }

    // Two weeks in which alice wrote to a dozen people, on working days, from home.
    private static async Task<SendingServer> WithHistoryAsync()
    {
        var server = await SendingServer.StartAsync(configuration => configuration.Alerts.Mail = [EmailAddress.Parse("admin@elsewhere.test")], "alice@here.test");
        for (var day = 0; day < 16; day++)
        {
            if (server.Time.GetUtcNow().DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            {
                await using (var client = await server.SignInAsync("alice@here.test", Home))
                {
                    for (var n = 0; n < 4; n++) Assert.DoesNotContain("waits", await client.SendAsync([$"friend{(day + n) % 12}@outside.test", $"friend{(day + n + 6) % 12}@outside.test"]));
                }
                await SettledAsync(server);
            }
            server.Time.Advance(TimeSpan.FromDays(1));
        }
        return server;
    }

    private static async Task IssueAsync(SendingServer server, int readers, bool held)
    {
        await using var client = await server.SignInAsync("news@here.test", Home);
        for (var first = 0; first < readers; first += 50)
        {
            var reply = await client.SendAsync([.. Enumerable.Range(first, Math.Min(50, readers - first)).Select(n => $"reader{n}@outside.test")], subject: "Issue", body: "News from the club: https://club.here.test/issue");
            Assert.StartsWith("250", reply);
            if (!held) Assert.DoesNotContain("waits", reply);
        }
        // The first issue of a new account is asked about; an administrator knows it.
        if (held) await new Sternpost.Queue.QueueInspection(server.Parts.Database, server.Time).ReleaseAsync(new Sternpost.Queue.QueueSelection(), default);
        server.Parts.Signal.Raise(["outside.test"]);
    }

    private static async Task<(int Accepted, int Sent)> StealAsync(SendingServer server, int messages, int sessions, TimeSpan? pause)
    {
        var (accepted, sent) = (0, 0);
        using var over = new CancellationTokenSource();
        // At full speed the server's clock goes as the real one does.
        var ticking = pause is not null ? Task.CompletedTask : Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                await Task.Delay(50);
                server.Time.Advance(TimeSpan.FromMilliseconds(50));
            }
        });
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(session => Task.Run(async () =>
        {
            try
            {
                while (Volatile.Read(ref sent) < messages)
                {
                    // A robot opens a connection for each message where it takes its time.
                    await using var client = await server.SignInAsync("alice@here.test", Thief);
                    do
                    {
                        var n = Interlocked.Increment(ref sent);
                        var reply = await client.SendAsync($"victim{n}@victims.test", subject: "Offer", body: "Dear friend, you have won. https://prize.example/claim");
                        if (reply.StartsWith("250", StringComparison.Ordinal)) Interlocked.Increment(ref accepted);
                        else if (reply.StartsWith("421", StringComparison.Ordinal) || reply.StartsWith("535", StringComparison.Ordinal)) return;
                    }
                    while (pause is null && sent < messages);
                    if (pause is { } wait)
                    {
                        for (var step = 0; step < 8; step++)
                        {
                            server.Time.Advance(wait / 8);
                            await Task.Delay(3);
                        }
                    }
                }
            }
            catch (Exception locked) when (locked is InvalidOperationException or IOException)
            {
                // Locked out.
            }
        })));
        await over.CancelAsync();
        await ticking;
        return (accepted, sent);
    }

    private static async Task<bool> IsContainedAsync(SendingServer server) => (await server.Parts.Directory.FindAccountAsync(Alice, default))?.Status == AccountStatus.Contained;

    // A delivery that the moving clock cut off is tried again a minute later, so the clock is moved on where waiting does not help.
    private static async Task SettledAsync(SendingServer server)
    {
        for (var round = 0; ; round++)
        {
            if ((await server.QueueAsync()).SelectMany(entry => entry.Recipients).All(recipient => recipient.Held)) return;
            Assert.True(round < 6000, "All that may go out should be out by now.");
            await Task.Delay(10);
            if (round % 200 == 199) server.Time.Advance(TimeSpan.FromSeconds(20));
        }
    }

    // Beside the letters to the administrator.
    private static async Task<List<Sternpost.Queue.QueueEntry>> FromUsersAsync(SendingServer server) =>
        [.. (await server.QueueAsync()).Where(entry => entry.Message.Origin == Sternpost.Queue.Schedule.QueueOrigin.Submission)];

    private static async Task<List<Alert>> AlertsAsync(SendingServer server) => await server.Parts.Database.ReadAsync(
        sql => sql.Query($"select kind, subject, body from alerts order by id", row => new Alert(row.GetString(0), row.GetString(1), row.GetString(2))), default);

    // When the letter to the administrator had left, or the end of time.
    private static async Task<DateTimeOffset> FirstAlertAsync(SendingServer server) => await server.Parts.Database.ReadAsync(
        sql => sql.First($"select min(sent) from alerts where kind in ('account-sign', 'account-contained')", row => row.IsDBNull(0) ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0))), default);

    private static async Task<int> TotalAsync(SendingServer server, long account, string mailbox) => (await server.Parts.Mail.FindAsync(account, mailbox, default))?.Total ?? 0;
}
