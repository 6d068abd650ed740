using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Http;

/// <summary>JSON in and out over HTTP.</summary>
internal static class Answers
{
    // The answer is JSON and never part of a page; letters stay readable and short.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] ToBytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Options);

    internal static async Task JsonAsync(HttpContext context, JsonNode node, int status = StatusCodes.Status200OK, string type = "application/json")
    {
        var octets = ToBytes(node);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = octets.Length;
        if (context.Response.Headers.CacheControl.Count == 0) context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(octets, context.RequestAborted).ConfigureAwait(false);
    }

    internal static Task ProblemAsync(HttpContext context, RequestProblem problem) => JsonAsync(context, problem.ToJson(), problem.Status, "application/problem+json");

    /// <summary>The whole body, or null where it has more octets than allowed.</summary>
    internal static async ValueTask<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context, long most)
    {
        if (context.Request.ContentLength > most) return null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = most + 1;
        using var body = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, most));
        var buffer = new byte[64 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false) is > 0 and var read)
        {
            if (body.Length + read > most) return null;
            body.Write(buffer, 0, read);
        }
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
