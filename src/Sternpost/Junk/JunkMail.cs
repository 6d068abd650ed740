using System.Text;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Messages.Content;

namespace Sternpost.Junk;

/// <summary>A message in Junk, as its owner looks through them.</summary>
/// <param name="Id">The email.</param>
/// <param name="ThreadId">Its conversation.</param>
/// <param name="Received">When it came.</param>
/// <param name="Name">Its author's name; empty where there is none.</param>
/// <param name="Address">The author's address.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Verdict">What the filter wrote into it; null where it was moved here by hand, or came otherwise.</param>
internal sealed record JunkMail(long Id, long ThreadId, DateTimeOffset Received, string Name, string Address, string Subject, string? Verdict);

/// <summary>Reads what lies in an account's Junk.</summary>
internal static class JunkReader
{
    // What this server writes above a message is short.
    private const int MostHeader = 8 * 1024;
    private const string Field = "x-sternpost-verdict:";

    /// <summary>The newest, newest first, and how many there are.</summary>
    internal static ValueTask<(IReadOnlyList<JunkMail> Newest, int All)> ReadAsync(MailStore mail, long accountId, DateTimeOffset since, int most, CancellationToken cancellation) => mail.Objects.ReadAsync<(IReadOnlyList<JunkMail>, int)>(
        accountId,
        reader =>
        {
            if (reader.Mailboxes().FirstOrDefault(mailbox => mailbox.Use == SpecialUse.Junk) is not { } junk) return ([], 0);
            var from = since.ToUnixTimeMilliseconds();
            var all = reader.View.Emails.Where(email => email.IsIn(junk.Id) && email.Received >= from).OrderByDescending(email => email.Received).ToList();
            return ([.. all.Take(most).Select(email => Of(reader, email)).OfType<JunkMail>()], all.Count);
        },
        cancellation);

    private static JunkMail? Of(ObjectReader reader, EmailFacts email)
    {
        if (reader.Stored(email.Id) is not { } stored) return null;
        var envelope = stored.Structure.Envelope;
        var author = envelope.From.FirstOrDefault(address => address.Host is not null);
        var header = reader.Content(email.Id, 0, (int)Math.Min(MostHeader, stored.Size)) ?? [];
        return new JunkMail(
            email.Id, email.ThreadId, stored.ReceivedAt, EncodedWords.Decode(author?.Name ?? "").Trim(), author is null ? "" : $"{author.Mailbox}@{author.Host}", EncodedWords.Decode(envelope.Subject ?? "").Trim(), Verdict(header));
    }

    // Above our own Received all is ours; whatever is below came with the message, and its sender may have written anything there.
    private static string? Verdict(byte[] header)
    {
        var (verdict, isOpen) = ((string?)null, false);
        foreach (var line in Encoding.Latin1.GetString(header).Split("\r\n"))
        {
            if (line.Length == 0) return null;
            if (line.StartsWith("received:", StringComparison.OrdinalIgnoreCase)) return verdict;
            if (line[0] is ' ' or '\t')
            {
                if (isOpen) verdict += " " + line.Trim();
                continue;
            }
            isOpen = verdict is null && line.StartsWith(Field, StringComparison.OrdinalIgnoreCase);
            if (isOpen) verdict = line[Field.Length..].Trim();
        }
        return null;
    }
}
