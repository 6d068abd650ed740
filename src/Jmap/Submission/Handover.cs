using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Jmap.Contacts;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Policy.Submission;

namespace Sternpost.Jmap.Submission;

/// <summary>Hands submissions over, at once or at their time, and says what became of each recipient.</summary>
internal sealed class Handover(SubmissionStore store, MailStore mail, AccountDirectory directory, DirectSubmission submission, JmapOptions options, CollectedContacts contacts, TimeProvider time, ILogger log) : IDisposable
{
    // How a message came, in its first Received line (RFC 3848's registry has no better word).
    private const string Protocol = "HTTPS";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim changed = new(0);

    internal DirectSubmission Door => submission;

    /// <summary>Sends now.</summary>
    internal async ValueTask<(SubmissionOutcome Outcome, JsonObject Status)> SendAsync(Account account, AppPassword? appPassword, IPAddress client, Envelope envelope, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var outcome = await submission.SubmitAsync(account, appPassword, client, Protocol, envelope, content, cancellation).ConfigureAwait(false);
        if (outcome.Fault == SubmissionFault.None) await contacts.AddAsync(account, envelope, content, CancellationToken.None).ConfigureAwait(false);
        var status = new JsonObject();
        foreach (var recipient in envelope.Recipients)
        {
            // What is in a mailbox here has arrived; the rest is on its way.
            var isHere = outcome.Fault == SubmissionFault.None && await directory.ResolveAsync(recipient.Address, cancellation).ConfigureAwait(false) is RecipientResolution.Deliver { Forward.Count: 0 };
            status[recipient.Address.ToString()] = new JsonObject
            {
                ["smtpReply"] = outcome.Reply,
                ["delivered"] = outcome.Fault != SubmissionFault.None ? "no" : isHere ? "yes" : "queued",
                ["displayed"] = "unknown",
            };
        }
        return (outcome, status);
    }

    /// <summary>A submission that waits was added or taken away.</summary>
    internal void Changed() => changed.Release();

    public void Dispose() => changed.Dispose();

    /// <summary>Hands over what is due, until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await store.RecoverAsync(cancellation).ConfigureAwait(false);
        while (!cancellation.IsCancellationRequested)
        {
            while (await store.TakeDueAsync(time.GetUtcNow(), cancellation).ConfigureAwait(false) is { } due) await ReleaseAsync(due.AccountId, due.Item, due.Content, cancellation).ConfigureAwait(false);
            var wait = await store.NextAsync(cancellation).ConfigureAwait(false) is { } next ? next - time.GetUtcNow() : LookEvery;
            if (wait > LookEvery) wait = LookEvery;
            if (wait > TimeSpan.Zero) await changed.WaitAsync(wait, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask ReleaseAsync(long accountId, StoredSubmission item, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        JsonObject status = [];
        string? queueId = null;
#pragma warning disable CA1031 // One submission that fails must not hold up the others; it is logged and shown as failed.
        try
        {
            var envelope = SubmissionEnvelope.Read((JsonObject?)JsonNode.Parse(item.Envelope), EmailDocument.Parse(content), time.GetUtcNow(), options, int.MaxValue).Smtp;
            var account = (await directory.AccountsAsync(null, cancellation).ConfigureAwait(false)).FirstOrDefault(account => account.Id == accountId);
            if (account is not null)
            {
                (var outcome, status) = await SendAsync(account, null, IPAddress.Loopback, envelope, content, cancellation).ConfigureAwait(false);
                queueId = outcome.QueueId;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.SubmissionFailed(failure, item.Id);
        }
#pragma warning restore CA1031
        await mail.Objects.WriteAsync(
            accountId,
            writer =>
            {
                store.Settle(writer.Sql, accountId, item, SubmissionStage.Final, status.Count == 0 ? null : status.ToJsonString(), queueId);
                mail.Objects.Changed(writer.Sql, accountId);
                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
    }
}
