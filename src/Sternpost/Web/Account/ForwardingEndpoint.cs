using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Forwarding;
using Sternpost.Administration;
using Sternpost.Composition;
using Sternpost.Messages.Addresses;

namespace Sternpost.Web.Account;

/// <summary>
/// Mail sent on to another address: GET says how it is, POST asks an address (<c>ask</c>), takes its code (<c>confirm</c>), and turns it <c>on</c> or <c>off</c>;
/// <c>remove</c> takes an address away. What sends mail elsewhere wants the password again. Each change is told to the account by mail and is in the audit.
/// </summary>
internal sealed partial class ForwardingEndpoint(ServerParts parts, ForwardingBook book, ForwardLetters letters, RulesEndpoint rules, ILogger logger)
{
    private readonly AuditBook audit = new(parts.Database);

    public async Task AnswerAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        if (body is null)
        {
            var (forward, addresses) = await book.StateAsync(account.Id, context.RequestAborted);
            await AccountPages.JsonAsync(context, new
            {
                forward = forward is null ? null : new { to = forward.Target.ToString(), keeps = forward.Keeps, since = forward.Changed },
                addresses = addresses.Select(address => new { address = address.Address.ToString(), confirmed = address.Confirmed, expires = address.Expires }),
            });
            return;
        }
        var (what, cancellation) = (AccountPages.Text(body, "do"), context.RequestAborted);
        EmailAddress? address = null;
        if (what != "off" && !EmailAddress.TryParse(AccountPages.Text(body, "address").Trim(), out address))
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "That is no mail address.");
            return;
        }
        if (what is "ask" or "on" && await parts.Sasl.ConfirmAsync(account, AccountPages.Text(body, "password"), AccountPages.ClientOf(context), cancellation) is { } refused)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.Forbidden, refused);
            return;
        }
        switch (what)
        {
            case "ask":
                var code = await book.AskAsync(account, address!, cancellation);
                if (!await letters.AskAsync(account, address!, code, cancellation))
                {
                    await book.RemoveAsync(account, address!, cancellation);
                    await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, $"There is no mailbox {address}.");
                    return;
                }
                await DoneAsync(context, account, what, address!.ToString(), $"{address} was asked whether mail may be sent on to it", $"A code was sent to {address}. As long as it is not typed in, nothing is sent on.");
                return;
            case "confirm":
                switch (await book.ConfirmAsync(account, address!, AccountPages.Text(body, "code"), cancellation))
                {
                    case CodeOutcome.Confirmed:
                        await DoneAsync(context, account, what, address!.ToString(), $"Mail may be sent on to {address}", $"The code that was sent to {address} was typed in: mail of this account may be sent on to it, by forwarding or by a rule.");
                        return;
                    case CodeOutcome.Wrong:
                        await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "That is not the code. Look at the newest message, and type all eight digits.");
                        return;
                    default:
                        await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "That code is not good any more: it was wrong too often, or is older than a day. Have a new one sent.");
                        return;
                }
            case "on":
                var keeps = body["keeps"]?.GetValueKind() != JsonValueKind.False;
                await book.SetAsync(account, address, keeps, cancellation);
                await DoneAsync(context, account, what, address!.ToString(), $"Your mail is sent on to {address}", $"From now on mail that comes for you is sent on to {address}. {(keeps ? "A copy stays here." : "No copy stays here.")} Junk is not sent on, and stays here.");
                return;
            case "off":
                var before = (await book.StateAsync(account.Id, cancellation)).Forward?.Target.ToString() ?? "";
                await book.SetAsync(account, null, keeps: true, cancellation);
                await DoneAsync(context, account, what, before, "Your mail is not sent on any more", $"Mail that comes for you stays here{(before.Length > 0 ? $", and does not go to {before} any more" : "")}.");
                return;
            case "remove" when await rules.SendsToAsync(account, address!, cancellation):
                await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, $"A rule sends mail on to {address}. Change the rule first.");
                return;
            case "remove" when await book.RemoveAsync(account, address!, cancellation):
                await DoneAsync(context, account, what, address!.ToString(), $"Mail may not be sent on to {address} any more", $"{address} was taken away from the addresses that mail may be sent on to.");
                return;
            default:
                await AccountPages.ProblemAsync(context, HttpStatusCode.NotFound, "There is no such thing to change any more.");
                return;
        }
    }

    private async Task DoneAsync(HttpContext context, Accounts.Account account, string what, string address, string subject, string text)
    {
        var client = AccountPages.ClientOf(context).ToString();
        LogChanged(account.Address.ToString(), what, address, client);
        // It is done: whoever goes away now is told of it all the same.
        await audit.WriteAsync(account.Address.ToString(), "forwarding-" + what, address, client, CancellationToken.None);
        await letters.TellAsync(account, subject, text, client, CancellationToken.None);
        await AccountPages.JsonAsync(context, new { });
    }

    [LoggerMessage(1079, LogLevel.Information, "{Account} changed where its mail is sent on to: {What} {Address} (from {Client})")]
    private partial void LogChanged(string account, string what, string address, string client);
}
