using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sternpost.Composition;
using Sternpost.Junk;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Web.Account;

/// <summary>
/// Junk as it is looked through: GET lists its newest messages with what the filter wrote into each, POST says how often a digest is mailed (<c>digest</c>) or has one
/// written at once (<c>digest-now</c>). What is wanted after all is moved over JMAP, which teaches the filter.
/// </summary>
internal sealed class JunkEndpoint(ServerParts parts, TimeProvider time)
{
    private const int Most = 400;

    private readonly QuarantineList quarantine = new(parts.Database);

    public async Task AnswerAsync(HttpContext context, Accounts.Account account, JsonObject? body)
    {
        var cancellation = context.RequestAborted;
        if (body is null)
        {
            var (newest, all) = await JunkReader.ReadAsync(parts.Mail, account.Id, DateTimeOffset.UnixEpoch, Most, cancellation);
            await AccountPages.JsonAsync(context, new
            {
                all,
                held = (await quarantine.ListAsync(account.Id, Most, cancellation)).Count,
                days = await parts.Database.ReadAsync(sql => JunkDigests.Days(sql, account.Id), cancellation),
                messages = newest.Select(message => new
                {
                    id = "M" + message.Id.ToString(CultureInfo.InvariantCulture),
                    threadId = "T" + message.ThreadId.ToString(CultureInfo.InvariantCulture),
                    received = message.Received,
                    name = message.Name,
                    address = message.Address,
                    subject = message.Subject,
                    verdict = message.Verdict,
                }),
            });
            return;
        }
        switch (AccountPages.Text(body, "do"))
        {
            case "digest" when AccountPages.Text(body, "every") is "never" or "daily" or "weekly":
                var days = AccountPages.Text(body, "every") switch { "daily" => 1, "weekly" => 7, _ => 0 };
                await parts.Database.WriteAsync(
                    sql =>
                    {
                        JunkDigests.Set(sql, account.Id, days, time.GetUtcNow());
                        return true;
                    },
                    cancellation);
                await AccountPages.JsonAsync(context, new { });
                break;
            case "digest-now":
                await AccountPages.JsonAsync(context, new { written = await parts.JunkLetter.SendAsync(account, time.GetUtcNow() - TimeSpan.FromDays(7), cancellation) });
                break;
            default:
                await AccountPages.ProblemAsync(context, HttpStatusCode.BadRequest, "Say digest, with never, daily or weekly.");
                break;
        }
    }
}
