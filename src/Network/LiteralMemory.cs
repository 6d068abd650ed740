namespace Sternpost.Network;

/// <summary>Octets of literals that all sessions of a protocol hold together; a session that would go over it is refused, not served from swap.</summary>
/// <param name="most">Octets.</param>
public sealed class LiteralMemory(long most)
{
    private long held;

    /// <summary>Takes a share; false where too much is held already.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref held, octets) <= most) return true;
        Interlocked.Add(ref held, -octets);
        return false;
    }

    /// <summary>Gives a share back.</summary>
    public void Return(long octets) => Interlocked.Add(ref held, -octets);
}
