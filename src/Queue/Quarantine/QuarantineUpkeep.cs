using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Quarantine;

/// <summary>What the administrator chose about held mail.</summary>
public sealed record QuarantineOptions
{
    /// <summary>How long it is held before it is deleted. Default 30 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often users are told what is held for them; zero for never. Default a day.</summary>
    public TimeSpan Digest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How soon a release that was asked for is carried out. Default 2 seconds.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Carries out releases, deletes what has expired and tells users what is held for them. Runs from <see cref="Start"/> until disposed.</summary>
public sealed partial class QuarantineUpkeep(Database database, MessageIntake intake, QuarantineOptions options, TimeProvider time, ILogger<QuarantineUpkeep> log) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private DateTimeOffset nextDigest;

    /// <summary>Writes the digest of one account; null writes none.</summary>
    public Func<long, IReadOnlyList<HeldMessage>, CancellationToken, ValueTask>? WriteDigest { get; init; }

    /// <summary>Learns from a release that such mail is wanted by an account; null learns nothing.</summary>
    public Func<long, ReadOnlyMemory<byte>, CancellationToken, ValueTask>? Teach { get; init; }

    /// <summary>Begins.</summary>
    public void Start()
    {
        nextDigest = time.GetUtcNow() + options.Digest;
        running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>One round.</summary>
    internal async ValueTask RoundAsync(CancellationToken cancellation)
    {
        foreach (var id in await database.ReadAsync(QuarantineRows.Going, cancellation).ConfigureAwait(false)) await ReleaseAsync(id, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        foreach (var id in await database.ReadAsync(sql => QuarantineRows.Expired(sql, now), cancellation).ConfigureAwait(false))
            await database.WriteAsync(sql => QuarantineRows.Delete(sql, database.Blobs, id), cancellation).ConfigureAwait(false);
        if (options.Digest <= TimeSpan.Zero || now < nextDigest) return;
        nextDigest = now + options.Digest;
        await TellAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells every account with news.</summary>
    internal async ValueTask TellAsync(CancellationToken cancellation)
    {
        if (WriteDigest is null) return;
        foreach (var account in await database.ReadAsync(QuarantineRows.Untold, cancellation).ConfigureAwait(false))
        {
            var held = await database.ReadAsync(sql => QuarantineRows.UntoldOf(sql, account), cancellation).ConfigureAwait(false);
            if (held.Count > 0) await WriteDigest(account, held, cancellation).ConfigureAwait(false);
            var now = time.GetUtcNow();
            await database.WriteAsync(
                sql =>
                {
                    QuarantineRows.Tell(sql, account, now);
                    return true;
                },
                cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask ReleaseAsync(long id, CancellationToken cancellation)
    {
        var (message, content) = await database.ReadAsync(sql => QuarantineRows.Find(sql, id) is { } found ? (found, database.Blobs.Read(sql, found.BlobId)) : (null, null), cancellation).ConfigureAwait(false);
        if (message is null || content is null) return;
        HeldRecipient[] going = [.. message.Recipients.Where(recipient => recipient.IsGoing)];
        var envelope = new Envelope(message.Sender, [.. going.Select(recipient => new EnvelopeRecipient(recipient.Address, DsnNotify.Never))], message.Body, message.SmtpUtf8);
        var session = new SessionFacts(System.Net.IPAddress.Any, "", "ESMTP", null, null, null, message.Received, message.Reference);
        // Where each recipient's mail goes was settled when the message was taken; a gateway's are elsewhere.
        // Who gets it is taken off in the transaction that delivers: a crash leaves one of them, and never both.
        var result = await intake.ReleaseAsync(new IncomingMessage(session, envelope, message.Trace, content, null, null) { Gateway = GatewayRole.Inward }, sql => QuarantineRows.Settle(sql, database.Blobs, id, going), cancellation).ConfigureAwait(false);
        if (!result.Accepted)
        {
            LogNotReleased(QueueId.Format(id), result.Text);
            await database.WriteAsync(sql => QuarantineRows.SetState(sql, id, null, 0), cancellation).ConfigureAwait(false);
            return;
        }
        LogReleased(QueueId.Format(id), result.Id, going.Length);
        if (Teach is null) return;
        foreach (var recipient in going.Where(recipient => recipient.Teaches))
        {
            if (recipient.AccountId is { } account) await Teach(account, content, cancellation).ConfigureAwait(false);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            for (; ; await Task.Delay(options.PollInterval, time, stopping.Token).ConfigureAwait(false))
            {
                try
                {
                    await RoundAsync(stopping.Token).ConfigureAwait(false);
                }
                catch (Exception failed) when (failed is DbException or IOException)
                {
                    LogFailed(failed);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(6301, LogLevel.Information, "Released {Held} from quarantine as {Message} to {Recipients} recipients")]
    private partial void LogReleased(string held, string message, int recipients);

    [LoggerMessage(6302, LogLevel.Warning, "{Held} could not be released from quarantine and stays there: {Reason}")]
    private partial void LogNotReleased(string held, string reason);

    [LoggerMessage(6303, LogLevel.Error, "The upkeep of the quarantine failed; it is tried again in the next round")]
    private partial void LogFailed(Exception exception);
}
