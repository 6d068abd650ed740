using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Sternpost.Jmap.Stores;

namespace Sternpost.Jmap.Push;

/// <summary>What a push service said.</summary>
internal enum PushOutcome
{
    Taken,
    /// <summary>It knows the subscription no more.</summary>
    Gone,
    Failed,
}

/// <summary>Sends to the URLs of subscriptions. They are what any user says they are, so nothing but public addresses is connected to, and no redirection is followed.</summary>
internal sealed class PushSender : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient client;

    internal PushSender(bool toLoopback)
    {
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = Patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, toLoopback, cancellation),
        })
        { Timeout = Patience, MaxResponseContentBufferSize = 64 * 1024 };
    }

    internal async ValueTask<(PushOutcome Outcome, string Reason)> SendAsync(PushTarget target, byte[] content, bool urgent, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target.Url);
            var isEncrypted = target.P256dh is not null && target.Auth is not null;
            request.Content = new ByteArrayContent(isEncrypted ? PushEncryption.Encrypt(content, target.P256dh!, target.Auth!) : content);
            // RFC 8620 §7.2: JSON, or where there are keys, what RFC 8291 makes of it.
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(isEncrypted ? "application/octet-stream" : "application/json");
            if (isEncrypted) request.Content.Headers.ContentEncoding.Add("aes128gcm");
            // RFC 8030 §5.2, §5.3: kept for a day, and only the newest is of use.
            request.Headers.Add("TTL", "86400");
            // Pushes are rare: an idle connection would as a rule have been closed by the time it is wanted.
            request.Headers.ConnectionClose = true;
            request.Headers.Add("Urgency", urgent ? "high" : "normal");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return (PushOutcome.Taken, "");
            return (response.StatusCode is HttpStatusCode.Gone or HttpStatusCode.NotFound ? PushOutcome.Gone : PushOutcome.Failed, $"HTTP {(int)response.StatusCode}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (PushOutcome.Failed, (failure.InnerException ?? failure).Message);
        }
    }

    public void Dispose() => client.Dispose();

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

    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any)) return false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return true;
        var octets = address.GetAddressBytes();
        // The special-purpose registry of RFC 6890.
        return !(octets[0] is 0 or 10 or 127 or >= 224 || (octets[0] == 100 && octets[1] is >= 64 and < 128) || (octets[0] == 169 && octets[1] == 254)
            || (octets[0] == 172 && octets[1] is >= 16 and < 32) || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 192 && octets[1] == 0 && octets[2] == 0) || (octets[0] == 198 && octets[1] is 18 or 19));
    }
}
