using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What fetching a policy came to.</summary>
/// <param name="Policy">The policy; null where there is none to be had.</param>
/// <param name="ResultType">RFC 8460 §4.3.2.2: how it failed; null with a policy.</param>
/// <param name="Reason">In words, of a failure.</param>
public sealed record StsFetched(StsPolicy? Policy, string? ResultType = null, string Reason = "");

/// <summary>Fetches the policy of a domain. A seam: tests answer without a web server.</summary>
public delegate Task<StsFetched> StsFetch(DomainName domain, CancellationToken cancellation);

/// <summary>Fetches policies by HTTPS (RFC 8461 §3.3): certificate for <c>mta-sts.DOMAIN</c>, no redirects, bounded in size and time.</summary>
/// <param name="dns">Finds the policy host.</param>
/// <param name="port">443.</param>
/// <param name="roots">The authorities its certificate is verified by; null for those of the operating system.</param>
/// <param name="within">How long everything together may take.</param>
/// <param name="time">The clock.</param>
internal sealed class StsHttpsFetch(IDnsResolver dns, int port, X509Certificate2Collection? roots, TimeSpan within, TimeProvider time)
{
    private const int MaxAddresses = 4;

    internal async Task<StsFetched> FetchAsync(DomainName domain, CancellationToken cancellation)
    {
        if (!DomainName.TryParse("mta-sts." + domain.Ascii, out var host)) return Failed("sts-policy-fetch-error", "the name of its policy host would be too long");
        using var late = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        SslPolicyErrors? refused = null;
        using var handler = Handler(errors => refused = errors);
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(Uri.UriSchemeHttps, host.Ascii, port, "/.well-known/mta-sts.txt").Uri);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            // RFC 8461 §3.3: only 200 counts, and redirects are not followed.
            if (response.StatusCode != HttpStatusCode.OK) return Failed("sts-policy-fetch-error", $"its policy host answered {(int)response.StatusCode}");
            if (!IsText(response.Content.Headers.ContentType)) return Failed("sts-policy-invalid", "its policy is not text/plain");
            if (await ReadAsync(response.Content, both.Token).ConfigureAwait(false) is not { } text) return Failed("sts-policy-invalid", "its policy is too long");
            return StsPolicy.TryParse(text, out var policy, out var problem) ? new StsFetched(policy) : Failed("sts-policy-invalid", "its policy cannot be used: " + problem);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed("sts-policy-fetch-error", FormattableString.Invariant($"its policy host did not answer within {within.TotalSeconds:0} seconds"));
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            return refused is { } errors
                ? Failed("sts-webpki-invalid", "the certificate of its policy host does not prove it: " + errors)
                : Failed("sts-policy-fetch-error", "its policy host cannot be asked: " + failed.Message);
        }
    }

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

    // RFC 8461 §3.2: the media type must be text/plain, so that pages users can upload are not taken for policies.
    private static bool IsText(MediaTypeHeaderValue? type) => type?.MediaType?.Equals("text/plain", StringComparison.OrdinalIgnoreCase) == true;

    private static async Task<string?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        var whole = new byte[StsPolicy.MaxLength + 1];
        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var read = await stream.ReadAtLeastAsync(whole, whole.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return read > StsPolicy.MaxLength ? null : Encoding.UTF8.GetString(whole, 0, read);
    }

    private static StsFetched Failed(string type, string reason) => new(null, type, reason);
}
