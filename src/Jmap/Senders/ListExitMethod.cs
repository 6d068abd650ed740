using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Senders;
using Sternpost.Dns;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Jmap.Senders;

/// <summary>
/// SenderRule/leaveList, an extension of this server: says how the list is left that an email came by and, where the message allows it, leaves it by
/// one request (RFC 8058). What was left is remembered as a rule, by which what still comes goes to Junk.
/// </summary>
internal sealed class ListExitMethod(MailStore mail, Database database, OneClickPost post, JmapOptions options, TimeProvider time, ILogger log)
{
    private const int MostName = 200;
    private readonly DomainName host = DomainName.Parse(options.HostName);

    internal void AddTo(MethodTable table) => table.Add(Capability.Senders, "SenderRule/leaveList", LeaveAsync);

    private async ValueTask<JsonObject> LeaveAsync(MethodCall call)
    {
        call.CheckAccount();
        var emailId = call.Arguments.RequiredText("emailId");
        var name = call.Arguments.Text("name")?.Trim() ?? "";
        // Nothing is sent where the client only asks what would be.
        var isSure = call.Arguments.Flag("isSure");
        call.Arguments.End();
        if (!call.TryResolve(ObjectId.Email, emailId, out var id)
            || !await mail.Objects.ReadAsync(call.AccountId, reader => reader.View.Find(id) is not null, call.Cancellation).ConfigureAwait(false)
            || await mail.ContentAsync(id, call.Cancellation).ConfigureAwait(false) is not { } content) throw new MethodError("notFound", "There is no such email");
        var exit = ListExit.Of(content, host);
        var answer = call.Answer();
        answer["emailId"] = emailId;
        answer["subject"] = exit.Subject;
        answer["oneClickHost"] = exit.OneClick?.Host;
        answer["mailTo"] = exit.MailTo;
        answer["page"] = exit.Page?.AbsoluteUri;
        answer["isLeft"] = false;
        if (!isSure || exit.OneClick is not { } address || exit.Subject.Length == 0) return answer;
        if (await post.SendAsync(address, call.Cancellation).ConfigureAwait(false) is { } reason)
        {
            log.ListNotLeft(address.Host, reason);
            answer["problem"] = $"{address.Host} did not take it: {reason}";
            return answer;
        }
        var rule = new SenderRule(database.NextId(), SenderRuleKind.ListLeft, exit.Subject, name.Length > MostName ? name[..MostName] : name, time.GetUtcNow());
        try
        {
            rule = await database.WriteAsync(sql => SenderRuleMethods.Make(sql, mail, call.AccountId, rule), call.Cancellation).ConfigureAwait(false);
            answer["rule"] = SenderRuleMethods.ToJson(rule);
        }
        catch (SetError)
        {
            // More rules than an account may have: the list is left all the same.
            answer["rule"] = null;
        }
        answer["isLeft"] = true;
        return answer;
    }
}
