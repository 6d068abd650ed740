namespace Sternpost.Imap.Server;

/// <summary>Octets of literals that all sessions hold together; a session that would go over it is refused, not served from swap.</summary>
internal sealed class AppendMemory(long most)
{
    private long held;

    /// <summary>Takes a share; false where too much is held already.</summary>
    internal bool TryTake(long octets)
    {
        if (Interlocked.Add(ref held, octets) <= most) return true;
        Interlocked.Add(ref held, -octets);
        return false;
    }

    /// <summary>Gives a share back.</summary>
    internal void Return(long octets) => Interlocked.Add(ref held, -octets);
}
