using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>An answer of an authority: JSON, or a chain as text.</summary>
internal sealed record AcmeAnswer(JsonElement Json, string Text, Uri? Location, TimeSpan? RetryAfter);

/// <summary>Requests to an authority: signed, each with a nonce, over HTTPS alone (RFC 8555 §6).</summary>
internal sealed class AcmeConnection(HttpClient http, AccountKey key, TimeProvider time)
{
    // A chain is some kilobytes, an order of a hundred names some ten.
    private const int MaxAnswer = 256 * 1024;

    // RFC 8555 §6.5: a nonce may have grown old while it lay here; the answer brings a new one.
    private const int Attempts = 10;
    private const int MaxNonces = 4;

    private readonly Stack<string> nonces = new();

    /// <summary>The account's address at the authority, once known.</summary>
    internal string? Account { get; set; }

    /// <summary>A client as an authority wants it.</summary>
    /// <param name="roots">Whom to believe instead of those this computer believes; null for those.</param>
    /// <param name="agent">What the program calls itself.</param>
    internal static HttpClient Client(X509Certificate2Collection? roots, string agent)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = true, ConnectTimeout = TimeSpan.FromSeconds(20), MaxResponseHeadersLength = 32 };
        if (roots is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60), MaxResponseContentBufferSize = MaxAnswer };
        // RFC 8555 §6.1.
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "en");
        return client;
    }

    internal Task<AcmeAnswer> GetAsync(Uri url, CancellationToken cancellation) => SendAsync(url, () => new HttpRequestMessage(HttpMethod.Get, url), cancellation);

    /// <summary>Asks for something without changing it.</summary>
    internal Task<AcmeAnswer> AskAsync(AcmeDirectory directory, Uri url, CancellationToken cancellation) => PostAsync(directory, url, "", cancellation);

    internal async Task<AcmeAnswer> PostAsync(AcmeDirectory directory, Uri url, string payload, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var nonce = nonces.TryPop(out var kept) ? kept : await NonceAsync(directory, cancellation).ConfigureAwait(false);
            try
            {
                return await SendAsync(url, () => new HttpRequestMessage(HttpMethod.Post, url)
                {
                    // RFC 8555 §6.2.
                    Content = new ByteArrayContent(key.Sign(url, payload, nonce, Account)) { Headers = { ContentType = new MediaTypeHeaderValue("application/jose+json") } },
                }, cancellation).ConfigureAwait(false);
            }
            catch (AcmeException refused) when (refused.Problem.Type == "badNonce" && attempt < Attempts)
            {
                // What else lies here is as old.
                while (nonces.Count > 1) nonces.Pop();
            }
        }
    }

    private async Task<string> NonceAsync(AcmeDirectory directory, CancellationToken cancellation)
    {
        await SendAsync(directory.NewNonce, () => new HttpRequestMessage(HttpMethod.Head, directory.NewNonce), cancellation).ConfigureAwait(false);
        return nonces.TryPop(out var nonce) ? nonce : throw new AcmeException("The authority gave no nonce.");
    }

    private async Task<AcmeAnswer> SendAsync(Uri url, Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        if (url.Scheme != Uri.UriSchemeHttps) throw new AcmeException("The authority's address is not by https.");
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            Keep(response);
            var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            var type = response.Content.Headers.ContentType?.MediaType ?? "";
            var json = type.EndsWith("json", StringComparison.OrdinalIgnoreCase) ? Parse(text) : default;
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent)
            {
                var location = response.Headers.Location is { } given ? new Uri(url, given) : null;
                return new AcmeAnswer(json, text, location, Wait(response));
            }
            throw new AcmeException(AcmeProblem.Of(json, (int)response.StatusCode) is { Detail.Length: > 0 } problem ? problem : new AcmeProblem("", $"it answered with HTTP status {(int)response.StatusCode}", (int)response.StatusCode), Wait(response));
        }
        catch (HttpRequestException broken)
        {
            throw new AcmeException($"{url.Host} cannot be asked: {(broken.InnerException ?? broken).Message}", broken);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new AcmeException($"{url.Host} did not answer in time.", late);
        }
    }

    private void Keep(HttpResponseMessage response)
    {
        // RFC 8555 §6.5.1: base64url.
        if (response.Headers.TryGetValues("Replay-Nonce", out var values) && values.First() is { Length: > 0 and < 512 } nonce && nonces.Count < MaxNonces && nonce.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) nonces.Push(nonce);
    }

    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => null,
    };

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Json.Budget);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
