using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Sternpost.Jmap.Outside;
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

    private readonly Vapid vapid;

    internal PushSender(bool toLoopback, Vapid vapid)
    {
        client = PublicHttp.Client(toLoopback, Patience);
        this.vapid = vapid;
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
            // RFC 8030 §5.2, §5.4: kept for a day, and only the newest is of use.
            request.Headers.Add("TTL", "86400");
            request.Headers.Add("Topic", urgent ? "verification" : "state");
            // RFC 9749 §4: whoever was given the key is pushed to under it.
            request.Headers.TryAddWithoutValidation("Authorization", await vapid.AuthorizationAsync(request.RequestUri!, cancellation).ConfigureAwait(false));
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
}
