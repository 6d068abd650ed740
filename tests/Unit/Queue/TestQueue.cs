using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.Signing;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Unit.Queue;

/// <summary>
/// A data folder with the domain example.com and the account alice, an intake, and a runner that can be stopped, killed and
/// started again, all on one clock that only the test moves. Mail goes to sinks that the zone names.
/// </summary>
internal sealed class TestQueue : IAsyncDisposable
{
    internal static readonly EmailAddress Alice = EmailAddress.Parse("alice@example.com");

    // The clock moves by hours here while connections are up: patience is tested with the client.
    private static readonly ClientDeadlines Patient = new()
    {
        Connect = TimeSpan.FromDays(40),
        Greeting = TimeSpan.FromDays(40),
        Command = TimeSpan.FromDays(40),
        DataInitiation = TimeSpan.FromDays(40),
        DataBlock = TimeSpan.FromDays(40),
        DataTermination = TimeSpan.FromDays(40),
        Transaction = TimeSpan.FromDays(40),
    };

    private readonly string folder;
    private readonly Func<QueueOptions, QueueOptions> adjust;
    private DkimMessageSigner signer = null!;
    private TraceBook book = null!;
    private Account alice = null!;

    private TestQueue(string folder, Func<QueueOptions, QueueOptions> adjust)
    {
        this.folder = folder;
        this.adjust = adjust;
    }

    internal string Folder => folder;

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The clock everything runs on: <see cref="Time"/>, or the real one where only speed is of interest.</summary>
    private TimeProvider Clock { get; set; } = null!;

    internal ZoneResolver Zone { get; } = new();

    internal Database Database { get; private set; } = null!;

    internal AccountDirectory Directory { get; private set; } = null!;

    internal MailStore Mail { get; private set; } = null!;

    internal QueueSignal Signal { get; private set; } = null!;

    internal MessageIntake Intake { get; private set; } = null!;

    internal QueueOptions Options { get; private set; } = null!;

    internal QueueRunner? Runner { get; private set; }

    internal QueueInspection Inspection => new(Database, Time);

    internal static async Task<TestQueue> OpenAsync(int port, Func<QueueOptions, QueueOptions>? adjust = null, TimeProvider? clock = null)
    {
        var queue = new TestQueue(System.IO.Directory.CreateTempSubdirectory("sternpost-queue-").FullName, options => (adjust ?? (same => same))(options with { Port = port }));
        queue.Clock = clock ?? queue.Time;
        await queue.OpenFolderAsync();
        await queue.Directory.AddDomainAsync(DomainName.Parse("example.com"), default);
        queue.alice = await queue.Directory.AddAccountAsync(Alice, "correct horse", "", false, 0, default);
        return queue;
    }

    /// <summary>A domain whose mail a sink at this address takes.</summary>
    internal void Domain(string name, string address = "127.0.0.1") => Zone.Mx(name, 10, "mx." + name).Address("mx." + name, address);

    internal async Task StartAsync()
    {
        Runner = new QueueRunner(Database, Directory, Mail, Zone, signer.SignAsync, Signal, Options, Clock, NullLogger<QueueRunner>.Instance, new Random(1), book);
        await Runner.StartAsync(default);
    }

    internal async Task StopAsync()
    {
        if (Runner is not { } runner) return;
        Runner = null;
        await EndAsync(runner);
    }

    /// <summary>What a restart after <c>kill -9</c> finds: nothing of the process, everything of the folder.</summary>
    internal async Task KillAndReopenAsync()
    {
        var killed = Runner;
        Runner = null;
        // The database goes first, so that nothing the runner still does is written.
        await Database.DisposeAsync();
        if (killed is not null) await EndAsync(killed);
        // A start takes time, and ids count on it.
        Time.Advance(TimeSpan.FromSeconds(1));
        await OpenFolderAsync();
    }

    internal Task<string> SubmitAsync(params string[] recipients) => SubmitAsync("hello", [.. recipients.Select(address => new EnvelopeRecipient(EmailAddress.Parse(address)))]);

    internal async Task<string> SubmitAsync(
        string subject, IReadOnlyList<EnvelopeRecipient> recipients, DsnReturn dsnReturn = DsnReturn.Default, string? envelopeId = null, bool requireTls = false, string header = "", string body = "Hello.")
    {
        var session = new SessionFacts(IPAddress.Loopback, "client", "ESMTPSA", "TLSv1.3", "x", Alice, Time.GetUtcNow(), "s1");
        var content = Encoding.UTF8.GetBytes($"From: alice@example.com\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@example.com>\r\n{header}\r\n{body}\r\n");
        var envelope = new Envelope(Alice, recipients, SmtpUtf8: recipients.Any(recipient => recipient.Address.NeedsSmtpUtf8), Return: dsnReturn, EnvelopeId: envelopeId) { RequireTls = requireTls };
        var result = await Intake.AcceptAsync(new IncomingMessage(session, envelope, "Received: by test\r\n"u8.ToArray(), content, null, alice), default);
        Assert.True(result.Accepted, result.Text);
        return result.Id;
    }

    /// <summary>Mail from another server, judged harmless unless said otherwise; answers its id, or code and status where it is refused.</summary>
    internal async Task<string> ReceiveAsync(string? from, string to, string subject = "hello", string results = "spf=pass", double score = -2)
    {
        var session = new SessionFacts(IPAddress.Parse("192.0.2.1"), "client", "ESMTPS", "TLSv1.3", "x", null, Time.GetUtcNow(), "s1");
        var content = Encoding.UTF8.GetBytes($"From: {from ?? "mailer-daemon@far.test"}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@far.test>\r\n\r\nHello.\r\n");
        var envelope = new Envelope(from is null ? null : EmailAddress.Parse(from), [new EnvelopeRecipient(EmailAddress.Parse(to))]);
        var judgement = new Judgement { Verdict = new Verdict(score >= 3 ? Disposition.Junk : Disposition.Accept, score, [], "nothing", "r"), AuthenticationResults = results };
        var trace = Encoding.ASCII.GetBytes($"Authentication-Results: mail.example.com;\r\n\t{results}\r\nReceived: by test\r\n");
        var result = await Intake.AcceptAsync(new IncomingMessage(session, envelope, trace, content, judgement, null), default);
        if (!result.Accepted) return $"{result.Code} {result.EnhancedCode}";
        return result.Id;
    }

    /// <summary>The mail in alice's inbox, parsed by somebody else's parser.</summary>
    internal async Task<IReadOnlyList<MimeMessage>> InboxAsync()
    {
        if (await Mail.FindAsync(alice.Id, "INBOX", default) is not { } inbox || await Mail.OpenAsync(inbox.Id, default) is not var (_, entries)) return [];
        List<MimeMessage> messages = [];
        foreach (var entry in entries)
        {
            var content = await Mail.ContentAsync(entry.EmailId, default);
            messages.Add(await MimeMessage.LoadAsync(new MemoryStream(content!.Value.ToArray())));
        }
        return messages;
    }

    /// <summary>The way of what <paramref name="query"/> finds, the newest first.</summary>
    internal async Task<List<FoundTrail>> TrailsAsync(string query) => await TraceSearch.FindAsync(Database, query, DateTimeOffset.UnixEpoch, Time.GetUtcNow() + TimeSpan.FromDays(1), 100, default);

    internal Task<IReadOnlyList<QueueEntry>> QueueAsync() => Inspection.ListAsync(new QueueSelection(), 10_000, default).AsTask();

    internal Task<Database> OpenAsOtherProcessAsync() => Database.OpenAsync(folder, Time, default);

    /// <summary>Waits, on the real clock only, until something is so.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(60), "Waited in vain: " + what);
            await Task.Delay(5);
        }
    }

    internal static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>Moves the test's clock on, step by step, until something is so.</summary>
    internal Task AdvanceUntilAsync(TimeSpan step, Func<Task<bool>> condition, string what) => UntilAsync(async () =>
    {
        if (await condition()) return true;
        Time.Advance(step);
        return false;
    }, what);

    internal async Task<bool> IsEmptyAsync() => (await Inspection.CountAsync(default)).Recipients == 0;

    internal Task EmptyAsync() => UntilAsync(IsEmptyAsync, "an empty queue");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Database.DisposeAsync();
        System.IO.Directory.Delete(folder, recursive: true);
    }

    private async Task EndAsync(QueueRunner runner)
    {
        var stopping = runner.StopAsync();
        // The drain's patience is measured on the test's clock.
        while (await Task.WhenAny(stopping, Task.Delay(20)) != stopping) Time.Advance(Options.DrainTimeout);
        await stopping;
        await runner.DisposeAsync();
    }

    private async Task OpenFolderAsync()
    {
        Database = await Database.OpenAsync(folder, Clock, default);
        Directory = new AccountDirectory(Database, Clock);
        Mail = new MailStore(Database, Directory, Clock);
        Signal = new QueueSignal();
        signer = new DkimMessageSigner(Database, Clock);
        book = new TraceBook(Database, Clock, NullLogger<TraceBook>.Instance);
        Options = adjust(new QueueOptions { HostName = DomainName.Parse("mail.example.com"), LoopbackDestinations = true, Deadlines = Patient, IdleTimeout = TimeSpan.Zero });
        Intake = new MessageIntake(
            Database, Directory, Mail, new JudgePanel(new FilterOptions(), [], null, Clock),
            new SendingLimits(Database, new SendingLimitOptions { AccountPerHour = 0, AccountPerDay = 0, DomainPerHour = 0, DomainPerDay = 0 }, Clock),
            signer.SignAsync, Signal, Options, Clock, NullLogger<MessageIntake>.Instance)
        {
            Sealer = new ForwardSealer(signer, Zone, Options.HostName, Clock).SealAsync,
            Book = book,
        };
    }
}
