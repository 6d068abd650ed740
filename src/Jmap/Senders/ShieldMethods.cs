using System.Text.Json.Nodes;
using Sternpost.Accounts.Shields;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Jmap.Senders;

/// <summary>Shield/get, /endBomb and /expectCode, an extension of this server: what protects the account for a while, and what its owner says to it.</summary>
internal sealed class ShieldMethods(MailStore mail, Database database, TimeProvider time)
{
    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Senders, "Shield/get", GetAsync);
        table.Add(Capability.Senders, "Shield/endBomb", EndBombAsync);
        table.Add(Capability.Senders, "Shield/expectCode", ExpectCodeAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        call.Arguments.End();
        return Answer(call, await database.ReadAsync(sql => ShieldRows.Of(sql, call.AccountId), call.Cancellation).ConfigureAwait(false));
    }

    // The owner says that it is no attack, or with undo that it is one after all.
    private async ValueTask<JsonObject> EndBombAsync(MethodCall call)
    {
        call.CheckAccount();
        var undo = call.Arguments.Flag("undo");
        call.Arguments.End();
        return await ChangeAsync(call, sql => ShieldRows.Ignore(sql, call.AccountId, undo ? default : time.GetUtcNow() + ShieldRows.Ignored)).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> ExpectCodeAsync(MethodCall call)
    {
        call.CheckAccount();
        var minutes = call.Arguments.Count("minutes") ?? throw MethodError.InvalidArguments("minutes says how long the code is waited for; 0 ends that");
        call.Arguments.End();
        if (minutes > ShieldRows.LongestWindow.TotalMinutes) throw MethodError.InvalidArguments($"A code is waited for at most {ShieldRows.LongestWindow.TotalMinutes:0} minutes");
        return await ChangeAsync(call, sql => ShieldRows.Expect(sql, call.AccountId, minutes == 0 ? default : time.GetUtcNow() + TimeSpan.FromMinutes(minutes))).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> ChangeAsync(MethodCall call, Action<Sql> change) => Answer(call, await database.WriteAsync(
        sql =>
        {
            change(sql);
            mail.Objects.Changed(sql, call.AccountId);
            return ShieldRows.Of(sql, call.AccountId);
        },
        call.Cancellation).ConfigureAwait(false));

    private JsonObject Answer(MethodCall call, AccountShield shield)
    {
        var now = time.GetUtcNow();
        var answer = call.Answer();
        answer["bomb"] = !shield.IsBombed(now) ? null : new JsonObject
        {
            ["began"] = EmailProperties.Utc(shield.BombBegan),
            ["until"] = EmailProperties.Utc(shield.BombUntil),
            ["messages"] = shield.BombMessages,
            ["senders"] = shield.BombSenders,
            ["setAside"] = shield.BombSetAside,
        };
        // Beside the time itself how much of it is left: the client's clock may be another.
        answer["code"] = !shield.ExpectsCode(now) ? null : new JsonObject
        {
            ["until"] = EmailProperties.Utc(shield.CodeUntil),
            ["seconds"] = (int)Math.Ceiling((shield.CodeUntil - now).TotalSeconds),
            ["emailId"] = shield.CodeEmail == 0 ? null : ObjectId.Of(ObjectId.Email, shield.CodeEmail),
        };
        return answer;
    }
}
