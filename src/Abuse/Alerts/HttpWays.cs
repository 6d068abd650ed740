using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sternpost.Abuse.Alerts;

/// <summary>
/// The one HTTP client of alerts. Where it goes is the administrator's word alone: no redirect is followed, no cookie kept, no proxy of the
/// environment asked, and little of an answer is read, so that whoever answers cannot send it elsewhere or fill memory.
/// </summary>
internal static class AlertHttp
{
    private const int MostAnswer = 16 * 1024;

    internal static HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
    })
    {
        MaxResponseContentBufferSize = MostAnswer,
        Timeout = TimeSpan.FromSeconds(15),
    };

    internal static async ValueTask<string?> PostAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var answer = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
    }

    internal static void Authorize(HttpRequestMessage request, Func<string>? token)
    {
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
    }
}

/// <summary>A webhook: one JSON object for each alert, with <c>kind</c>, <c>subject</c>, <c>body</c>, <c>host</c> and <c>at</c>.</summary>
/// <param name="address">Where to; https, or http on this computer.</param>
/// <param name="host">This server's name.</param>
/// <param name="token">A bearer token, read when it is needed; null sends none.</param>
public sealed class WebhookWay(Uri address, string host, Func<string>? token) : IAlertWay
{
    /// <inheritdoc/>
    public string Name => "webhook";

    /// <inheritdoc/>
    public async ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["kind"] = alert.Kind,
            ["subject"] = alert.Subject,
            ["body"] = alert.Body,
            ["host"] = host,
            ["at"] = at.ToString("O"),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        AlertHttp.Authorize(request, token);
        return await AlertHttp.PostAsync(request, cancellation).ConfigureAwait(false);
    }
}

/// <summary>A topic of an ntfy server: the body as text, the subject as title.</summary>
/// <param name="address">The topic's address.</param>
/// <param name="host">This server's name.</param>
/// <param name="token">A bearer token, read when it is needed; null sends none.</param>
public sealed class NtfyWay(Uri address, string host, Func<string>? token) : IAlertWay
{
    /// <inheritdoc/>
    public string Name => "ntfy";

    /// <inheritdoc/>
    public async ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(alert.Body, Encoding.UTF8, "text/plain") };
        // A header holds ASCII; RFC 2047 is what ntfy reads beyond it.
        request.Headers.TryAddWithoutValidation("Title", $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{host}: {alert.Subject}"))}?=");
        request.Headers.TryAddWithoutValidation("Priority", "high");
        AlertHttp.Authorize(request, token);
        return await AlertHttp.PostAsync(request, cancellation).ConfigureAwait(false);
    }
}
