using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Sasl;
using Sternpost.Composition;

namespace Sternpost.Web.Account;

/// <summary>Signing in with a passkey alone: it stands for both factors, because its owner proves themself to the device that has it.</summary>
internal sealed partial class PasskeySignIn(ServerParts parts, PasskeyCeremony ceremony, ILogger logger)
{
    public async Task AnswerAsync(HttpContext context, JsonObject body)
    {
        if (Jmap.JmapServer.IsForeign(context))
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.Forbidden, "A page of another site may not send this.");
            return;
        }
        if (AccountPages.Text(body, "response") is not { Length: > 0 } response)
        {
            if (ceremony.AskToSignIn(context) is var (id, options)) await AccountPages.JsonAsync(context, new { id, options });
            else await AccountPages.ProblemAsync(context, HttpStatusCode.TooManyRequests, "Too many people are signing in. Try again in a minute.");
            return;
        }
        var client = AccountPages.ClientOf(context);
        if (await ceremony.SignInAsync(context, AccountPages.Text(body, "id"), response) is { } account)
        {
            if (await parts.Sasl.SignInAsync(account, client, context.RequestAborted) is SaslStep.Success)
            {
                await parts.Jmap.BeginBrowserAsync(context, account);
                await AccountPages.JsonAsync(context, new { username = account.Address.ToString() });
                return;
            }
        }
        LogRefused(client);
        await AccountPages.ProblemAsync(context, HttpStatusCode.Unauthorized, "No account here knows this passkey, or it was taken back. Sign in with your password.");
    }

    [LoggerMessage(1070, LogLevel.Information, "A passkey from {Client} did not sign anybody in")]
    private partial void LogRefused(IPAddress client);
}
