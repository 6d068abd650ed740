using System.Net.Http.Headers;
using System.Net.Sockets;
using Sternpost.Jmap.Outside;

namespace Sternpost.Jmap.Senders;

/// <summary>Leaves a list with one request (RFC 8058 §3.1): it says nothing but that, follows nothing, and goes to public addresses over HTTPS alone.</summary>
internal sealed class OneClickPost(bool toLoopback) : IDisposable
{
    /// <summary>All that is said; also what List-Unsubscribe-Post announces.</summary>
    internal const string Body = "List-Unsubscribe=One-Click";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient client = PublicHttp.Client(toLoopback, Patience);

    /// <summary>Null where the list's server took it; otherwise why not.</summary>
    internal async Task<string?> SendAsync(Uri address, CancellationToken cancellation)
    {
        if (address.Scheme != Uri.UriSchemeHttps || address.UserInfo.Length > 0 || !(address.IsDefaultPort || (toLoopback && address.IsLoopback))) return "the address is none that lists are left by";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(Body)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            request.Headers.ConnectionClose = true;
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            // RFC 8058 §3.1: an answer that leads elsewhere is no success.
            return response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}";
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (failure.InnerException ?? failure).Message;
        }
    }

    public void Dispose() => client.Dispose();
}
