using System.Globalization;
using System.Text.Json;
using Sternpost.Filter;

namespace Sternpost.Fronts.Consulted;

/// <summary>Asks Rspamd: POST /checkv2, client and envelope in request header fields.</summary>
internal sealed class RspamdConsultation : IConsultation
{
    // Rspamd's shipped numbers, for a reply that does not say its own: 6 marks, 15 refuses.
    private const double Marks = 6;
    private const double Refuses = 15;
    private const int MaxReply = 1 << 20;

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxReply,
    };

    public async ValueTask<Opinion> AskAsync(ConsultedFilter filter, MessageUnderJudgement message, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{filter.EndPoint}/checkv2") { Content = new ReadOnlyMemoryContent(message.Raw) };
        var session = message.Session;
        if (message.ClientKnown) request.Headers.TryAddWithoutValidation("IP", session.ClientAddress.ToString());
        if (session.ReverseName is not null) request.Headers.TryAddWithoutValidation("Hostname", session.ReverseName.Ascii);
        if (session.Helo.Length > 0 && session.Helo.All(c => c is > ' ' and <= '~')) request.Headers.TryAddWithoutValidation("Helo", session.Helo);
        request.Headers.TryAddWithoutValidation("From", message.Envelope.ReversePath?.ToString() ?? "");
        foreach (var recipient in message.Envelope.Recipients.Take(100)) request.Headers.TryAddWithoutValidation("Rcpt", recipient.Address.ToString());
        using var response = await Http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw new IOException($"Rspamd answered with status {(int)response.StatusCode}");
        return Read(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>Reads the JSON of /checkv2.</summary>
    internal static Opinion Read(ReadOnlyMemory<byte> reply)
    {
        try
        {
            using var json = JsonDocument.Parse(reply);
            var root = json.RootElement;
            var (score, action) = (root.GetProperty("score").GetDouble(), root.GetProperty("action").GetString() ?? "");
            if (action == "soft reject") throw new IOException("Rspamd puts the message off, which is no opinion of it");
            var refuses = root.TryGetProperty("required_score", out var required) && required.TryGetDouble(out var number) && number > 0 ? number : Refuses;
            var marks = refuses * Marks / Refuses;
            // The action counts more than the score: rules of its own may have forced it.
            var share = action switch { "reject" => Math.Max(2, score / marks), "add header" or "rewrite subject" or "quarantine" => Math.Clamp(score / marks, 1, 2), _ => Math.Min(score / marks, 0.99) };
            return new Opinion(share, string.Create(CultureInfo.InvariantCulture, $"{ConsultedJudge.Printable(action)}, {score:0.0} points"));
        }
        catch (Exception nonsense) when (nonsense is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IOException("Rspamd's answer cannot be read", nonsense);
        }
    }
}
