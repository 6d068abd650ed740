namespace Sternpost.Mailboxes;

/// <summary>What changed after a modseq. Uids in <paramref name="Vanished"/> are gone.</summary>
public sealed record MailboxChanges(long HighestModSeq, uint UidNext, IReadOnlyList<Entry> Changed, IReadOnlyList<uint> Vanished);
