using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>HTTPS as transport security wants it: a certificate that proves the host, no redirects, no cookies, no proxy, and names looked up by the server's own resolver.</summary>
/// <param name="dns">Finds hosts.</param>
/// <param name="roots">The authorities certificates are verified by; null for those of the operating system.</param>
internal sealed class StrictHttps(IDnsResolver dns, X509Certificate2Collection? roots)
{
    private const int MaxAddresses = 4;

    /// <summary>A client for one conversation.</summary>
    /// <param name="refused">Told why, where a certificate is turned down.</param>
    internal HttpClient Client(Action<SslPolicyErrors> refused) => new(Handler(refused), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    private SocketsHttpHandler Handler(Action<SslPolicyErrors> refused)
    {
        var chain = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (roots is not null)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.CustomTrustStore.AddRange(roots);
        }
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = chain,
                RemoteCertificateValidationCallback = (_, _, _, errors) =>
                {
                    if (errors != SslPolicyErrors.None) refused(errors);
                    return errors == SslPolicyErrors.None;
                },
            },
        };
    }

    // By the server's own resolver, so that one cache and one set of upstreams serve everything.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = DomainName.Parse(context.DnsEndPoint.Host);
        var six = await dns.AddressesAsync(host, AddressFamily.InterNetworkV6, cancellation).ConfigureAwait(false);
        var four = await dns.AddressesAsync(host, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
        SocketException? last = null;
        foreach (var address in four.Records.Take(MaxAddresses).Concat(six.Records.Take(MaxAddresses)))
        {
            Socket? socket = null;
            try
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException failed)
            {
                socket?.Dispose();
                last = failed;
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
