using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Messages.Addresses;

namespace Sternpost.Administration;

/// <summary>
/// The administrator's page at /admin: how the server is, on one screen and as JSON, and a few things to do, each told and confirmed first. For accounts that
/// may administer, signed in by their browser as for mail. Its only script signs in and out.
/// </summary>
internal sealed partial class AdministrationPage
{
    public const string Path = "/admin";

    // An action's fields, an id and a token.
    private const int MaxForm = 8192;
    private const int MaxId = 700;

    private readonly ServerConfiguration configuration;
    private readonly ServerParts parts;
    private readonly StatusReader reader;
    private readonly AdministrationActions actions;
    private readonly AdministrationReader views;
    private readonly AuditBook audit;
    private readonly ILogger logger;

    private AdministrationPage(ServerConfiguration configuration, ServerParts parts, TimeProvider time, ILogger logger)
    {
        this.configuration = configuration;
        this.parts = parts;
        this.logger = logger;
        reader = new StatusReader(configuration, parts, time);
        actions = new AdministrationActions(configuration, parts, time);
        audit = new AuditBook(parts.Database);
        views = new AdministrationReader(configuration, parts, actions, audit, time);
    }

    public static AdministrationPage Of(ServerConfiguration configuration, ServerParts parts, TimeProvider time, ILoggerFactory loggers) => new(configuration, parts, time, loggers.CreateLogger<AdministrationPage>());

    public static bool Owns(PathString path) => path.StartsWithSegments(Path, StringComparison.Ordinal);

    public async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        // Without a referrer browsers send "Origin: null" with a form, which cannot be told from another site's.
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var path = context.Request.Path.Value!;
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (reads && path is Path + "/style.css" or Path + "/script.js")
        {
            await SendAsync(context, HttpStatusCode.OK, path.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "text/javascript", path.EndsWith(".css", StringComparison.Ordinal) ? AdministrationFiles.Style : AdministrationFiles.Script);
            return;
        }
        // A name or a password that is wrong, an account that may not: counted and answered where signing in is.
        if (await parts.Jmap.BrowserAsync(context) is not var (account, token))
        {
            if (path == Path + "/status.json" || !reads) await SendAsync(context, HttpStatusCode.Unauthorized, "text/plain", "Sign in at /admin first.\n");
            else await PageAsync(context, HttpStatusCode.Unauthorized, "Sign in", AdministrationViews.SignIn(configuration.Server.Hostname.Unicode), null);
            return;
        }
        if (!account.IsAdministrator)
        {
            LogRefused(account.Address.ToString(), context.Connection.RemoteIpAddress);
            await PageAsync(context, HttpStatusCode.Forbidden, "Not for this account", Markup.Of($"<p>{account.Address} is no administrator's account. Sign out, and in again with one that is.</p>"), account);
            return;
        }
        await (path switch
        {
            Path or Path + "/" when reads => ShowAsync(context, account, configuration.Server.Hostname.Unicode, AdministrationViews.Overview(await reader.ReadAsync(context.RequestAborted))),
            Path + "/status.json" when reads => JsonAsync(context),
            Path + "/confirm" when reads => ConfirmAsync(context, account, token),
            Path + "/act" when HttpMethods.IsPost(context.Request.Method) => ActAsync(context, account, token),
            _ when reads && await views.FindAsync(path[Path.Length..], context.Request.Query, account, context.RequestAborted) is var (title, body) => ShowAsync(context, account, title, body),
            _ => PageAsync(context, HttpStatusCode.NotFound, "Nothing here", Markup.Of($"<p>There is nothing at this address. <a href=\"{Path}\">To the overview</a></p>"), account),
        });
    }

    private Task ShowAsync(HttpContext context, Account account, string title, Markup body) =>
        PageAsync(context, HttpStatusCode.OK, title, Markup.All([AdministrationViews.Done(actions.Find(context.Request.Query["done"].ToString())), body]), account);

    private async Task JsonAsync(HttpContext context) =>
        await SendAsync(context, HttpStatusCode.OK, "application/json", Facts.Json(await reader.ReadAsync(context.RequestAborted)));

    private async Task ConfirmAsync(HttpContext context, Account account, string token)
    {
        var id = context.Request.Query["id"].ToString();
        if (actions.Find(context.Request.Query["action"].ToString()) is not { } action || id.Length > MaxId || await actions.DescribeAsync(action, id, context.RequestAborted) is not var (subject, details))
        {
            await PageAsync(context, HttpStatusCode.NotFound, "Not there", Markup.Of($"<p>There is no such thing to do: it is done already, or the address is not one of an account here. <a href=\"{Path}\">To the overview</a></p>"), account);
            return;
        }
        await PageAsync(context, HttpStatusCode.OK, action.Title, AdministrationViews.Confirm(action, id, subject, details, Proof(token), [], null), account);
    }

    private async Task ActAsync(HttpContext context, Account account, string token)
    {
        var form = await FormAsync(context);
        // Of another site's form the cookie does not come, its origin is refused, and it cannot know this.
        if (actions.Find(form["action"]) is not { } action || form["id"] is not { Length: <= MaxId } id || (id.Length == 0) != action.Makes
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(form["proof"] ?? ""), Encoding.ASCII.GetBytes(Proof(token))))
        {
            await PageAsync(context, HttpStatusCode.Forbidden, "Not done", Markup.Of($"<p>Nothing was changed: this did not come from a page of this sign-in. <a href=\"{Path}\">To the overview</a></p>"), account);
            return;
        }
        var outcome = action.IsGrave && await parts.Sasl.ConfirmAsync(account, form["own-password"] ?? "", ClientOf(context), context.RequestAborted) is { } refused
            ? new ActionOutcome(refused) : await actions.RunAsync(action, id, form, account, context.RequestAborted);
        if (outcome.Problem is { } problem)
        {
            var (subject, details) = await actions.DescribeAsync(action, id, context.RequestAborted) ?? ("", "");
            await PageAsync(context, HttpStatusCode.Conflict, action.Title, AdministrationViews.Confirm(action, id, subject, details, Proof(token), form, problem), account);
            return;
        }
        var about = id.Length > 0 ? id : form[action.Fields[0].Name]!.Trim();
        LogDone(account.Address.ToString(), action.Name, about, context.Connection.RemoteIpAddress);
        await audit.WriteAsync(account.Address.ToString(), action.Name, about, ClientOf(context).ToString(), context.RequestAborted);
        if (outcome.Secret is { } secret)
        {
            await PageAsync(context, HttpStatusCode.OK, action.Title, AdministrationViews.Secret(action, about, secret), account);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = action.BackTo?.Invoke(about) is { } to ? to + $"&done={action.Name}" : $"{action.Back}?{(!action.Ends && action.Back != Path && EmailAddress.TryParse(about, out _) ? $"id={Uri.EscapeDataString(about)}&" : "")}done={action.Name}";
    }

    private static IPAddress ClientOf(HttpContext context) => context.Connection.RemoteIpAddress is not { } address ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static async Task<System.Collections.Specialized.NameValueCollection> FormAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null or > MaxForm || context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return [];
        using var text = new StreamReader(context.Request.Body, Encoding.ASCII);
        return HttpUtility.ParseQueryString(await text.ReadToEndAsync(context.RequestAborted), Encoding.UTF8);
    }

    // Known to pages of this sign-in alone, and worth nothing after it.
    private static string Proof(string token) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "administrator's form"u8));

    private static Task PageAsync(HttpContext context, HttpStatusCode status, string title, Markup body, Account? account) =>
        SendAsync(context, status, "text/html", AdministrationViews.Page(title, body, account?.Address.ToString(), context.Request.Path.Value!.TrimEnd('/')).ToString());

    private static async Task SendAsync(HttpContext context, HttpStatusCode status, string type, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = type + "; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    [LoggerMessage(1060, LogLevel.Information, "{Administrator} did on the administrator's page: {Action} {Subject} (from {Client})")]
    private partial void LogDone(string administrator, string action, string subject, IPAddress? client);

    [LoggerMessage(1061, LogLevel.Warning, "{Account} is no administrator's account and asked for the administrator's page (from {Client})")]
    private partial void LogRefused(string account, IPAddress? client);
}
