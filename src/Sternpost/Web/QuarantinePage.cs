using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Web;

/// <summary>
/// The page behind a link of a digest. Opening it shows the message's beginning as text and a button; only the button acts, by POST,
/// because programs that look for malware open every link of a mail.
/// </summary>
internal sealed class QuarantinePage(ReleaseLinks links, QuarantineList list)
{
    public const string Path = "/quarantine";

    private const int MaxForm = 1024;

    public async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        // The button's form goes to this server alone; no script, no picture, no frame.
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        var get = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!get && !HttpMethods.IsPost(context.Request.Method))
        {
            headers.Allow = "GET, HEAD, POST";
            await SendAsync(context, HttpStatusCode.MethodNotAllowed, "Not possible", "<p>This page is opened, or its button pressed.</p>");
            return;
        }
        var token = get ? context.Request.Query["t"].ToString() : await TokenAsync(context);
        if (await links.ReadAsync(token, context.RequestAborted) is not var (message, recipient))
        {
            await SendAsync(context, HttpStatusCode.NotFound, "No such message", "<p>There is no message behind this link any more: it was released or deleted, or the link is not whole.</p>");
            return;
        }
        if (message.IsMalware)
        {
            await SendAsync(context, HttpStatusCode.Forbidden, "Not released", "<p>Malware was found in this message. Ask the administrator of this server.</p>");
            return;
        }
        if (get)
        {
            await SendAsync(context, HttpStatusCode.OK, "A message is held for you", $"""
                <p>To {Text(recipient.Address.ToString())}<br>From {Text(message.Author)}<br>Subject: {Text(message.Subject)}</p>
                <p>Why it is held: {Text(message.Reason)}</p>
                <pre>{Text(message.Preview)}</pre>
                <form method="post" action="{Path}"><input type="hidden" name="t" value="{Text(token)}"><button>Deliver it to me</button></form>
                <p>If you do not know the sender, close this page; the message is deleted on {message.Expires.UtcDateTime:d MMMM}.</p>
                """);
            return;
        }
        await list.ReleaseAsync(message.Id, recipient, teach: true, context.RequestAborted);
        await SendAsync(context, HttpStatusCode.OK, "Released", "<p>The message comes to your inbox in a moment, and the filter has learned from it.</p>");
    }

    // One field of a form; anything else is no token.
    private static async Task<string> TokenAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null or > MaxForm) return "";
        using var reader = new StreamReader(context.Request.Body, Encoding.ASCII);
        var form = await reader.ReadToEndAsync(context.RequestAborted);
        return form.StartsWith("t=", StringComparison.Ordinal) ? WebUtility.UrlDecode(form[2..]) : "";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static async Task SendAsync(HttpContext context, HttpStatusCode status, string title, string body)
    {
        var page = Encoding.UTF8.GetBytes($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body><main><h1>{title}</h1>{body}</main></body></html>");
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(page, context.RequestAborted);
    }
}
