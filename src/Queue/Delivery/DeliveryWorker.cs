using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Replies;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Routing;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;
using Sternpost.Storage;

namespace Sternpost.Queue.Delivery;

/// <summary>What all workers share.</summary>
internal sealed record DeliveryParts(
    Database Database, ActiveSet Active, RouteTable Routes, SessionSearch Sessions, IdleConnections Idle, LocalHandover Local, HandoverJournal Journal, Settlement Settlement, ContentBudget Contents, MessageSigner Signer,
    ProviderRates Rates, SourceAddresses Sources, AccountDirectory Directory, QueueOptions Options, TimeProvider Time, ILogger Log);

/// <summary>
/// Carries mail to one next hop over at most one connection: claims a message, connects where it is not connected, hands over,
/// settles, and again. Ends when there is nothing more for it, when its connection has carried its share, or when fewer
/// connections are wanted.
/// </summary>
/// <param name="parts">What it works with.</param>
/// <param name="destination">The next hop.</param>
/// <param name="stopping">Begin nothing new.</param>
/// <param name="cut">Leave everything at once; what is not settled stays owed.</param>
internal sealed class DeliveryWorker(DeliveryParts parts, DestinationState destination, CancellationToken stopping, CancellationToken cut)
{
    // A page of ids: enough that reading them is rare, little enough that ten thousand next hops do not fill the memory.
    private const int Page = 100;
    // Messages settled at once where the whole next hop failed; they share their commits.
    private const int SettledTogether = 100;
    // A relay for many domains may find other next hops' recipients among those of a message.
    private const int LookAt = 1000;
    // Content up to this size is read along with the rows and needs no place in the budget: all connections together hold little of it.
    private const int SmallContent = 64 * 1024;
    private static readonly TimeSpan StallsAfter = TimeSpan.FromSeconds(10);

    private readonly HashSet<long> claims = [];
    private SmtpClientConnection? connection;

    // The one place where whatever a delivery throws is caught: it must not take the runner or other deliveries down.
#pragma warning disable CA1031
    internal async Task RunAsync()
    {
        try
        {
            await CarryAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested)
        {
            // Cut short: what is not settled is owed still.
        }
        catch (DbException broken)
        {
            parts.Log.StoreFailed(broken);
            parts.Active.LeaveAlone(destination);
        }
        catch (Exception bug)
        {
            parts.Log.DeliveryFaulted(bug, destination.Hop.Name);
            parts.Active.LeaveAlone(destination);
        }
        finally
        {
            foreach (var message in claims) parts.Active.Release(destination, message);
            await DisconnectAsync(keep: !stopping.IsCancellationRequested).ConfigureAwait(false);
            parts.Active.End(destination);
        }
    }
#pragma warning restore CA1031

    private async Task CarryAsync()
    {
        while (!stopping.IsCancellationRequested && parts.Active.MayGoOn(destination) && await ClaimAsync().ConfigureAwait(false) is { } message)
        {
            if (destination.Provider is { } known && PutsBack(known, message)) return;
            if (connection is null)
            {
                if (await parts.Local.IsHereAsync(destination.Hop, cut).ConfigureAwait(false))
                {
                    await DeliverHereAsync(message).ConfigureAwait(false);
                    Release(message);
                    continue;
                }
                if (await parts.Database.ReadAsync(sql => QueueRows.Way(sql, message), cut).ConfigureAwait(false) is var (need, pool) && (need != TransportNeed.Usual || GoesApart(pool)))
                {
                    await DeliverApartAsync(message, need, pool).ConfigureAwait(false);
                    Release(message);
                    continue;
                }
                if (await ConnectAsync().ConfigureAwait(false) is { } none)
                {
                    await GiveUpAsync(message, none).ConfigureAwait(false);
                    return;
                }
                if (destination.Provider is null)
                {
                    destination.Provider = ProviderRates.ProviderOf(connection!.Server.Name);
                    if (PutsBack(destination.Provider, message)) return;
                }
            }
            await DeliverAsync(message).ConfigureAwait(false);
            Release(message);
            if (connection is not { IsUsable: true } || connection.Messages >= parts.Options.MessagesPerConnection) return;
        }
    }

    // The provider has no place for it yet: it is the next one again when there is one.
    private bool PutsBack(string provider, long message)
    {
        if (parts.Rates.Take(provider) is not { } wait) return false;
        claims.Remove(message);
        parts.Active.PutBack(destination, message, wait);
        return true;
    }

    private bool GoesApart(SourcePool pool) => pool == SourcePool.Risky && (parts.Options.RiskySourceAddresses.Count > 0 || parts.Options.RiskyRelay is not null);

    // RFC 5321 §4.2.1 and RFC 3463 X.7: who says so speaks of us or of our amount; greylisting speaks of the sender and passes by itself.
    private async ValueTask HeedAsync(string host, SmtpReply? reply, string status)
    {
        if (reply is null || reply.IsPermanent || reply.IsPositive) return;
        var less = status.StartsWith("4.7.", StringComparison.Ordinal) || (reply.Code == 421 && !status.StartsWith("4.3.", StringComparison.Ordinal));
        if (!less || DeliveryCauses.OfReply(host, status, reply).Kind == CauseKind.Greylisting) return;
        await parts.Rates.PutOffAsync(ProviderRates.ProviderOf(host), $"{reply.Code} {reply.ToLine()}", cut).ConfigureAwait(false);
    }

    private async ValueTask<long?> ClaimAsync()
    {
        while (true)
        {
            if (parts.Active.Claim(destination, out var domain, out var from) is { } message)
            {
                claims.Add(message);
                return message;
            }
            if (domain is null) return null;
            var now = parts.Time.GetUtcNow();
            var page = await parts.Database.ReadAsync(sql => QueueRows.DuePage(sql, domain, now, from, Page), cut).ConfigureAwait(false);
            parts.Active.Loaded(destination, domain, from, page, more: page.Count == Page);
        }
    }

    private void Release(long message)
    {
        claims.Remove(message);
        parts.Active.Release(destination, message);
    }

    private async Task<NoSession?> ConnectAsync()
    {
        connection = await parts.Idle.TakeAsync(destination.Hop.Name).ConfigureAwait(false);
        if (connection is null)
        {
            var (opened, none) = await PatientlyAsync(parts.Sessions.OpenAsync(destination.Hop, TransportNeed.Usual, SourcePool.Usual, cut)).ConfigureAwait(false);
            if (opened is null) return none;
            connection = opened;
        }
        parts.Active.Connected(destination, up: true);
        QueueMetrics.Connections.Add(1);
        return null;
    }

    private async ValueTask DisconnectAsync(bool keep)
    {
        if (connection is null) return;
        parts.Active.Connected(destination, up: false);
        QueueMetrics.Connections.Add(-1);
        var idle = connection;
        connection = null;
        if (keep && idle.IsUsable && idle.Messages < parts.Options.MessagesPerConnection) await parts.Idle.PutAsync(destination.Hop.Name, idle).ConfigureAwait(false);
        else await idle.DisposeAsync().ConfigureAwait(false);
    }

    // A server that takes its time does not take the place of others.
    private async Task<T> PatientlyAsync<T>(Task<T> wait)
    {
        using var over = new CancellationTokenSource();
        var late = Task.Delay(StallsAfter, parts.Time, over.Token);
        var gaveWay = await Task.WhenAny(wait, late).ConfigureAwait(false) == late && parts.Active.Stall();
        try
        {
            return await wait.ConfigureAwait(false);
        }
        finally
        {
            if (gaveWay) parts.Active.Resume();
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task DeliverAsync(long id)
    {
        var where = Where();
        while (connection is { IsUsable: true } && await ReadAsync(id, readContent: true).ConfigureAwait(false) is var (message, recipients, small))
        {
            if ((message.Transport == TransportNeed.RequireTls && !connection.MeetsRequireTls) || GoesApart(message.Pool))
            {
                await DeliverApartAsync(id, message.Transport, message.Pool).ConfigureAwait(false);
                return;
            }
            using var held = small is null ? await parts.Contents.TakeAsync(message.Size, cut).ConfigureAwait(false) : null;
            var results = await CarryOverAsync(connection, where, message, small, recipients).ConfigureAwait(false);
            if (results.FirstOrDefault(result => result.Outcome == RecipientOutcome.Deferred) is { } putOff) await HeedAsync(where.Host, putOff.Reply, putOff.Status).ConfigureAwait(false);
            if (results.Any(result => result.Outcome == RecipientOutcome.Delivered)) parts.Active.Succeeded(destination);
            else if (connection is not { IsUsable: true } && results.All(result => result.Outcome == RecipientOutcome.Deferred)) parts.Active.Troubled(destination);
            else if (results.All(result => result.Outcome == RecipientOutcome.Deferred && result.Status.StartsWith("4.7.", StringComparison.Ordinal))) parts.Active.Slowed(destination);
            if (recipients.Count < parts.Options.RecipientsPerTransaction) return;
        }
    }

    // Hands over and settles.
    private async Task<IReadOnlyList<RecipientResult>> CarryOverAsync(SmtpClientConnection session, AttemptedAt where, QueuedMessage message, byte[]? small, List<QueuedRecipient> recipients)
    {
        List<HandoverJournal.Entry> noted = [];
        var (results, content) = await HandOverAsync(session, message, small, recipients, (accepted, notifies) => LeftHandover.Note(message.Id, where, accepted.Select(index => recipients[index].Id), notifies), taken => noted.Add(parts.Journal.Write(new Handover(message.Id, where.Host, where.Protection.ToJson(),
            [.. taken.Select(one => new TakenRecipient(recipients[one.Index].Id, one.Result.Status, one.Result.Reason, one.Result.NotifiesSuccess))])))).ConfigureAwait(false);
        await parts.Settlement.SettleAsync(message, [.. recipients.Zip(results, (recipient, result) => new Attempt(recipient, result))], where, content, cut).ConfigureAwait(false);
        foreach (var entry in noted) entry.Settled();
        if (noted.Count > 0) await parts.Sources.CountAsync(session.LocalAddress, cut).ConfigureAwait(false);
        return results;
    }

    // An error of ours with one message, its content gone from the disk or a bug, counts as an attempt that failed: it must neither
    // meet the same message for ever nor stand in the way of others to the same next hop.
#pragma warning disable CA1031
    private async Task<(IReadOnlyList<RecipientResult> Results, byte[]? Content)> HandOverAsync(
        SmtpClientConnection session, QueuedMessage message, byte[]? content, List<QueuedRecipient> recipients, Func<IReadOnlyList<int>, bool, ReadOnlyMemory<byte>> note, Action<IReadOnlyList<(int Index, RecipientResult Result)>> taken)
    {
        try
        {
            content ??= await parts.Database.ReadAsync(sql => QueueRows.Content(sql, parts.Database.Blobs, message), cut).ConfigureAwait(false)
                ?? throw new IOException($"The content of message {QueueId.Format(message.Id)} is gone.");
            var (sent, body) = session.TakesEightBit ? (content, message.Body) : await ToSevenBitAsync(message, content).ConfigureAwait(false);
            var outgoing = new OutgoingMessage(await ReversePathAsync(message, recipients).ConfigureAwait(false), sent, body, message.SmtpUtf8, message.Return, message.EnvelopeId) { RequireTls = message.Transport == TransportNeed.RequireTls, Note = note, Taken = taken };
            var results = await PatientlyAsync(session.SendAsync(outgoing, [.. recipients.Select(recipient => recipient.Recipient)])).ConfigureAwait(false);
            return (results, content);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or DbException))
        {
            parts.Log.DeliveryFaulted(fault, destination.Hop.Name);
            if (session == connection) await DisconnectAsync(keep: false).ConfigureAwait(false);
            return ([.. recipients.Select(recipient => new RecipientResult(recipient.Recipient, RecipientOutcome.Deferred, "4.3.0", "was not sent the message: this server met an error of its own"))], content);
        }
    }
#pragma warning restore CA1031

    // Tagged here and not before, so that the queue, its commands and its notices show senders as they are.
    private ValueTask<EmailAddress?> ReversePathAsync(QueuedMessage message, List<QueuedRecipient> recipients)
    {
        if (parts.Options.BounceTags == BounceTagging.Off || message.Origin != QueueOrigin.Submission || message.ReversePath is not { } sender
            || recipients.Exists(recipient => parts.Options.NoBounceTagsTo.Contains(recipient.Recipient.Address.Domain))) return ValueTask.FromResult(message.ReversePath);
        return TagAsync();

        async ValueTask<EmailAddress?> TagAsync() => await parts.Directory.BounceTagAsync(sender, cut).ConfigureAwait(false);
    }

    // RFC 6152 §3. What is ours to sign is signed again, because encoding changes what the first signature covered.
    private async ValueTask<(byte[] Content, BodyKind Body)> ToSevenBitAsync(QueuedMessage message, byte[] content)
    {
        if (System.Text.Ascii.IsValid(content) || message.Body == BodyKind.BinaryMime || SevenBitForm.Of(content) is not { } converted) return (content, message.Body);
        if (message.Origin == QueueOrigin.Forward) return (converted, BodyKind.SevenBit);
        var signature = await parts.Signer(HeaderBlock.From(converted), converted, cut).ConfigureAwait(false);
        return ([.. signature.Span, .. converted], BodyKind.SevenBit);
    }

    // The recipients of a message that are due at this next hop, as many as go into one transaction; null where there are none.
    private async ValueTask<(QueuedMessage Message, List<QueuedRecipient> Recipients, byte[]? Content)?> ReadAsync(long id, bool readContent)
    {
        var now = parts.Time.GetUtcNow();
        var most = parts.Options.RecipientsPerTransaction;
        return await parts.Database.ReadAsync<(QueuedMessage, List<QueuedRecipient>, byte[]?)?>(sql =>
        {
            if (QueueRows.Message(sql, id) is not { } message) return null;
            var recipients = destination.Hop is NextHop.Exchanges exchanges
                ? QueueRows.Due(sql, id, exchanges.Domain.Ascii, now, most)
                : [.. QueueRows.Due(sql, id, null, now, LookAt).Where(recipient => parts.Routes.Of(recipient.Recipient.Address.Domain).Name == destination.Hop.Name).Take(most)];
            if (recipients.Count == 0) return null;
            return (message, recipients, readContent && message.Size <= SmallContent ? TryContent(sql, message) : null);
        }, cut).ConfigureAwait(false);
    }

    // Content that cannot be read is asked for once more by itself, where its failure is the message's and not the worker's.
    private byte[]? TryContent(Sql sql, QueuedMessage message)
    {
        try
        {
            return QueueRows.Content(sql, parts.Database.Blobs, message);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private AttemptedAt Where() => new(connection!.Server.Name, AttemptProtection.Of(connection));

    // The domain has become one of ours while the message waited.
    private async Task DeliverHereAsync(long id)
    {
        while (await ReadAsync(id, readContent: true).ConfigureAwait(false) is var (message, recipients, small))
        {
            using var held = small is null ? await parts.Contents.TakeAsync(message.Size, cut).ConfigureAwait(false) : null;
            var content = small ?? await parts.Database.ReadAsync(sql => QueueRows.Content(sql, parts.Database.Blobs, message), cut).ConfigureAwait(false);
            if (content is null) return;
            var (results, copies) = await parts.Local.PlanAsync(message, recipients, content, cut).ConfigureAwait(false);
            await parts.Settlement.SettleAsync(message, [.. recipients.Zip(results, (recipient, result) => new Attempt(recipient, result))],
                new AttemptedAt(parts.Options.HostName.Ascii, AttemptProtection.None(null, "no connection: the domain is one of ours now")), content, cut, copies).ConfigureAwait(false);
            if (recipients.Count < parts.Options.RecipientsPerTransaction) return;
        }
    }

    // A message whose sender wants another way than the usual one has a connection of its own, and its failure says nothing about the
    // next hop: other mail may well get through.
    private async Task DeliverApartAsync(long id, TransportNeed need, SourcePool pool)
    {
        var (session, none) = await PatientlyAsync(parts.Sessions.OpenAsync(destination.Hop, need, pool, cut)).ConfigureAwait(false);
        // RFC 8689 §4.2.1, §5: what REQUIRETLS demands is demanded of mail with a sender; a bounce should not be lost for want of it, and says REQUIRETLS wherever it is taken.
        if (session is null && need == TransportNeed.RequireTls && none!.Failure.IsPermanent && await parts.Database.ReadAsync(sql => QueueRows.Message(sql, id), cut).ConfigureAwait(false) is { ReversePath: null })
            (session, none) = await PatientlyAsync(parts.Sessions.OpenAsync(destination.Hop, TransportNeed.Usual, pool, cut)).ConfigureAwait(false);
        if (session is null)
        {
            await SettleAllAsync(id, none!, apart: null).ConfigureAwait(false);
            return;
        }
        await using (session)
        {
            while (session.IsUsable && await ReadAsync(id, readContent: true).ConfigureAwait(false) is var (message, recipients, small))
            {
                using var held = small is null ? await parts.Contents.TakeAsync(message.Size, cut).ConfigureAwait(false) : null;
                await CarryOverAsync(session, new AttemptedAt(session.Server.Name, AttemptProtection.Of(session)), message, small, recipients).ConfigureAwait(false);
                if (recipients.Count < parts.Options.RecipientsPerTransaction) return;
            }
        }
    }

    // No server takes the mail: that is the result of everything that is due there, without trying each.
    private async Task GiveUpAsync(long first, NoSession none)
    {
        if (!parts.Active.Failed(destination, rest: !none.Failure.IsPermanent))
        {
            claims.Remove(first);
            parts.Active.Return(destination, first);
            return;
        }
        await HeedAsync(none.Host, none.Failure.Reply, none.Failure.Status).ConfigureAwait(false);
        List<long> together = [first];
        while (together.Count > 0 && !stopping.IsCancellationRequested)
        {
            var apart = new ConcurrentQueue<long>();
            await Task.WhenAll(together.Select(message => SettleAllAsync(message, none, apart))).ConfigureAwait(false);
            foreach (var message in apart)
            {
                var (need, pool) = await parts.Database.ReadAsync(sql => QueueRows.Way(sql, message), cut).ConfigureAwait(false);
                await DeliverApartAsync(message, need, pool).ConfigureAwait(false);
            }
            foreach (var message in together) Release(message);
            together.Clear();
            while (together.Count < SettledTogether && await ClaimAsync().ConfigureAwait(false) is { } next) together.Add(next);
        }
    }

    /// <param name="id">The message.</param>
    /// <param name="none">Its result.</param>
    /// <param name="apart">Takes the message instead where its sender wants another way than the one that failed; null where it was its own way.</param>
    private async Task SettleAllAsync(long id, NoSession none, ConcurrentQueue<long>? apart)
    {
        var failure = none.Failure;
        var outcome = failure.IsPermanent ? RecipientOutcome.Failed : RecipientOutcome.Deferred;
        while (await ReadAsync(id, readContent: false).ConfigureAwait(false) is var (message, recipients, _))
        {
            if (apart is not null && (message.Transport != TransportNeed.Usual || GoesApart(message.Pool)))
            {
                apart.Enqueue(id);
                return;
            }
            // A notification that follows needs the message.
            using var held = message.Size > SmallContent ? await parts.Contents.TakeAsync(message.Size, cut).ConfigureAwait(false) : null;
            List<Attempt> attempts = [.. recipients.Select(recipient => new Attempt(recipient,
                new RecipientResult(recipient.Recipient, outcome, failure.Status, failure.Reason, failure.Reply)))];
            await parts.Settlement.SettleAsync(message, attempts, new AttemptedAt(none.Host, none.Protection), null, cut).ConfigureAwait(false);
            if (recipients.Count < parts.Options.RecipientsPerTransaction) return;
        }
    }
}
