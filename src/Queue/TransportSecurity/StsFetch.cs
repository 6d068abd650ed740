using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
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
/// <param name="http">Makes the client.</param>
/// <param name="port">443.</param>
/// <param name="within">How long everything together may take.</param>
/// <param name="time">The clock.</param>
internal sealed class StsHttpsFetch(StrictHttps http, int port, TimeSpan within, TimeProvider time)
{
    internal async Task<StsFetched> FetchAsync(DomainName domain, CancellationToken cancellation)
    {
        if (!DomainName.TryParse("mta-sts." + domain.Ascii, out var host)) return Failed("sts-policy-fetch-error", "the name of its policy host would be too long");
        using var late = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        SslPolicyErrors? refused = null;
        using var client = http.Client(errors => refused = errors);
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
