using System.Net;
using System.Net.Sockets;

namespace Sternpost.Jmap.Outside;

/// <summary>
/// Requests to addresses that users and strangers name: push services, pictures of messages, ways to leave a list. Nothing but public addresses is
/// connected to, so none of them reaches what only this server can reach; no redirection is followed by itself, nothing is remembered of whom one asked.
/// </summary>
internal static class PublicHttp
{
    /// <summary>A client under these rules.</summary>
    /// <param name="toLoopback">True where this computer itself may be asked too; for the demo and tests.</param>
    /// <param name="patience">How long a request may take in all.</param>
    internal static HttpClient Client(bool toLoopback, TimeSpan patience) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 32,
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, toLoopback, cancellation),
    })
    { Timeout = patience, MaxResponseContentBufferSize = 64 * 1024 };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, bool toLoopback, CancellationToken cancellation)
    {
        // Checked at the address that is connected to: a name may mean another one by the time it is asked again.
        var addresses = await System.Net.Dns.GetHostAddressesAsync(endPoint.Host, cancellation).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, address => IsPublic(address) || (toLoopback && IPAddress.IsLoopback(address)));
        if (allowed.Length == 0) throw new HttpRequestException($"{endPoint.Host} has no public address.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, endPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an address is one of the public network.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any)) return false;
        var octets = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // What leads to an IPv4 address within is as public as that one: ::/96, NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056); Teredo hides it.
            if (octets.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0) return false;
            if (octets is [0x00, 0x64, 0xff, 0x9b, ..]) return octets[4] == 0 && octets[5] == 0 && IsPublic(new IPAddress(octets.AsSpan(12)));
            if (octets is [0x20, 0x02, ..]) return IsPublic(new IPAddress(octets.AsSpan(2, 4)));
            return octets is not [0x20, 0x01, 0, 0, ..];
        }
        // The special-purpose registry of RFC 6890.
        return !(octets[0] is 0 or 10 or 127 or >= 224 || (octets[0] == 100 && octets[1] is >= 64 and < 128) || (octets[0] == 169 && octets[1] == 254)
            || (octets[0] == 172 && octets[1] is >= 16 and < 32) || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 192 && octets[1] == 0 && octets[2] == 0) || (octets[0] == 198 && octets[1] is 18 or 19));
    }
}
