using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Sessions;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Http;

/// <summary>
/// Signing in and out of browsers, at /jmap/signin: POST with <c>{"username", "password"}</c>, and <c>"code"</c> where there is a second factor, gives a cookie that scripts cannot read, with
/// <c>"token": true</c> a bearer token instead; GET lists the account's sessions; DELETE ends this one, another (<c>?id=</c>) or all (<c>?all</c>).
/// </summary>
internal sealed class SignInEndpoint(SaslServer sasl, WebSessions sessions, Authentication authentication, ILogger log)
{
    private const int MostOctets = 8 * 1024;

    // The kind of the problem that asks for the second factor.
    private const string CodeWanted = "urn:sternpost:secondFactor";

    internal async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method)) await SignInAsync(context).ConfigureAwait(false);
        else if (await authentication.AuthenticateAsync(context).ConfigureAwait(false) is not { } scope) return;
        else if (HttpMethods.IsDelete(context.Request.Method)) await SignOutAsync(context, scope).ConfigureAwait(false);
        else if (HttpMethods.IsGet(context.Request.Method)) await ListAsync(context, scope).ConfigureAwait(false);
        else throw new RequestProblem(StatusCodes.Status405MethodNotAllowed, "about:blank", "POST signs in, GET lists sessions, DELETE signs out");
    }

    private async Task SignInAsync(HttpContext context)
    {
        // JSON cannot be sent by a form of another site; and what says where it is from is believed.
        if (!JmapServer.IsJson(context.Request) || Authentication.IsForeign(context)) throw new RequestProblem(StatusCodes.Status403Forbidden, "about:blank", "Send JSON, from a page of this site");
        var body = await Answers.BodyAsync(context, MostOctets).ConfigureAwait(false) ?? throw new RequestProblem(StatusCodes.Status413PayloadTooLarge, "about:blank", "The request is too large");
        if (JmapRequest.ReadJson(body.Span) is not JsonObject json || Text(json["username"]) is not { } name || Text(json["password"]) is not { } password)
            throw RequestProblem.NotRequest("username and password are wanted");
        var client = Authentication.ClientOf(context);
        var code = Text(json["code"]);
        switch (await sasl.SignInAsync(name, password, code, client, context.RequestAborted).ConfigureAwait(false))
        {
            // An app password can be taken back, and a session must not outlive it; so it begins none.
            case SaslStep.Success { AppPassword: not null }:
                throw new RequestProblem(StatusCodes.Status401Unauthorized, "about:blank", "An app password does not sign in here; use the account's own");
            case SaslStep.Success success:
                // Always a new token: one that was planted before the sign-in is worth nothing after it.
                var token = await sessions.BeginAsync(success.Account, context.Request.Headers.UserAgent.ToString(), client, context.RequestAborted).ConfigureAwait(false);
                var answer = new JsonObject { ["username"] = success.Account.Address.ToString(), ["displayName"] = success.Account.DisplayName, ["sessionUrl"] = "/.well-known/jmap" };
                if (json["token"]?.GetValueKind() == JsonValueKind.True) answer["token"] = token;
                else context.Response.Cookies.Append(Authentication.Cookie, token, CookieOptions(TimeSpan.FromDays(30)));
                await Answers.JsonAsync(context, answer).ConfigureAwait(false);
                return;
            case SaslStep.Failure failure:
                log.SignInRefused(client, failure.LogReason);
                if (failure.Kind == SaslFailure.SecondFactor)
                {
                    throw new RequestProblem(StatusCodes.Status401Unauthorized, CodeWanted, code is null
                        ? "Give the code of your second factor, or a recovery code" : "That is not the code of this moment, or it was used already");
                }
                if (failure.Kind == SaslFailure.TooMany)
                {
                    context.Response.Headers.RetryAfter = "600";
                    throw new RequestProblem(StatusCodes.Status429TooManyRequests, "about:blank", "Too many failed sign-ins; try again later");
                }
                break;
        }
        throw new RequestProblem(StatusCodes.Status401Unauthorized, "about:blank", "The name or the password is wrong");
    }

    /// <summary>Begins a session and sets its cookie.</summary>
    internal async Task BeginAsync(HttpContext context, Accounts.Account account) => context.Response.Cookies.Append(
        Authentication.Cookie, await sessions.BeginAsync(account, context.Request.Headers.UserAgent.ToString(), Authentication.ClientOf(context), context.RequestAborted).ConfigureAwait(false), CookieOptions(TimeSpan.FromDays(30)));

    private async Task SignOutAsync(HttpContext context, RequestScope scope)
    {
        if (context.Request.Query.ContainsKey("all")) await sessions.EndAsync(scope.Account.Id, null, context.RequestAborted).ConfigureAwait(false);
        else if (context.Request.Query["id"].ToString() is { Length: > 0 } text)
        {
            if (!ObjectId.TryRead('W', text, out var id)) throw new RequestProblem(StatusCodes.Status404NotFound, "about:blank", "There is no such session");
            await sessions.EndAsync(scope.Account.Id, id, context.RequestAborted).ConfigureAwait(false);
        }
        else if (TokenOf(context) is { } token) await sessions.EndAsync(token, context.RequestAborted).ConfigureAwait(false);
        context.Response.Cookies.Append(Authentication.Cookie, "", CookieOptions(TimeSpan.Zero));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListAsync(HttpContext context, RequestScope scope)
    {
        var list = new JsonArray();
        foreach (var session in await sessions.OfAsync(scope.Account.Id, context.RequestAborted).ConfigureAwait(false))
        {
            var id = ObjectId.Of('W', session.Id);
            list.Add(new JsonObject { ["id"] = id, ["agent"] = session.Agent, ["client"] = session.Client, ["lastUsed"] = Mail.EmailProperties.Utc(session.LastUsed), ["isThis"] = scope.Credential == "session-" + id });
        }
        await Answers.JsonAsync(context, new JsonObject { ["username"] = scope.Account.Address.ToString(), ["sessions"] = list }).ConfigureAwait(false);
    }

    private static string? TokenOf(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : context.Request.Cookies[Authentication.Cookie];
    }

    private static CookieOptions CookieOptions(TimeSpan age) => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = age };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
