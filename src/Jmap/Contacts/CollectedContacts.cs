using MimeKit;
using Sternpost.Accounts;
using Sternpost.Accounts.Contacts;
using Sternpost.Jmap.Content;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Storage;

namespace Sternpost.Jmap.Contacts;

/// <summary>Puts whom a user writes to into the user's address book, where they are not in it yet.</summary>
internal sealed class CollectedContacts(MailStore mail, Database database, TimeProvider time)
{
    // Who writes to more at once sends round something, and has nobody of them in mind.
    private const int MostRecipients = 20;

    private static readonly string[] Machines = ["noreply", "no-reply", "donotreply", "do-not-reply", "unsubscribe", "leave", "bounce", "mailer-daemon", "postmaster"];

    /// <summary>After a message was taken.</summary>
    internal async ValueTask AddAsync(Account account, Envelope envelope, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var written = envelope.Recipients.Select(recipient => recipient.Address).Where(address => address != account.Address && !IsMachine(address)).ToList();
        if (written.Count == 0 || envelope.Recipients.Count > MostRecipients) return;
        var missing = await database.ReadAsync(sql => written.FindAll(address => !ContactCards.Has(sql, account.Id, address.Key)), cancellation).ConfigureAwait(false);
        if (missing.Count == 0) return;
        var names = Names(content);
        await database.WriteAsync(
            sql =>
            {
                var any = false;
                foreach (var address in missing) any |= CollectedCard.Add(sql, account.Id, database.NextId(), address, names.GetValueOrDefault(address.Key) ?? "", time.GetUtcNow());
                if (any) mail.Objects.Changed(sql, account.Id);
                return 0;
            },
            cancellation).ConfigureAwait(false);
    }

    private static bool IsMachine(EmailAddress address) => Machines.Any(name => address.LocalPart.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string> Names(ReadOnlyMemory<byte> content)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in EmailDocument.Parse(content).Headers.Where(line => line.Name.Equals("To", StringComparison.OrdinalIgnoreCase) || line.Name.Equals("Cc", StringComparison.OrdinalIgnoreCase)))
        {
            if (!InternetAddressList.TryParse(line.Unfolded, out var list)) continue;
            foreach (var mailbox in list.Mailboxes.Take(MostRecipients))
            {
                if (mailbox.Name is { Length: > 0 } name && EmailAddress.TryParse(mailbox.Address, out var address)) names[address.Key] = name;
            }
        }
        return names;
    }
}
