using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;

namespace Sternpost.Imap.Commands;

/// <summary>GETQUOTA and GETQUOTAROOT (RFC 9208 §4.1): one root, named "", for all mailboxes of the account.</summary>
internal sealed class QuotaCommand(string? mailbox) : ImapCommand
{
    // getquota = "GETQUOTA" SP quota-root-name (RFC 9208 §6).
    internal static ImapCommand? ParseQuota(ref ImapScanner scanner)
    {
        if (!scanner.Space() || !scanner.AString(out var root)) return null;
        return root.Length == 0 ? new QuotaCommand(null) : new RefusedCommand(Completion.No("NONEXISTENT", "There is no such quota root; the only one is \"\""));
    }

    // getquotaroot = "GETQUOTAROOT" SP mailbox (RFC 9208 §6).
    internal static ImapCommand? ParseRoot(ref ImapScanner scanner) =>
        scanner.Space() && MailboxNameGrammar.TryName(ref scanner, out var name) ? new QuotaCommand(name) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        var mailboxes = await session.Store.ListAsync(session.Account.Id, session.Token).ConfigureAwait(false);
        if (mailbox is not null)
        {
            if (await session.Store.FindAsync(session.Account.Id, mailbox, session.Token).ConfigureAwait(false) is null) return MailboxOutcome.NotFound.AsCompletion("");
            session.Writer.Text("* QUOTAROOT ").String(session.WireName(mailbox)).Text(" \"\"").End();
        }
        // The limit may have been changed since the sign-in; what is used, the mailboxes themselves know best.
        var account = await session.Server.Directory.FindAccountAsync(session.Account.Address, session.Token).ConfigureAwait(false) ?? session.Account;
        session.Writer.Line($"* QUOTA \"\" ({Storage(mailboxes.Sum(known => known.Bytes), account.QuotaBytes)})");
        return Completion.Ok("That is the quota");
    }

    // RFC 9208 §5.1: units of 1,024 octets. A resource without limit is not listed.
    private static string Storage(long used, long most) => most == 0 ? "" : $"STORAGE {(used + 1023) / 1024} {most / 1024}";
}
