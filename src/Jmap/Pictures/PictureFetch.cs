using System.Net;
using System.Net.Sockets;
using Sternpost.Jmap.Outside;

namespace Sternpost.Jmap.Pictures;

/// <summary>Fetches a remote picture as a stranger: no cookie, no referrer, nothing of the reader, within budgets of time, size and redirections.</summary>
internal sealed class PictureFetch(bool toLoopback) : IDisposable
{
    internal const int MostOctets = 8 * 1024 * 1024;
    private const int MostRedirections = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient client = PublicHttp.Client(toLoopback, Patience);

    /// <summary>The octets of a raster picture, or why there are none.</summary>
    internal async Task<(byte[]? Picture, string Reason)> FetchAsync(Uri address, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // All redirections and the body together, however slowly they drip.
        deadline.CancelAfter(Patience);
        try
        {
            for (var step = 0; step <= MostRedirections; step++)
            {
                if (!MayAsk(address)) return (null, "the address is none that pictures come from");
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.TryAddWithoutValidation("Accept", "image/avif,image/webp,image/png,image/jpeg,image/gif");
                request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (compatible; Sternpost picture proxy)");
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
                if (response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                {
                    if (response.Headers.Location is not { } next) return (null, "it leads on to nowhere");
                    address = new Uri(address, next);
                    continue;
                }
                if (response.StatusCode != HttpStatusCode.OK) return (null, $"HTTP {(int)response.StatusCode}");
                return await ReadAsync(response, deadline.Token).ConfigureAwait(false);
            }
            return (null, "it leads on too often");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or UriFormatException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (null, (failure.InnerException ?? failure).Message);
        }
    }

    public void Dispose() => client.Dispose();

    // Only the ports of the web: whoever writes a message must not make this server knock elsewhere.
    internal bool MayAsk(Uri address) =>
        (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.UserInfo.Length == 0 && address.Host.Length > 0 && (address.IsDefaultPort || (toLoopback && address.IsLoopback));

    private static async Task<(byte[]? Picture, string Reason)> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength > MostOctets) return (null, "it is too large");
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            if (body.Length + read > MostOctets) return (null, "it is too large");
            body.Write(buffer, 0, read);
            // What is no picture is not read to its end.
            if (body.Length >= 16 && PictureKind.Of(body.GetBuffer().AsSpan(0, 16)) is null) return (null, "it is no picture of a kind that is shown");
        }
        return PictureKind.Of(body.GetBuffer().AsSpan(0, (int)body.Length)) is null ? (null, "it is no picture of a kind that is shown") : (body.ToArray(), "");
    }
}
