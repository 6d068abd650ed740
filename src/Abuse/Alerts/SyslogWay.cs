using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Abuse.Alerts;

/// <summary>Syslog (RFC 5424) by datagram: to a host (RFC 5426), or to this computer's socket.</summary>
/// <param name="target">A host with a port, or the path of a socket such as /dev/log.</param>
/// <param name="host">This server's name.</param>
public sealed class SyslogWay(string target, string host) : IAlertWay
{
    // RFC 5424 §6.2.1: facility 2 is mail, severity 2 critical.
    private const int Priority = (2 * 8) + 2;
    // RFC 5426 §3.2: what every receiver takes.
    private const int MostOctets = 2048;

    /// <inheritdoc/>
    public string Name => "syslog";

    /// <inheritdoc/>
    public async ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation)
    {
        var text = string.Concat((alert.Subject + " " + alert.Body).Select(c => char.IsControl(c) ? ' ' : c));
        var octets = Encoding.UTF8.GetBytes($"<{Priority}>1 {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {host} sternpost - {alert.Kind} - {text}");
        ReadOnlyMemory<byte> datagram = octets.AsMemory(0, Math.Min(octets.Length, MostOctets));
        if (target.StartsWith('/'))
        {
            using var local = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            await local.SendToAsync(datagram, new UnixDomainSocketEndPoint(target), cancellation).ConfigureAwait(false);
            return null;
        }
        var colon = target.LastIndexOf(':');
        var port = int.Parse(target.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture);
        foreach (var address in await System.Net.Dns.GetHostAddressesAsync(target[..colon].Trim('[', ']'), cancellation).ConfigureAwait(false))
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.SendToAsync(datagram, new IPEndPoint(address, port), cancellation).ConfigureAwait(false);
            return null;
        }
        return "its host has no address";
    }
}
