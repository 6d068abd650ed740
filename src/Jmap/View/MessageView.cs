using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Pictures;
using Sternpost.Jmap.Protocol;
using Sternpost.Messages.Content;

namespace Sternpost.Jmap.View;

/// <summary>
/// The body of a message as a page for a frame of the webmail, at /jmap/view/ACCOUNT/BLOB: cleaned, and under a policy of its own that lets
/// nothing run and fetches nothing but the message's own pictures. It tells the page around it how many remote pictures were left out.
/// </summary>
internal sealed class MessageView(BlobReader blobs, PictureProxy pictures)
{
    internal const string Path = "/jmap/view/";

    /// <param name="context">The request; <c>?dark</c> shows text light on dark, <c>?pictures</c> the remote pictures too, by way of this server.</param>
    /// <param name="scope">Who asks.</param>
    /// <param name="path">What follows <see cref="Path"/>.</param>
    internal async Task AnswerAsync(HttpContext context, RequestScope scope, string path)
    {
        var parts = path.Split('/');
        if (parts.Length != 2 || parts[0] != scope.AccountId) throw new RequestProblem(StatusCodes.Status404NotFound, "about:blank", "There is no such account or message");
        var (isDark, showsPictures) = (context.Request.Query.ContainsKey("dark"), context.Request.Query.ContainsKey("pictures"));
        var blob = await blobs.ReadAsync(scope.Account.Id, parts[1], context.RequestAborted).ConfigureAwait(false);
        var page = Encoding.UTF8.GetBytes(blob is not { } message ? GonePage(isDark)
            : Page(EmailDocument.Parse(message.Content), scope.AccountId, parts[1], isDark, showsPictures ? await pictures.AddressesAsync(scope.AccountId, context.RequestAborted).ConfigureAwait(false) : null));
        if (blob is null) context.Response.StatusCode = StatusCodes.Status404NotFound;
        var headers = context.Response.Headers;
        var own = $"https://{context.Request.Host.Value}/jmap/download/{scope.AccountId}/{(showsPictures ? $" https://{context.Request.Host.Value}{PictureProxy.Path}{scope.AccountId}/" : "")}";
        // Sandboxed by the policy too, so that the page is as harmless where somebody opens its address outside the frame.
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src {own} data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-modals";
        headers.CacheControl = blob is null ? "no-store" : "private, max-age=600";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(page, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The whole page.</summary>
    internal static string Page(EmailDocument document, string accountId, string blobId, bool isDark, Func<string, string?>? remotePicture = null)
    {
        var ownPictures = document.Root.All().Where(part => part.ContentId is not null && part.Structure.Type == "image").GroupBy(part => part.ContentId!, StringComparer.Ordinal).ToDictionary(parts => parts.Key, parts => Address(parts.First()), StringComparer.Ordinal);
        var body = new StringBuilder();
        var (remote, isHtml) = (0, false);
        foreach (var part in document.Lists.Html)
        {
            if (part.Structure.Type == "image") body.Append("<p><img src=\"").Append(WebUtility.HtmlEncode(Address(part))).Append("\" alt=\"").Append(WebUtility.HtmlEncode(part.Name ?? "")).Append("\"></p>");
            if (part.Structure.Type != "text") continue;
            var (text, _) = BodyText.Of(document, part);
            if (part.MediaType == "text/html" && HtmlCleaner.Clean(text, ownPictures.GetValueOrDefault, remotePicture) is { } clean)
            {
                isHtml = true;
                remote += clean.RemoteImages;
                body.Append("<div class=\"html\">").Append(clean.Html).Append("</div>");
            }
            else
            {
                if (part.MediaType == "text/html") text = HtmlText.Of(text);
                var isFlowed = string.Equals(ParameterText.Find(part.Structure.Parameters, "format"), "flowed", StringComparison.OrdinalIgnoreCase);
                body.Append("<div class=\"text\">").Append(PlainText.ToHtml(text, isFlowed, string.Equals(ParameterText.Find(part.Structure.Parameters, "delsp"), "yes", StringComparison.OrdinalIgnoreCase))).Append("</div>");
            }
        }
        return Whole(isHtml ? "is-html" : TextClass(isDark), string.Create(CultureInfo.InvariantCulture, $"data-left-out=\"{remote}\""), body.ToString());

        string Address(BodyPart part) => $"/jmap/download/{accountId}/{BlobId.OfPart(blobId, part.PartId!)}/{Uri.EscapeDataString(part.Name ?? "picture")}?type={Uri.EscapeDataString(part.MediaType)}";
    }

    // A frame whose page may not be framed is a browser's own error, which says nothing of mail.
    private static string GonePage(bool isDark) =>
        Whole(TextClass(isDark), "data-gone", "<div class=\"text\"><p>This message is no longer here: it has been deleted since the list was shown.</p></div>");

    private static string TextClass(bool isDark) => isDark ? "is-text is-dark" : "is-text";

    private static string Whole(string classes, string data, string body) => $"""
        <!doctype html>
        <html class="{classes}" {data}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Message</title><link rel="stylesheet" href="/view.css"></head>
        <body dir="auto">{body}</body></html>
        """;
}
