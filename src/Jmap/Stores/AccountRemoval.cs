using Sternpost.Accounts;
using Sternpost.Accounts.Contacts;
using Sternpost.Accounts.Senders;
using Sternpost.Accounts.Sessions;
using Sternpost.Accounts.Vacations;
using Sternpost.Jmap.Labels;
using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>What goes with an account beside its mail, whoever removes it: the running server, or a command beside it.</summary>
public static class AccountRemoval
{
    /// <summary>Sees to it that an account removed from the directory leaves nothing of JMAP's or of the web's behind, above all nothing that would still be sent.</summary>
    /// <param name="directory">Which accounts are removed from.</param>
    /// <param name="database">Where they are written.</param>
    /// <param name="removed">Removes the index of an account's words; called after the removal is durable, by the thread that writes, which it must not hold up.</param>
    public static void Join(AccountDirectory directory, Database database, Action<long> removed)
    {
        var (uploads, submissions) = (new UploadStore(database, TimeProvider.System), new SubmissionStore(database));
        var before = directory.RemovingAccount;
        directory.RemovingAccount = (sql, accountId) =>
        {
            before?.Invoke(sql, accountId);
            uploads.RemoveAccount(sql, accountId);
            submissions.RemoveAccount(sql, accountId);
            VacationStore.RemoveAccount(sql, accountId);
            SenderRules.RemoveAccount(sql, accountId);
            ContactCards.RemoveAccount(sql, accountId);
            SnoozeStore.RemoveAccount(sql, accountId);
            LabelStore.RemoveAccount(sql, accountId);
            WebSessions.RemoveAccount(sql, accountId);
            sql.Execute($"delete from jmap_identities where account_id = {accountId}");
            sql.Execute($"delete from jmap_push_subscriptions where account_id = {accountId}");
            sql.Execute($"delete from jmap_changes where account_id = {accountId}");
            sql.AfterCommit(() => removed(accountId));
        };
    }
}
