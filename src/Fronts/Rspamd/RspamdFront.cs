using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Corpora;
using Sternpost.Messages.Addresses;
using Sternpost.Wire;

namespace Sternpost.Fronts.Rspamd;

/// <summary>
/// Rspamd's HTTP protocol: /checkv2 to judge, /learnspam and /learnham to teach, /ping. Who asks gives the client and envelope
/// in request header fields; what is not given is read from the message's trace fields.
/// </summary>
public sealed class RspamdFront
{
    private const string Name = "rspamd";

    private readonly JudgePanel panel;
    private readonly FrontOptions options;
    private readonly FrontTeacher? teacher;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScoreScale scale;

    /// <summary>Answers for <paramref name="panel"/>.</summary>
    public RspamdFront(JudgePanel panel, FrontOptions options, FrontTeacher? teacher, TimeProvider time, ILoggerFactory loggers)
    {
        this.panel = panel;
        this.options = options;
        this.teacher = teacher;
        this.time = time;
        logger = loggers.CreateLogger("Sternpost.Fronts");
        // Rspamd's shipped thresholds: 6 adds a header, 15 refuses.
        scale = new ScoreScale(options.JunkThreshold, options.RejectThreshold, 6, 15);
    }

    /// <summary>Answers one request.</summary>
    public Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/ping" => SendAsync(context, HttpStatusCode.OK, "pong\r\n"u8.ToArray(), "text/plain"),
        "/checkv2" or "/symbols" or "/check" when HttpMethods.IsPost(context.Request.Method) => CheckAsync(context),
        "/learnspam" when HttpMethods.IsPost(context.Request.Method) => LearnAsync(context, FrontLesson.Spam),
        "/learnham" when HttpMethods.IsPost(context.Request.Method) => LearnAsync(context, FrontLesson.Ham),
        "/checkv2" or "/symbols" or "/check" or "/learnspam" or "/learnham" => FailAsync(context, HttpStatusCode.MethodNotAllowed, "POST the message to this address"),
        _ => FailAsync(context, HttpStatusCode.NotFound, "There is nothing at this address; this is Sternpost's Rspamd front with /checkv2, /learnspam, /learnham and /ping"),
    };

    private async Task CheckAsync(HttpContext context)
    {
        // The client's user signed in: that is mail going out, not mail from a stranger.
        if (context.Request.Headers["User"].ToString() is { Length: > 0 } user && user != "unknown")
        {
            await SendAsync(context, HttpStatusCode.OK, RspamdReply.Skipped(scale).ToBytes(), "application/json").ConfigureAwait(false);
            return;
        }
        if (await MessageAsync(context).ConfigureAwait(false) is not { } raw) return;
        var started = time.GetTimestamp();
        var reference = FrontReference.New();
        var message = ArrivalOf(context.Request.Headers).Arriving(raw, reference, time);
        var judgement = await panel.JudgeAsync(message, context.RequestAborted).ConfigureAwait(false);
        var verdict = judgement.Verdict;
        logger.Asked(Name, context.Connection.RemoteIpAddress?.ToString() ?? "", raw.Length, reference, verdict.Disposition.ToString());
        var reply = RspamdReply.Of(verdict, scale, MessageId.Of(raw.Span), time.GetElapsedTime(started));
        // Rspamd's word for "try again later".
        if (judgement.Deferral is { } waiting) reply = reply with { Action = "soft reject", Messages = new() { ["smtp_message"] = waiting } };
        await SendAsync(context, HttpStatusCode.OK, reply.ToBytes(), "application/json").ConfigureAwait(false);
    }

    private async Task LearnAsync(HttpContext context, FrontLesson lesson)
    {
        // Rspamd itself lets a controller be used without password from loopback only; here nobody else may teach at all.
        if (context.Connection.RemoteIpAddress is not { } client || !IPAddress.IsLoopback(client))
        {
            await FailAsync(context, HttpStatusCode.Forbidden, "Teaching is for clients on this machine").ConfigureAwait(false);
            return;
        }
        if (teacher is null)
        {
            await FailAsync(context, HttpStatusCode.NotImplemented, "This server does not learn").ConfigureAwait(false);
            return;
        }
        if (await MessageAsync(context).ConfigureAwait(false) is not { } raw) return;
        var user = context.Request.Headers["Deliver-To"].ToString() is { Length: > 0 } named ? named : null;
        var changed = await teacher(raw, lesson, user, context.RequestAborted).ConfigureAwait(false);
        logger.Taught(Name, client.ToString(), lesson.ToString());
        // 208 is what Rspamd answers where it has learned the message before.
        if (changed) await SendAsync(context, HttpStatusCode.OK, "{\"success\":true}"u8.ToArray(), "application/json").ConfigureAwait(false);
        else await FailAsync(context, HttpStatusCode.AlreadyReported, "The filter is of that opinion already; nothing changed").ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> MessageAsync(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey("Compression") || context.Request.Headers.ContentEncoding.Count > 0)
        {
            await FailAsync(context, HttpStatusCode.UnsupportedMediaType, "Compressed messages are not taken; send the message as it is").ConfigureAwait(false);
            return null;
        }
        if (context.Request.ContentLength > options.MaxMessage)
        {
            logger.TooLarge(Name, context.Connection.RemoteIpAddress?.ToString() ?? "", context.Request.ContentLength.Value);
            await FailAsync(context, HttpStatusCode.RequestEntityTooLarge, "The message is larger than is judged").ConfigureAwait(false);
            return null;
        }
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        silence.CancelAfter(options.Idle);
        var body = await BodyReader.ReadToEndAsync(context.Request.BodyReader, options.MaxMessage, () => silence.Token).ConfigureAwait(false);
        if (body is { Length: > 0 }) return CrlfText.Of(body);
        await FailAsync(context, HttpStatusCode.BadRequest, body is null ? "The message is larger than is judged" : "The request holds no message").ConfigureAwait(false);
        return null;
    }

    private static Arrival ArrivalOf(IHeaderDictionary headers)
    {
        var client = IPAddress.TryParse(headers["Ip"].ToString(), out var address) ? address : null;
        var recipients = new List<EmailAddress>();
        foreach (var value in headers["Rcpt"])
        {
            if (EmailAddress.TryParse(value?.Trim('<', '>', ' '), out var recipient)) recipients.Add(recipient);
        }
        return new Arrival
        {
            Client = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client,
            ReverseName = DomainName.TryParse(headers["Hostname"].ToString(), out var name) ? name : null,
            Helo = headers["Helo"].ToString() is { Length: > 0 } helo ? helo : null,
            MailFrom = EmailAddress.TryParse(headers["From"].ToString().Trim('<', '>', ' '), out var from) ? from : null,
            Recipients = recipients,
        };
    }

    private static Task FailAsync(HttpContext context, HttpStatusCode status, string reason) =>
        SendAsync(context, status, Encoding.UTF8.GetBytes($"{{\"error\":\"{reason}\"}}"), "application/json");

    private static async Task SendAsync(HttpContext context, HttpStatusCode status, byte[] body, string type)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
