using Sternpost.Abuse.Alerts;
using Sternpost.Abuse.Signs;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Forwarding;
using Sternpost.Accounts.Grants;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Scripts;
using Sternpost.Mailboxes;
using Sternpost.Queue.Schedule;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Containment;

/// <summary>
/// Contains a stolen account in one step: nobody signs in or sends, its sessions and app passwords end, what it had in the queue is taken
/// out, what was lately allowed or forwarded is undone, the administrator is told. One transaction does all of it, so that there is no moment
/// between; copies in mailboxes here follow at once. Everything is written down and can be taken back.
/// </summary>
public sealed class AccountContainment(
    Database database, AccountDirectory directory, AppPasswordBook passwords, SenderGrantBook grants, MailStore mail, SenderTrust trust, IAlerts alerts, TraceBook? book, QueueSignal signal, TimeProvider time)
{
    /// <summary>How far back a command looks where nothing says when it began.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromDays(1);

    // What a thief sets up before he sends: forwards and filters of the owner's mail, and names to send under.
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);

    // He signs in, and looks around, before he sends.
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    /// <summary>Contains an account; null where it is contained already.</summary>
    /// <param name="account">Which.</param>
    /// <param name="since">From when on what it did is in question; null looks for the first unusual message of the last day.</param>
    /// <param name="onlyUnusual">True leaves alone what was sent as the owner always does, from where he always is; false takes everything out of the queue.</param>
    /// <param name="automatic">The server does it by itself.</param>
    /// <param name="reason">Why, a sentence without a full stop.</param>
    /// <param name="cancellation">Ends the wait before anything is written.</param>
    public async ValueTask<ContainmentCase?> ContainAsync(Account account, DateTimeOffset? since, bool onlyUnusual, bool automatic, string reason, CancellationToken cancellation)
    {
        var id = database.NextId();
        var made = await database.WriteAsync(sql => Contain(sql, id, account, since, onlyUnusual, automatic, reason), cancellation).ConfigureAwait(false);
        if (made is not null) await FinishAsync(made.Id, cancellation).ConfigureAwait(false);
        return made;
    }

    /// <summary>Ends an account's containment; null where there is none.</summary>
    /// <param name="account">Which.</param>
    /// <param name="putBack">True: it was a false alarm, and everything is as it was. False: the account goes back to its owner, and what was taken out of the queue is thrown away.</param>
    /// <param name="cancellation">Ends the wait before anything is written.</param>
    /// <exception cref="DirectoryException">The password the thief had is still good.</exception>
    public async ValueTask<ContainmentCase?> ReleaseAsync(Account account, bool putBack, CancellationToken cancellation)
    {
        var ended = await database.WriteAsync(sql => Release(sql, account, putBack), cancellation).ConfigureAwait(false);
        if (ended is not null && putBack) await MoveBackAsync(ended.Id, cancellation).ConfigureAwait(false);
        return ended;
    }

    /// <summary>The newest containment of an account; null where it never was.</summary>
    public ValueTask<ContainmentCase?> FindAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(sql => ContainmentRows.Newest(sql, accountId), cancellation);

    /// <summary>All containments, the newest first.</summary>
    public ValueTask<IReadOnlyList<ContainmentCase>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<ContainmentCase>>(ContainmentRows.All, cancellation);

    /// <summary>Moves copies that a crash left unmoved.</summary>
    internal async ValueTask ResumeAsync(CancellationToken cancellation)
    {
        foreach (var id in await database.ReadAsync(ContainmentRows.Unfinished, cancellation).ConfigureAwait(false)) await FinishAsync(id, cancellation).ConfigureAwait(false);
    }

    private ContainmentCase? Contain(Sql sql, long id, Account account, DateTimeOffset? from, bool onlyUnusual, bool automatic, string reason)
    {
        if (ContainmentRows.Newest(sql, account.Id) is { State: ContainmentState.Contained }) return null;
        var now = time.GetUtcNow();
        var odd = SentMessages.Since(sql, account.Id, from ?? now - Usual, onlyOdd: true);
        var since = from ?? (odd.Count > 0 ? Database.TimeOf(odd[0].Id) : now - Usual);
        var messages = SentMessages.Since(sql, account.Id, since, onlyUnusual);
        directory.SetStatus(sql, account.Id, AccountStatus.Contained);
        var ended = passwords.EndAll(sql, account.Id);
        var allowed = grants.RemoveSince(sql, account.Id, since - Lately);
        var forwards = directory.RemoveForwardsSince(sql, account, since - Lately);
        var script = ScriptStore.DeactivateWrittenSince(sql, account.Id, since - Lately);
        var forward = ForwardingBook.StopSince(sql, account.Id, since - Lately);
        var masked = MaskedBook.StopSince(sql, directory, account.Id, since - Before);
        var (recipients, copies) = Stop(sql, id, account, messages, onlyUnusual);
        trust.ForgetSince(sql, account.Id, since);
        var facts = new ContainmentFacts
        {
            Locked = AccountDirectory.SessionsFrom(sql, account.Id),
            Signs = [.. SignRows.Since(sql, account.Id, since - Before).Select(sign => $"{Database.TimeOf(sign.Id):u} {sign.What}")],
            Sources = messages.GroupBy(message => message.Source).ToDictionary(source => source.Key, source => source.Count()),
            Messages = [.. messages.Select(message => QueueId.Format(message.Id))],
            Recipients = recipients,
            LocalCopies = copies,
            AppPasswords = ended,
            Grants = allowed,
            Aliases = forwards,
            Script = script,
            Forward = forward,
            Masked = masked,
        };
        var notice = RecipientNotice.Draft(account.Address.ToString(), since, now, [.. recipients.Where(recipient => !recipient.Stopped).Select(recipient => recipient.Address).Distinct()]);
        var made = new ContainmentCase(id, account.Id, account.Address.ToString(), since, automatic, reason, ContainmentState.Contained, null, facts, notice);
        ContainmentRows.Insert(sql, made);
        alerts.Raise(sql, new Alert("account-contained", $"{account.Address} is contained", ContainmentLetter.Write(made)));
        return made;
    }

    private (List<ContainedRecipient> Recipients, int Copies) Stop(Sql sql, long id, Account account, IReadOnlyList<SentMessage> messages, bool onlyUnusual)
    {
        var recipients = new List<ContainedRecipient>();
        var copies = 0;
        var stopped = new Dictionary<long, HashSet<string>>();
        // What is in the queue and not known as sent lately is older, or was passed on in the account's name: frozen as well where all is.
        foreach (var message in messages.Select(message => message.Id).Union(onlyUnusual ? [] : QueueRows.MessagesOf(sql, account.Id)))
        {
            var taken = ParkedMail.Take(sql, id, message);
            if (taken.Count == 0) continue;
            stopped[message] = [.. taken];
            book?.Write(sql, message, new Step(StepKind.Held, "", "Taken out of the queue, because the account that sent it was contained.", $"See: sternpost account containment {account.Address}"));
        }
        foreach (var message in messages)
        {
            foreach (var copy in SentMessages.Copies(sql, message.Id))
            {
                if (copy.AccountId is { } owner)
                {
                    ContainmentRows.AddCopy(sql, id, new ContainedCopy(copy.EmailId, owner, copy.MailboxId, copy.MailboxId, copy.Uid, IsMoved: false));
                    copies++;
                }
                else
                {
                    recipients.Add(new ContainedRecipient(copy.Address, QueueId.Format(message.Id), stopped.GetValueOrDefault(message.Id)?.Contains(copy.Address) == true));
                }
            }
        }
        return (recipients, copies);
    }

    private ContainmentCase? Release(Sql sql, Account account, bool putBack)
    {
        if (ContainmentRows.Newest(sql, account.Id) is not { State: ContainmentState.Contained } contained) return null;
        if (!putBack && AccountDirectory.SessionsFrom(sql, account.Id) <= contained.Facts.Locked)
        {
            throw new DirectoryException($"The password that somebody else had is still that of {account.Address}. Replace it first: sternpost account password {account.Address}");
        }
        var now = time.GetUtcNow();
        directory.SetStatus(sql, account.Id, AccountStatus.Active);
        if (putBack)
        {
            passwords.Revive(sql, contained.Facts.AppPasswords);
            grants.Restore(sql, account.Id, contained.Facts.Grants);
            directory.RestoreForwards(sql, contained.Facts.Aliases);
            if (contained.Facts.Forward is { } forward) ForwardingBook.Restore(sql, account.Id, forward, now);
            MaskedBook.Restore(sql, directory, account.Id, contained.Facts.Masked);
            if (contained.Facts.Script is { } script) ScriptStore.Reactivate(sql, account.Id, script);
            var domains = ParkedMail.PutBack(sql, database, contained.Id, now);
            if (domains.Count > 0) sql.AfterCommit(() => signal.Raise(domains));
        }
        else
        {
            ParkedMail.Discard(sql, database.Blobs, contained.Id);
        }
        var state = putBack ? ContainmentState.PutBack : ContainmentState.GivenBack;
        ContainmentRows.End(sql, contained.Id, state, now);
        return contained with { State = state, Ended = now };
    }

    private async ValueTask FinishAsync(long id, CancellationToken cancellation)
    {
        foreach (var copy in await database.ReadAsync(sql => ContainmentRows.Copies(sql, id, moved: false), cancellation).ConfigureAwait(false))
        {
            // Read or not: what a thief wrote to colleagues is the most dangerous of all his mail. Whoever moved it has seen it, and it stays where it is.
            var moved = await mail.MoveQuietlyAsync(copy.AccountId, copy.MailboxId, (uint)copy.Uid, copy.EmailId, null, onlyUntouched: false, cancellation).ConfigureAwait(false);
            await database.WriteAsync(
                sql =>
                {
                    ContainmentRows.Moved(sql, id, copy, moved?.MailboxId ?? 0, moved?.Uid ?? 0, time.GetUtcNow());
                    return true;
                },
                cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask MoveBackAsync(long id, CancellationToken cancellation)
    {
        foreach (var copy in await database.ReadAsync(sql => ContainmentRows.Copies(sql, id, moved: true), cancellation).ConfigureAwait(false))
        {
            if (copy.MailboxId == 0) continue;
            await mail.MoveQuietlyAsync(copy.AccountId, copy.MailboxId, (uint)copy.Uid, copy.EmailId, copy.FromMailbox, onlyUntouched: false, cancellation).ConfigureAwait(false);
        }
    }
}
