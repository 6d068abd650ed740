using System.Net;
using System.Net.Sockets;

namespace Sternpost.Setup.Checks;

/// <summary>Whether the ports that the server will listen on can be had.</summary>
internal static class ListeningPorts
{
    public static Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        var taken = new List<int>();
        var denied = new List<int>();
        foreach (var (_, listener) in subject.Configuration.Listeners.All.Where(listener => listener.Listener.Port != 0))
        {
            switch (Try(listener.Port))
            {
                case SocketError.AddressAlreadyInUse: taken.Add(listener.Port); break;
                case SocketError.AccessDenied: denied.Add(listener.Port); break;
            }
        }
        return Task.FromResult(
            taken.Count > 0 ? CheckResult.Failed("Ports", $"taken already: {string.Join(", ", taken)}",
                "Another program listens there ('ss -ltnp' names it). Stop it, or give Sternpost other ports in the sections [listeners.…] of the configuration.")
            : denied.Count > 0 ? CheckResult.Warning("Ports", $"this user may not open {string.Join(", ", denied)}",
                "Run 'serve' as a service with AmbientCapabilities=CAP_NET_BIND_SERVICE (docs/operations/systemd.md), as root, or on ports above 1023.")
            : CheckResult.Ok("Ports", "all free"));
    }

    // Anything but "taken" and "not allowed" (no IPv4 here, say) says nothing about the port.
    private static SocketError Try(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return SocketError.Success;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode;
        }
    }
}
