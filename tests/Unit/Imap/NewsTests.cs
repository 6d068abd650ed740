using Microsoft.Extensions.Logging;

namespace Sternpost.Unit.Imap;

/// <summary>What one session hears of what others do.</summary>
public class NewsTests
{
    [Fact]
    public async Task An_idling_client_hears_at_once()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var idling = await house.SelectAsync();
        await using var other = await house.SelectAsync();
        await idling.SayAsync("C: a IDLE\nS: + …");
        await house.AppendAsync("INBOX", ImapHouse.Letter(3));
        await idling.SayAsync("S: * 3 EXISTS");
        await other.CommandAsync("STORE 2 +FLAGS (\\Deleted)");
        await idling.SayAsync("S: * 2 FETCH (FLAGS (\\Deleted))");
        await other.CommandAsync("EXPUNGE");
        await idling.SayAsync("""
            S: * 2 EXPUNGE
            C: DONE
            S: a OK …
            C: b FETCH 2 UID
            S: * 2 FETCH (UID 3)
            S: b OK …
            C: c IDLE
            S: + …
            C: NOOP
            S: c BAD …
            """);
    }

    [Fact]
    public async Task Idle_begins_with_what_happened_before_it_and_is_kept_alive()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { KeepAlive = TimeSpan.FromMilliseconds(200) });
        await using var talk = await house.SelectAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        await talk.SayAsync("""
            C: a IDLE
            S: + …
            S: * 1 EXISTS
            S: * OK Still here
            S: * OK Still here
            C: done
            S: a OK …
            """);
    }

    [Fact]
    public async Task Idle_without_a_mailbox_waits_too()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("C: a IDLE\nS: + …\nC: DONE\nS: a OK …");
    }

    [Fact]
    public async Task Expunges_wait_while_sequence_numbers_are_in_use()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 4).Select(ImapHouse.Letter)]);
        await using var talk = await house.SelectAsync();
        await using var other = await house.SelectAsync();
        await other.CommandAsync("STORE 1,2 +FLAGS.SILENT (\\Deleted)");
        await other.CommandAsync("EXPUNGE");
        // The numbers still mean what they meant; what is gone cannot be read any more.
        await talk.SayAsync("""
            C: a FETCH 3 UID
            S: * 3 FETCH (UID 3)
            S: a OK …
            C: b FETCH 2:3 (UID ENVELOPE)
            S: * 3 FETCH (UID 3 …
            S: b OK [EXPUNGEISSUED] …
            C: c STORE 1 +FLAGS (\Flagged)
            S: c OK [EXPUNGEISSUED] …
            C: d STORE 3 +FLAGS (\Flagged)
            S: * 3 FETCH (FLAGS (\Flagged))
            S: d OK …
            C: e SEARCH ALL
            S: * SEARCH 3 4
            S: e OK …
            C: f COPY 1:3 Archive
            S: f NO [EXPUNGEISSUED] …
            """.Replace("S: f NO", "S: * 2 EXPUNGE\nS: * 1 EXPUNGE\nS: f NO"));
        await talk.SayAsync("C: a FETCH 1:* UID\nS: * 1 FETCH (UID 3)\nS: * 2 FETCH (UID 4)\nS: a OK …");
    }

    [Fact]
    public async Task By_uid_expunges_are_told_at_once()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var talk = await house.SelectAsync();
        await using var other = await house.SelectAsync();
        await other.CommandAsync("STORE 1 +FLAGS.SILENT (\\Deleted)");
        await other.CommandAsync("EXPUNGE");
        await talk.CommandAsync("NOOP");
        await talk.SayAsync("C: a UID FETCH 1:* UID\nS: * 1 FETCH (UID 2)\nS: a OK …");
    }

    // Each session keeps a model of the mailbox from nothing but the responses it gets. However many others add, flag, expunge
    // and move meanwhile, every FETCH must agree with the model, and at the end all models with the store.
    [Theory]
    [InlineData("")]
    [InlineData("CONDSTORE")]
    public async Task However_sessions_change_a_mailbox_at_once_each_sees_consistent_numbers(string enable)
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { CommandsPerSecond = 1_000_000 });
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 60).Select(ImapHouse.Letter)]);
        var models = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            await using var talk = await house.SignInAsync();
            if (enable.Length > 0) await talk.CommandAsync($"ENABLE {enable}");
            var model = new Model(talk);
            await model.SelectAsync();
            var random = new Random(number);
            for (var round = 0; round < 60; round++)
            {
                var count = model.Uids.Count;
                switch (random.Next(7))
                {
                    case 0 when count > 0:
                        await model.DoAsync($"STORE {random.Next(count) + 1} +FLAGS (\\Deleted)");
                        break;
                    case 1:
                        await model.DoAsync("EXPUNGE");
                        break;
                    case 2 when count > 0:
                        await model.DoAsync($"MOVE {random.Next(count) + 1} Archive");
                        break;
                    case 3:
                        await model.DoAsync("NOOP");
                        break;
                    case 4:
                        await talk.SendRawAsync("x APPEND INBOX {14+}\r\nSubject: new\r\n\r\n");
                        await model.TakeAsync("x");
                        break;
                    case 5 when count > 0:
                        await model.DoAsync($"STORE {random.Next(count) + 1} -FLAGS (\\Deleted)");
                        break;
                    default:
                        if (count > 0) await model.DoAsync($"FETCH 1:{count} (UID FLAGS)");
                        break;
                }
            }
            return (model, talk: await LastAsync(model));
        }));
        var inbox = (await house.Store.FindAsync(house.Alice.Id, "INBOX", default))!;
        var entries = (await house.Store.OpenAsync(inbox.Id, default))!.Value.Entries.Select(entry => entry.Uid).ToList();
        await using var late = await house.SelectAsync();
        Assert.Equal(entries, await UidsAsync(late));
        Assert.NotEmpty(models);

        static async Task<List<uint>> LastAsync(Model model)
        {
            await model.DoAsync("NOOP");
            if (model.Uids.Count > 0) await model.DoAsync($"FETCH 1:{model.Uids.Count} (UID FLAGS)");
            return model.Uids;
        }
    }

    [Fact]
    public async Task The_log_names_accounts_and_never_passwords()
    {
        var log = new Remembering();
        await using var house = await ImapHouse.OpenAsync(loggers: log);
        await using var talk = await house.SelectAsync();
        await talk.TryCommandAsync("LOGIN alice@example.test guess-it");
        Assert.DoesNotContain(log.Lines, line => line.Contains(ImapHouse.Password) || line.Contains("guess-it"));
        Assert.Contains(log.Lines, line => line.Contains("signed in as alice@example.test by LOGIN command, TLSv1"));
    }

    private static async Task<List<uint>> UidsAsync(Talk talk)
    {
        var lines = await talk.CommandAsync("UID SEARCH ALL");
        return [.. lines[0].Split(' ').Skip(2).Select(uint.Parse)];
    }

    /// <summary>What a client that believes every response knows of the mailbox.</summary>
    private sealed class Model(Talk talk)
    {
        private int tags;

        /// <summary>The uid at each sequence number; 0 where not heard yet.</summary>
        internal List<uint> Uids { get; } = [];

        internal async Task SelectAsync()
        {
            await DoAsync("SELECT INBOX");
            if (Uids.Count > 0) await DoAsync($"FETCH 1:{Uids.Count} (UID FLAGS)");
        }

        internal async Task DoAsync(string command)
        {
            var tag = $"m{++tags}";
            await talk.SendAsync($"{tag} {command}");
            await TakeAsync(tag);
        }

        internal async Task TakeAsync(string tag)
        {
            while (true)
            {
                var line = await talk.LineAsync();
                if (line.StartsWith(tag + " ", StringComparison.Ordinal))
                {
                    Assert.False(line.StartsWith(tag + " BAD", StringComparison.Ordinal), line);
                    return;
                }
                var words = line.Split(' ');
                if (words.Length < 3 || !int.TryParse(words[1], out var number)) continue;
                switch (words[2])
                {
                    case "EXISTS":
                        Assert.True(number >= Uids.Count, $"EXISTS went from {Uids.Count} to {number}");
                        while (Uids.Count < number) Uids.Add(0);
                        break;
                    case "EXPUNGE":
                        Assert.InRange(number, 1, Uids.Count);
                        Uids.RemoveAt(number - 1);
                        break;
                    case "FETCH":
                        Assert.InRange(number, 1, Uids.Count);
                        if (words[3] != "(UID") break;
                        var uid = uint.Parse(words[4]);
                        Assert.True(Uids[number - 1] == 0 || Uids[number - 1] == uid, $"{line}, but {number} was {Uids[number - 1]}");
                        Uids[number - 1] = uid;
                        break;
                }
            }
        }
    }

    private sealed class Remembering : ILoggerFactory, ILogger
    {
        internal System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
