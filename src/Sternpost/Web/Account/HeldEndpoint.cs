using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Configuration;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;
using Sternpost.Storage;

namespace Sternpost.Web.Account;

/// <summary>
/// What is held for an account: GET lists it, POST lets one message go (<c>release</c>) or throws it away (<c>delete</c>), for this account alone: who else was to
/// have it decides for themself. What holds malware, and what the administrator keeps to themself, is only shown.
/// </summary>
internal sealed partial class HeldEndpoint(Database database, QuarantineSection settings, ILogger logger)
{
    private const int Most = 200;

    private readonly QuarantineList list = new(database);

    public async Task AnswerAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        if (body is null)
        {
            var held = await list.ListAsync(account.Id, Most, context.RequestAborted);
            await AccountPages.JsonAsync(context, new
            {
                held = held.Select(message => (Message: message, Own: OwnOf(message, account))).Where(one => one.Own is not null).DistinctBy(one => one.Message.Id).Select(one => new
                {
                    id = QueueId.Format(one.Message.Id),
                    received = one.Message.Received,
                    expires = one.Message.Expires,
                    author = one.Message.Author,
                    subject = one.Message.Subject,
                    preview = one.Message.Preview,
                    reason = one.Message.Reason,
                    to = one.Own!.Address.ToString(),
                    malware = one.Message.IsMalware,
                    mayRelease = MayRelease(one.Message, one.Own),
                    going = one.Message.IsGoing,
                }),
            });
            return;
        }
        if (!QueueId.TryParse(AccountPages.Text(body, "id"), out var id) || await list.FindAsync(id, context.RequestAborted) is not { } asked || OwnOf(asked, account) is not { } own)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.NotFound, "It is not held any more.");
            return;
        }
        switch (AccountPages.Text(body, "do"))
        {
            case "release" when MayRelease(asked, own):
                await list.ReleaseAsync(id, own, teach: true, context.RequestAborted);
                break;
            case "release":
                await AccountPages.ProblemAsync(context, HttpStatusCode.Forbidden, asked.IsMalware ? "Malware was found in it; only your administrator can let it go." : "Only your administrator can let it go.");
                return;
            case "delete":
                foreach (var recipient in asked.Recipients.Where(recipient => recipient.AccountId == account.Id)) await list.DeleteAsync(id, recipient, context.RequestAborted);
                break;
            default:
                await AccountPages.ProblemAsync(context, HttpStatusCode.BadRequest, "Say release or delete.");
                return;
        }
        LogDone(account.Address.ToString(), AccountPages.Text(body, "do"), QueueId.Format(id));
        await AccountPages.JsonAsync(context, new { });
    }

    private static HeldRecipient? OwnOf(HeldMessage message, Accounts.Account account) => message.Recipients.FirstOrDefault(recipient => recipient.AccountId == account.Id);

    private bool MayRelease(HeldMessage message, HeldRecipient recipient) => !message.IsMalware && MayRelease(recipient.Address);

    private bool MayRelease(EmailAddress recipient) => settings.UsersRelease != settings.UsersReleaseExcept.Has(recipient);

    [LoggerMessage(1072, LogLevel.Information, "{Account} did with a message held for it: {What} {Message}")]
    private partial void LogDone(string account, string what, string message);
}
