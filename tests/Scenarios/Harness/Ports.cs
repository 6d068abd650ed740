namespace Sternpost.Scenarios.Harness;

/// <summary>Ports for servers that run at the same time: each gets an offset of its own, far from the demo's.</summary>
public static class Ports
{
    // Below the range Linux gives to outgoing connections (32768 and up); the process id keeps two test runs apart.
    private static int next = 10_000 + (Environment.ProcessId % 400 * 40);

    /// <summary>An offset to add to the demo's ports, which lie within 20 of one another modulo 20.</summary>
    public static int NextOffset() => Interlocked.Add(ref next, 7);
}
