using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.Signing;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Bench.Outbound;

/// <summary>Our own queue in a data folder that is made for it, run by <see cref="QueueProgram"/> in a process of its own.</summary>
internal sealed class SternpostQueue : IFilledQueue
{
    private readonly DirectoryInfo folder;
    private readonly string[] arguments;
    private ChildProcess? running;

    private SternpostQueue(DirectoryInfo folder, string[] arguments) => (this.folder, this.arguments) = (folder, arguments);

    public string Server => "sternpost";

    // The keeper of its connections is its child.
    public IReadOnlyList<int> Processes => running is null ? [] : [running.Id, .. Process.GetProcesses().Select(process => process.Id).Where(process => ProcessCpu.ParentOf(process) == running.Id)];

    /// <summary>Makes the folder and fills the queue through the intake, each message synced as it would be.</summary>
    public static async Task<SternpostQueue> FillAsync(OutboundMail mail, int size, int connections, string nameServer, int port, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-bench-");
        var queue = new SternpostQueue(folder, ["bench", "queue-runner", "--data", folder.FullName, "--name-server", nameServer, "--port", port.ToString(), "--connections", connections.ToString()]);
        await using var database = await Database.OpenAsync(folder.FullName, TimeProvider.System, cancellation);
        var directory = new AccountDirectory(database, TimeProvider.System);
        await directory.AddDomainAsync(DomainName.Parse("sender.bench.test"), cancellation);
        var sender = EmailAddress.Parse("sender@sender.bench.test");
        var account = await directory.AddAccountAsync(sender, Guid.NewGuid().ToString(), "", false, 0, cancellation);
        var intake = new MessageIntake(
            database, directory, new MailStore(database, directory, TimeProvider.System), new JudgePanel(new FilterOptions(), [], null, TimeProvider.System),
            new SendingLimits(database, new SendingLimitOptions { AccountPerHour = 0, AccountPerDay = 0, DomainPerHour = 0, DomainPerDay = 0 }, TimeProvider.System),
            new DkimMessageSigner(database, TimeProvider.System).SignAsync, new QueueSignal(), QueueProgram.Options(port, connections), TimeProvider.System, NullLogger<MessageIntake>.Instance)
        {
            Book = new TraceBook(database, TimeProvider.System, NullLogger<TraceBook>.Instance),
        };
        await Parallel.ForAsync(0, mail.Messages, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation }, async (message, stop) =>
        {
            var recipient = mail.Recipient(message);
            var session = new SessionFacts(IPAddress.Loopback, "bench", "ESMTPSA", "TLSv1.3", "x", sender, DateTimeOffset.UtcNow, "bench");
            var envelope = new Envelope(EmailAddress.Parse(OutboundMail.Sender(message)), [new EnvelopeRecipient(EmailAddress.Parse(recipient))]);
            var received = Encoding.ASCII.GetBytes($"Received: from bench by sender.bench.test with ESMTPSA id {message}\r\n");
            var taken = await intake.AcceptAsync(new IncomingMessage(session, envelope, received, new LetterMaker(size, recipient, message).NextPlain().Content, null, account), stop);
            if (!taken.Accepted) throw new InvalidOperationException(taken.Text);
        });
        return queue;
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        running = ChildProcess.Start(Path.Combine(folder.FullName, "log"), arguments);
        await running.AskAsync(null, cancellation);
    }

    public async Task KillAsync()
    {
        if (running is null) return;
        running.Kill();
        await running.DisposeAsync();
        running = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Delete(recursive: true);
    }
}
