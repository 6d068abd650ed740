using System.Net;
using System.Net.Sockets;

namespace Sternpost.Scenarios.Harness;

/// <summary>Ports for servers that run at the same time: each gets an offset of its own, far from the demo's.</summary>
public static class Ports
{
    private const int FirstSingle = 6_000;
    private const int Singles = 6_000;

    // Below the range Linux gives to outgoing connections (32768 and up); the process id keeps two test runs apart.
    private static int next = 10_000 + (Environment.ProcessId % 400 * 40);
    private static int single = Environment.ProcessId % 60 * 100;

    /// <summary>An offset to add to the demo's ports, which lie within 20 of one another modulo 20.</summary>
    public static int NextOffset() => Interlocked.Add(ref next, 7);

    /// <summary>A port of 127.0.0.1 on which nothing listens, for another program: none that an outgoing connection could take before it does.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = FirstSingle + (Interlocked.Increment(ref single) % Singles);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's; the next, then.
            }
        }
    }
}
