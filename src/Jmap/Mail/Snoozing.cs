using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>
/// Email/snooze, an extension of this server: emails leave the inbox for the mailbox Snoozed and come back, unread, at their time. Whoever moves one out
/// of that mailbox has taken it back.
/// </summary>
internal sealed class Snoozing(MailStore mail, SnoozeStore store, JmapOptions options, TimeProvider time, ILogger log) : IDisposable
{
    private const string Mailbox = "Snoozed";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366 * 2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim changed = new(0);

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Senders, "Email/snooze", SnoozeAsync);
        table.Add(Capability.Senders, "Email/snoozed", ListAsync);
    }

    public void Dispose() => changed.Dispose();

    /// <summary>Brings back what is due, until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var wait = LookEvery;
#pragma warning disable CA1031 // What fails now is tried again; it is logged.
            try
            {
                foreach (var (accountId, emailId) in await store.DueAsync(time.GetUtcNow(), cancellation).ConfigureAwait(false)) await ReturnAsync(accountId, emailId, cancellation).ConfigureAwait(false);
                if (await store.NextAsync(cancellation).ConfigureAwait(false) is { } next && next - time.GetUtcNow() < wait) wait = next - time.GetUtcNow();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.UpkeepFailed(failure);
            }
#pragma warning restore CA1031
            if (wait > TimeSpan.Zero) await changed.WaitAsync(wait, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<JsonObject> SnoozeAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = call.Arguments.Texts("emailIds") ?? throw MethodError.InvalidArguments("emailIds is an array of ids");
        if (ids.Count > options.MaxObjectsInSet) throw new MethodError("requestTooLarge", $"At most {options.MaxObjectsInSet} emails are put aside at once");
        var text = call.Arguments.Text("until");
        call.Arguments.End();
        var now = time.GetUtcNow();
        DateTimeOffset? until = null;
        if (text is not null)
        {
            if (!text.EndsWith('Z') || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var wanted) || wanted <= now || wanted > now + Longest) throw MethodError.InvalidArguments("until is a time to come in UTC, within two years");
            until = wanted;
        }
        var (inbox, aside) = await PlacesAsync(call.AccountId, make: until is not null, call.Cancellation).ConfigureAwait(false);
        var (done, notFound) = (new JsonArray(), new JsonArray());
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            var isDone = call.TryResolve(ObjectId.Email, id, out var emailId) && aside is { } place && await mail.Objects.WriteAsync(
                call.AccountId,
                writer =>
                {
                    var update = until is null ? new EmailUpdate(emailId) { Into = [inbox], OutOf = [place] } : new EmailUpdate(emailId) { Into = [place], OutOf = [inbox] };
                    if (writer.UpdateEmail(update).Outcome != EmailOutcome.Ok) return false;
                    if (until is { } at) SnoozeStore.Put(writer.Sql, call.AccountId, emailId, at);
                    else SnoozeStore.Delete(writer.Sql, call.AccountId, emailId);
                    return true;
                },
                call.Cancellation).ConfigureAwait(false);
            (isDone ? done : notFound).Add(id);
        }
        changed.Release();
        var answer = call.Answer();
        answer["emailIds"] = done;
        answer["notFound"] = notFound;
        answer["until"] = until is { } then ? EmailProperties.Utc(then) : null;
        return answer;
    }

    private async ValueTask<JsonObject> ListAsync(MethodCall call)
    {
        call.CheckAccount();
        call.Arguments.End();
        var answer = call.Answer();
        answer["list"] = new JsonArray([.. (await store.OfAsync(call.AccountId, call.Cancellation).ConfigureAwait(false)).Select(item => (JsonNode)new JsonObject { ["emailId"] = ObjectId.Of(ObjectId.Email, item.EmailId), ["until"] = EmailProperties.Utc(item.Until) })]);
        return answer;
    }

    private async ValueTask ReturnAsync(long accountId, long emailId, CancellationToken cancellation)
    {
        var (inbox, aside) = await PlacesAsync(accountId, make: false, cancellation).ConfigureAwait(false);
        var isThere = aside is { } place && await mail.Objects.ReadAsync(accountId, reader => reader.View.Find(emailId)?.Places.Any(at => at.MailboxId == place) == true, cancellation).ConfigureAwait(false);
        await mail.Objects.WriteAsync(
            accountId,
            writer =>
            {
                if (isThere) writer.UpdateEmail(new EmailUpdate(emailId) { Into = [inbox], OutOf = [aside!.Value], Keywords = [(FlagOperation.Remove, MessageFlags.Seen, [])] });
                SnoozeStore.Delete(writer.Sql, accountId, emailId);
                return 0;
            },
            cancellation).ConfigureAwait(false);
    }

    private async ValueTask<(long Inbox, long? Aside)> PlacesAsync(long accountId, bool make, CancellationToken cancellation)
    {
        if (make && await mail.FindAsync(accountId, Mailbox, cancellation).ConfigureAwait(false) is null) await mail.CreateAsync(accountId, Mailbox, SpecialUse.None, cancellation).ConfigureAwait(false);
        var mailboxes = await mail.ListAsync(accountId, cancellation).ConfigureAwait(false);
        return (mailboxes.First(mailbox => mailbox.Use == SpecialUse.Inbox).Id, mailboxes.FirstOrDefault(mailbox => mailbox.Name == Mailbox)?.Id);
    }
}
