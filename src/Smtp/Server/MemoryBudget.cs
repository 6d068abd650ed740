namespace Sternpost.Smtp.Server;

/// <summary>Octets that all messages now arriving may hold together, so that many slow senders of large messages cannot take the machine.</summary>
internal sealed class MemoryBudget(long limit)
{
    private long taken;

    internal long Taken => Interlocked.Read(ref taken);

    internal bool TryTake(long octets)
    {
        if (octets <= 0) return true;
        if (Interlocked.Add(ref taken, octets) <= limit) return true;
        Interlocked.Add(ref taken, -octets);
        return false;
    }

    internal void Give(long octets) => Interlocked.Add(ref taken, -octets);
}
