using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.Forwarding;
using Sternpost.Composition;
using Sternpost.Configuration;

namespace Sternpost.Web.Account;

/// <summary>
/// What the webmail's settings ask for beside mail, under /account: how the account is signed in to, what is held for it, where its sent mail is. For browsers
/// that are signed in, as JSON; a page of another site gets nothing.
/// </summary>
internal sealed class AccountPages : IAsyncDisposable
{
    public const string Path = "/account";

    private const int MaxBody = 32 * 1024;

    private readonly ServerParts parts;
    private readonly SecurityEndpoint security;
    private readonly PasskeySignIn passkeys;
    private readonly HeldEndpoint held;
    private readonly SentEndpoint sent;
    private readonly RulesEndpoint rules;
    private readonly ForwardingEndpoint forwarding;
    private readonly JunkEndpoint junk;
    private readonly ImportJobs jobs;
    private readonly TransferEndpoint transfer;

    public AccountPages(ServerParts parts, ServerConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        this.parts = parts;
        var name = configuration.Server.Hostname.Unicode;
        held = new HeldEndpoint(parts.Database, configuration.Quarantine, loggers.CreateLogger<HeldEndpoint>());
        sent = new SentEndpoint(parts.Database);
        var forwards = new ForwardingBook(parts.Database, parts.Directory, time);
        rules = new RulesEndpoint(parts.Scripts, forwards, loggers.CreateLogger<RulesEndpoint>());
        forwarding = new ForwardingEndpoint(parts, forwards, new ForwardLetters(parts.OwnMail, configuration.Server.Hostname, time), rules, loggers.CreateLogger<ForwardingEndpoint>());
        junk = new JunkEndpoint(parts, time);
        jobs = new ImportJobs(parts.Mail, configuration.Limits.ImportFrom, loggers.CreateLogger<ImportJobs>());
        transfer = new TransferEndpoint(parts, jobs, time, loggers.CreateLogger<TransferEndpoint>());
        var ceremony = new PasskeyCeremony(parts.SecondFactors, name, time);
        security = new SecurityEndpoint(parts, ceremony, name, loggers.CreateLogger<SecurityEndpoint>());
        passkeys = new PasskeySignIn(parts, ceremony, loggers.CreateLogger<PasskeySignIn>());
    }

    public static bool Owns(PathString path) => path.StartsWithSegments(Path, StringComparison.Ordinal);

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var posts = HttpMethods.IsPost(context.Request.Method);
        JsonObject? body = null;
        // JSON cannot be sent by a form of another site.
        if (posts && (body = await BodyAsync(context)) is null)
        {
            await ProblemAsync(context, HttpStatusCode.BadRequest, "Send JSON.");
            return;
        }
        var path = context.Request.Path.Value![Path.Length..];
        try
        {
            if (path == "/passkey" && body is not null)
            {
                await passkeys.AnswerAsync(context, body);
                return;
            }
            if (await parts.Jmap.BrowserAsync(context) is not var (account, _))
            {
                await ProblemAsync(context, HttpStatusCode.Unauthorized, "Sign in first.");
                return;
            }
            await (path switch
            {
                "/security" => security.AnswerAsync(context, account, body),
                "/held" => held.AnswerAsync(context, account, body),
                "/forwarding" => forwarding.AnswerAsync(context, account, body),
                "/junk" => junk.AnswerAsync(context, account, body),
                "/rules" => rules.AnswerAsync(context, account, body),
                "/import" => transfer.ImportAsync(context, account, body),
                "/export" => transfer.ExportAsync(context, account, body),
                "/sent" when body is null => sent.AnswerAsync(context, account),
                _ => ProblemAsync(context, HttpStatusCode.NotFound, "There is nothing at this address."),
            });
        }
        catch (DirectoryException refused)
        {
            await ProblemAsync(context, HttpStatusCode.UnprocessableEntity, refused.Message);
        }
    }

    /// <summary>Ends imports that run.</summary>
    public ValueTask DisposeAsync() => jobs.DisposeAsync();

    internal static Task ProblemAsync(HttpContext context, HttpStatusCode status, string detail) => JsonAsync(context, new { status = (int)status, detail }, status);

    internal static async Task JsonAsync<T>(HttpContext context, T value, HttpStatusCode status = HttpStatusCode.OK)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    internal static string Text(JsonObject body, string name) => body[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    internal static IPAddress ClientOf(HttpContext context) => context.Connection.RemoteIpAddress is not { } address ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static async Task<JsonObject?> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null or > MaxBody || !context.Request.HasJsonContentType()) return null;
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 16 }, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
