using System.Security.Cryptography;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Commands;
using Sternpost.Mailboxes;

namespace Sternpost.Migration;

/// <summary>What came into one mailbox.</summary>
/// <param name="Mailbox">Its name here.</param>
/// <param name="Added">Messages that are new.</param>
/// <param name="Known">Messages that an earlier import brought.</param>
internal sealed record ImportedMailbox(string Mailbox, int Added, int Known);

/// <summary>Brings mail into an account. Every message is written down with where it came from in the transaction that stores it, so that an import that breaks off goes on where it was.</summary>
/// <param name="mail">The store.</param>
/// <param name="account">Whose.</param>
/// <param name="only">The mailbox that all of it goes into; null to keep the mailboxes of the source.</param>
internal sealed class MailImport(MailStore mail, Account account, string? only)
{
    // One transaction: large enough to share its fsync, small enough that deliveries do not wait for it.
    private const int MostTogether = 100;
    private const long LargestTogether = 4 * 1024 * 1024;
    private const int KeyLength = 16;

    private readonly Dictionary<string, (int Added, int Known)> counts = [];
    private readonly Dictionary<(string Name, SpecialUse Use), Mailbox> targets = [];
    private readonly List<NewEmail> waiting = [];
    private Mailbox? target;
    private long size;

    /// <summary>What was passed over, and why.</summary>
    internal List<string> Unreadable { get; } = [];

    internal async Task<IReadOnlyList<ImportedMailbox>> RunAsync(IMailSource source, IProgress<string> progress, CancellationToken cancellation)
    {
        var seen = 0;
        await foreach (var message in source.MessagesAsync(Unreadable.Add, cancellation))
        {
            progress.Report($"{message.Mailbox}: {++seen} seen, {counts.Values.Sum(count => count.Added) + waiting.Count} new");
            var mailbox = await TargetAsync(message, cancellation);
            if (mailbox.Id != target?.Id) await StoreAsync(cancellation);
            target = mailbox;
            var key = SHA256.HashData(Encoding.UTF8.GetBytes(message.Key))[..KeyLength];
            if ((await mail.ImportedAsync(account.Id, [key], cancellation)).Count > 0 || waiting.Exists(email => email.Source!.AsSpan().SequenceEqual(key)))
            {
                Count(mailbox, 0, 1);
                continue;
            }
            byte[]? content;
            try
            {
                content = await message.ReadAsync(cancellation);
            }
            catch (Exception broken) when (broken is InvalidDataException or UnauthorizedAccessException)
            {
                Unreadable.Add($"a message of {message.Mailbox}: {broken.Message}");
                continue;
            }
            if (content is null) continue;
            waiting.Add(new NewEmail(ReadOnlyMemory<byte>.Empty, content, message.Flags, message.Keywords, message.Date) { Source = key });
            size += content.Length;
            if (waiting.Count == MostTogether || size >= LargestTogether) await StoreAsync(cancellation);
        }
        await StoreAsync(cancellation);
        return [.. counts.Select(count => new ImportedMailbox(count.Key, count.Value.Added, count.Value.Known))];
    }

    private async Task StoreAsync(CancellationToken cancellation)
    {
        if (waiting.Count == 0) return;
        var (outcome, _, uids) = await mail.AppendAsync(target!.Id, waiting, cancellation);
        if (outcome == MailboxOutcome.OverQuota)
            throw new OperationFailedException($"{account.Address} may hold no more mail. What came so far is there; give it more room and start again, and nothing is brought twice.");
        if (outcome != MailboxOutcome.Ok) throw new OperationFailedException($"The mailbox {target.Name} is gone. Start again; what came so far is not brought twice.");
        Count(target, uids.Count, 0);
        waiting.Clear();
        size = 0;
    }

    private void Count(Mailbox mailbox, int added, int known)
    {
        var (before, knownBefore) = counts.GetValueOrDefault(mailbox.Name);
        counts[mailbox.Name] = (before + added, knownBefore + known);
    }

    private async Task<Mailbox> TargetAsync(SourceMessage message, CancellationToken cancellation)
    {
        var (name, use) = only is null ? (FolderNames.Clean(message.Mailbox), message.Use) : (only, FolderNames.UseOf(only));
        if (targets.TryGetValue((name, use), out var known)) return known;
        Mailbox? found = null;
        if (use != SpecialUse.None) found = (await mail.ListAsync(account.Id, cancellation)).FirstOrDefault(mailbox => mailbox.Use == use);
        found ??= await mail.FindAsync(account.Id, name, cancellation);
        if (found is null)
        {
            var outcome = await mail.CreateAsync(account.Id, name, SpecialUse.None, cancellation);
            found = await mail.FindAsync(account.Id, name, cancellation) ?? throw new OperationFailedException($"The mailbox {name} cannot be made ({outcome}). Bring its mail into another with --mailbox.");
            await mail.SubscribeAsync(account.Id, name, subscribed: true, cancellation);
        }
        return targets[(name, use)] = found;
    }
}
