using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Sessions;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Http;

/// <summary>
/// Who a request is from: HTTP Basic (RFC 7617) with name and password, a bearer token (RFC 6750), or a browser's cookie. Failures are
/// counted together with those of all other protocols.
/// </summary>
internal sealed class Authentication(SaslServer sasl, WebSessions sessions, ILogger log)
{
    /// <summary>The prefix binds it to this host over TLS, whatever else is served in the domain.</summary>
    internal const string Cookie = "__Host-sternpost";

    /// <summary>The caller; null where the request was answered with a refusal.</summary>
    internal async ValueTask<RequestScope?> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var client = ClientOf(context);
        if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return await BasicAsync(context, header[6..].Trim(), client).ConfigureAwait(false);
        var isBearer = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);
        var token = isBearer ? header[7..].Trim() : context.Request.Cookies[Cookie];
        if (token is not null && await sessions.FindAsync(token, context.RequestAborted).ConfigureAwait(false) is { } found)
        {
            // A cookie comes along whoever made the browser send the request; so another site's is refused.
            if (!isBearer && IsForeign(context))
            {
                await Refuse(context, StatusCodes.Status403Forbidden, "A page of another site may not send this").ConfigureAwait(false);
                return null;
            }
            return new RequestScope(found.Account, client, RequestScope.OfSession(found.SessionId));
        }
        await ChallengeAsync(context).ConfigureAwait(false);
        return null;
    }

    /// <summary>The account and the token of a browser's sign-in; null where there is none, or where a page of another site made the browser send the request. Answers nothing.</summary>
    internal async ValueTask<(Account Account, string Token)?> BrowserAsync(HttpContext context) =>
        context.Request.Cookies[Cookie] is { } token && !IsForeign(context) && await sessions.FindAsync(token, context.RequestAborted).ConfigureAwait(false) is { } found ? (found.Account, token) : null;

    internal static IPAddress ClientOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>True where the browser says, in one of two ways, that a page of another origin made it send the request.</summary>
    internal static bool IsForeign(HttpContext context)
    {
        var site = context.Request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none")) return true;
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length > 0 && !origin.Equals("https://" + context.Request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private async ValueTask<RequestScope?> BasicAsync(HttpContext context, string encoded, IPAddress client)
    {
        var pair = new byte[encoded.Length];
        if (encoded.Length < 2000 && Convert.TryFromBase64String(encoded, pair, out var length) && Encoding.UTF8.GetString(pair, 0, length) is var text && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
        {
            var step = await sasl.LoginAsync(text[..colon], text[(colon + 1)..], client, context.RequestAborted).ConfigureAwait(false);
            if (step is SaslStep.Success success) return new RequestScope(success.Account, client, "password") { AppPassword = success.AppPassword };
            if (step is SaslStep.Failure failure)
            {
                log.SignInRefused(client, failure.LogReason);
                if (failure.Kind == SaslFailure.SecondFactor)
                {
                    await Refuse(context, StatusCodes.Status401Unauthorized, "This account asks for a second factor; make an app password in the webmail's settings and use that here").ConfigureAwait(false);
                    return null;
                }
                if (failure.Kind == SaslFailure.TooMany)
                {
                    context.Response.Headers.RetryAfter = "600";
                    await Refuse(context, StatusCodes.Status429TooManyRequests, "Too many failed sign-ins; try again later").ConfigureAwait(false);
                    return null;
                }
            }
        }
        await ChallengeAsync(context).ConfigureAwait(false);
        return null;
    }

    private static Task ChallengeAsync(HttpContext context)
    {
        // A browser's own script asks for the password itself: the challenge would open the browser's window over it.
        if (context.Request.Headers["Sec-Fetch-Mode"].Count == 0) context.Response.Headers.WWWAuthenticate = new[] { "Basic realm=\"mail\", charset=\"UTF-8\"", "Bearer realm=\"mail\"" };
        return Refuse(context, StatusCodes.Status401Unauthorized, "Sign in with your mail address and password");
    }

    private static Task Refuse(HttpContext context, int status, string detail) => Answers.ProblemAsync(context, new RequestProblem(status, "about:blank", detail));
}
