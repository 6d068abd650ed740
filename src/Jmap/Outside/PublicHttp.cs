using System.Net;
using System.Net.Sockets;
using Sternpost.Network;

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
        var allowed = Array.FindAll(addresses, address => PublicAddress.Is(address) || (toLoopback && IPAddress.IsLoopback(address)));
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
}
