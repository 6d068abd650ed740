using System.Buffers.Binary;
using System.Net.Sockets;

namespace Sternpost.Setup.Checks;

/// <summary>Whether the clock is right, by asking a time server (RFC 4330, SNTP). Certificates, signatures and Received lines need it.</summary>
internal static class Clock
{
    private const string Server = "pool.ntp.org";
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);
    private static readonly DateTimeOffset NtpEpoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (await AskAsync(cancellation) is not { } right)
        {
            return CheckResult.Warning("Clock", "no time server answered", "Make sure that systemd-timesyncd, chrony or the like keeps the clock right.");
        }
        var off = DateTimeOffset.UtcNow - right;
        return off.Duration() <= Tolerance
            ? CheckResult.Ok("Clock", "right")
            : CheckResult.Failed("Clock", $"{Math.Abs(off.TotalSeconds):0} seconds {(off > TimeSpan.Zero ? "fast" : "slow")}", "Set it and keep it right with systemd-timesyncd or chrony: signatures and certificates depend on it.");
    }

    private static async Task<DateTimeOffset?> AskAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(4));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            var addresses = await System.Net.Dns.GetHostAddressesAsync(Server, AddressFamily.InterNetwork, deadline.Token);
            if (addresses.Length == 0) return null;
            await socket.ConnectAsync(addresses[0], 123, deadline.Token);
            // RFC 4330 §4: version 4, mode 3 (client); everything else may be zero.
            var packet = new byte[48];
            packet[0] = 0b00_100_011;
            await socket.SendAsync(packet, deadline.Token);
            if (await socket.ReceiveAsync(packet, deadline.Token) < 48) return null;
            // RFC 4330 §3: the transmit time stands at octet 40; stratum 0 is a refusal, not a time.
            var seconds = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(40));
            return packet[1] == 0 || seconds == 0 ? null : NtpEpoch.AddSeconds(seconds);
        }
        catch (Exception silent) when (silent is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
