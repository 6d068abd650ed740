using System.Collections.Concurrent;

namespace Sternpost.Pop3;

/// <summary>RFC 1939 §4: one session at a time has a maildrop, so that the message numbers of one do not change under another.</summary>
internal sealed class MaildropLocks
{
    private readonly ConcurrentDictionary<long, Held> held = new();

    /// <summary>Takes the lock until disposed; null where another session has it.</summary>
    internal IDisposable? TryTake(long accountId)
    {
        var taken = new Held(this, accountId);
        return held.TryAdd(accountId, taken) ? taken : null;
    }

    private sealed class Held(MaildropLocks owner, long accountId) : IDisposable
    {
        public void Dispose() => owner.held.TryRemove(KeyValuePair.Create(accountId, this));
    }
}
