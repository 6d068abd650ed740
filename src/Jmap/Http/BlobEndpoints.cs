using System.Net.Mime;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;

namespace Sternpost.Jmap.Http;

/// <summary>Upload and download (RFC 8620 §6.1, §6.2).</summary>
internal sealed class BlobEndpoints(BlobReader blobs, UploadStore uploads, JmapOptions options)
{
    private const string AnyType = "application/octet-stream";
    private readonly Turns turns = new(options.MaxConcurrentUpload);

    /// <param name="context">The request.</param>
    /// <param name="scope">Who sends it.</param>
    /// <param name="path">What follows /jmap/upload/.</param>
    internal async Task UploadAsync(HttpContext context, RequestScope scope, string path)
    {
        if (path.TrimEnd('/') != scope.AccountId)
        {
            await Answers.ProblemAsync(context, NotFound()).ConfigureAwait(false);
            return;
        }
        using var turn = turns.Take(scope.Account.Id) ?? throw RequestProblem.Limit("maxConcurrentUpload", $"At most {options.MaxConcurrentUpload} uploads run at once", StatusCodes.Status429TooManyRequests);
        var content = await Answers.BodyAsync(context, options.MaxSizeUpload).ConfigureAwait(false) ?? throw TooLarge();
        var type = MediaType(context.Request.ContentType);
        var id = await uploads.AddAsync(scope.Account.Id, content, type, options.MaxUploaded, context.RequestAborted).ConfigureAwait(false) ?? throw TooLarge();
        await Answers.JsonAsync(
            context,
            new JsonObject { ["accountId"] = scope.AccountId, ["blobId"] = BlobId.OfUpload(id), ["type"] = type, ["size"] = content.Length },
            StatusCodes.Status201Created).ConfigureAwait(false);
    }

    /// <param name="context">The request.</param>
    /// <param name="scope">Who sends it.</param>
    /// <param name="path">What follows /jmap/download/.</param>
    internal async Task DownloadAsync(HttpContext context, RequestScope scope, string path)
    {
        var parts = path.Split('/', 3);
        if (parts.Length < 3 || parts[0] != scope.AccountId || await blobs.ReadAsync(scope.Account.Id, parts[1], context.RequestAborted).ConfigureAwait(false) is not { } blob)
        {
            await Answers.ProblemAsync(context, NotFound()).ConfigureAwait(false);
            return;
        }
        var response = context.Response;
        response.ContentType = MediaType(context.Request.Query["type"]);
        response.ContentLength = blob.Content.Length;
        // Whatever a message brings must not run as a page of this site: it is saved, and where it is shown after all it may do nothing.
        response.Headers.ContentDisposition = "attachment; filename*=UTF-8''" + Uri.EscapeDataString(parts[2]);
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
        // RFC 8620 §6.2: a blob never changes.
        response.Headers.CacheControl = "private, immutable, max-age=31536000";
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(blob.Content, context.RequestAborted).ConfigureAwait(false);
    }

    // What is no media type would break the header, or say something else to the browser.
    private static string MediaType(string? text)
    {
        if (text is not { Length: > 0 and < 200 } || text.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0) return AnyType;
        try
        {
            return new ContentType(text).ToString() is { Length: > 0 } type ? type : AnyType;
        }
        catch (FormatException)
        {
            return AnyType;
        }
    }

    private RequestProblem TooLarge() => RequestProblem.Limit("maxSizeUpload", $"At most {options.MaxSizeUpload} octets are taken", StatusCodes.Status413PayloadTooLarge);

    private static RequestProblem NotFound() => new(StatusCodes.Status404NotFound, "about:blank", "There is no such account or blob");
}
