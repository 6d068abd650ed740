using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Push;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Http;

/// <summary>Push as a stream of events (RFC 8620 §7.3).</summary>
internal sealed class EventSource(MailStore mail, States states)
{
    private const int MostStreams = 32;
    private static readonly TimeSpan NoPing = TimeSpan.FromMilliseconds(int.MaxValue);
    private readonly Turns turns = new(MostStreams);

    internal async Task StreamAsync(HttpContext context, RequestScope scope)
    {
        var query = context.Request.Query;
        var types = query["types"].ToString() is { Length: > 0 } text && text != "*" ? text.Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal) : null;
        var closeAfter = query["closeafter"].ToString();
        if (closeAfter is not ("" or "no" or "state")) throw RequestProblem.NotRequest("closeafter is state or no");
        if (!int.TryParse(query["ping"].ToString() is { Length: > 0 } asked ? asked : "0", NumberStyles.None, CultureInfo.InvariantCulture, out var ping)) throw RequestProblem.NotRequest("ping is a number of seconds");
        using var turn = turns.Take(scope.Account.Id) ?? throw RequestProblem.Limit("maxConcurrentRequests", $"At most {MostStreams} event streams are open at once", StatusCodes.Status429TooManyRequests);
        // RFC 8620 §7.3: the server may choose another interval within reason.
        var interval = ping == 0 ? 0 : Math.Clamp(ping, 5, 900);

        var cancellation = context.RequestAborted;
        using var signal = new ChangeSignal(mail, scope.Account.Id);
        var known = await states.ReadAsync(scope.Account.Id, cancellation).ConfigureAwait(false);
        // A client that comes back says what it saw last, and is told at once of what it missed.
        var seen = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? States.Read(last) : known;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await context.Response.StartAsync(cancellation).ConfigureAwait(false);
        await WriteAsync(context, ": open\n\n").ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (States.Change(scope.AccountId, seen, known, types) is { } change)
                {
                    seen = known;
                    await WriteAsync(context, $"event: state\nid: {States.Mark(known)}\ndata: {Encoding.UTF8.GetString(Answers.ToBytes(change))}\n\n").ConfigureAwait(false);
                    if (closeAfter == "state") return;
                }
                while (!await signal.WaitAsync(interval == 0 ? NoPing : TimeSpan.FromSeconds(interval), cancellation).ConfigureAwait(false))
                {
                    if (interval > 0) await WriteAsync(context, $"event: ping\ndata: {new JsonObject { ["interval"] = interval }.ToJsonString()}\n\n").ConfigureAwait(false);
                }
                known = await states.ReadAsync(scope.Account.Id, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The client has gone.
        }
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
