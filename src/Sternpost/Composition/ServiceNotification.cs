using System.Net.Sockets;
using System.Text;

namespace Sternpost.Composition;

/// <summary>Tells systemd about our state through the datagram socket it names (sd_notify(3)); does nothing where there is none.</summary>
internal static class ServiceNotification
{
    /// <summary>All listeners accept.</summary>
    public static void Ready() => Send("READY=1\nSTATUS=Accepting mail.");

    /// <summary>Going down; connections in progress end first.</summary>
    public static void Stopping() => Send("STOPPING=1\nSTATUS=Finishing connections.");

    /// <summary>Still alive, where the supervisor asked to be told (sd_watchdog_enabled(3)).</summary>
    public static void Alive() => Send("WATCHDOG=1");

    /// <summary>How often the supervisor wants to hear <see cref="Alive"/>: half of its patience; null where it does not.</summary>
    public static TimeSpan? WatchdogInterval =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), System.Globalization.CultureInfo.InvariantCulture, out var patience) && patience > 0
        && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } process || process == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(patience / 2.0)
            : null;

    private static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path) return;
        // sd_notify(3): a leading @ stands for the abstract namespace, whose names begin with a null.
        var address = new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes(state), address);
        }
        catch (SocketException failure)
        {
            // Being told is systemd's comfort, not our need: serving goes on.
            Console.Error.WriteLine($"systemd could not be told '{state.Split('\n')[0]}': {failure.Message}");
        }
    }
}
