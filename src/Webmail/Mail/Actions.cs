using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>What is done to conversations. All of it shows at once; the server is told behind it, and what it refuses is shown as it is again.</summary>
public sealed class Actions(Desk desk)
{
    public const int MostInSet = 400;

    /// <summary>The last thing done that can be undone.</summary>
    private Func<Task>? undo;

    public Task UndoLastAsync()
    {
        var last = undo;
        undo = null;
        return last?.Invoke() ?? Task.CompletedTask;
    }

    public Task StarAsync(IReadOnlyList<Conversation> conversations)
    {
        var on = !conversations.All(conversation => conversation.IsFlagged);
        // A star is on the newest message; taking it away takes it from all.
        var emails = conversations.SelectMany(conversation => on ? [conversation.Emails.LastOrDefault(email => !email.IsDraft) ?? conversation.Shown] : conversation.Emails.Where(email => email.IsFlagged)).ToList();
        return KeywordAsync(emails, "$flagged", on);
    }

    public Task ReadAsync(IReadOnlyList<Conversation> conversations, bool read)
    {
        // Unread again is the newest only, so that it is found where one stopped.
        var emails = conversations.SelectMany(conversation => read ? conversation.Emails.Where(email => email.IsUnread) : [conversation.Shown]).ToList();
        return KeywordAsync(emails, "$seen", read);
    }

    public async Task KeywordAsync(IReadOnlyList<Email> emails, string keyword, bool on)
    {
        if (emails.Count == 0) return;
        Apply(emails, email => email with { Keywords = Changed(email.Keywords, keyword, on) });
        await UpdateAsync(emails, _ => new JsonObject { ["keywords/" + keyword] = on ? true : null });
    }

    public Task ArchiveAsync(IReadOnlyList<Conversation> conversations) => MoveAsync(conversations, desk.Mailboxes.OfRole("archive"), Words.Now.Archived(conversations.Count));

    public async Task DeleteAsync(IReadOnlyList<Conversation> conversations)
    {
        if (desk.Here?.Role is not ("trash" or "junk"))
        {
            await MoveAsync(conversations, desk.Mailboxes.OfRole("trash"), Words.Now.Deleted(conversations.Count));
            return;
        }
        // In the trash there is nowhere further to go; asked first, since nothing brings it back.
        desk.Ask(Words.Now.EmptyQuestion(desk.Here.Title, conversations.Sum(conversation => Concerned(conversation).Count)), Words.Now.DeleteForGood, async () =>
        {
            var emails = conversations.SelectMany(Concerned).ToList();
            Remove(conversations);
            await desk.TryAsync(async () =>
            {
                foreach (var some in emails.Chunk(MostInSet)) await desk.Connection.SetAsync("Email/set", new JsonObject { ["destroy"] = ConversationList.Texts(some.Select(email => email.Id)) });
                desk.Say(Words.Now.DeletedForGood(conversations.Count));
            });
        });
    }

    /// <summary>Junk, or, where it lies in Junk, not junk. The move is the lesson: the server teaches the account's filter by it.</summary>
    public Task JunkAsync(IReadOnlyList<Conversation> conversations)
    {
        if (conversations.Count == 0) return Task.CompletedTask;
        var isJunk = desk.Here?.Role == "junk" || (desk.Here is null && conversations.All(conversation => conversation.Emails.Any(email => email.MailboxIds.Any(id => desk.Mailboxes.Find(id)?.Role == "junk"))));
        var sender = conversations[0].Shown.From.Count > 0 ? conversations[0].Shown.From[0].Shown : Words.Now.NoSenderName;
        return isJunk
            ? MoveAsync(conversations, desk.Mailboxes.OfRole("inbox"), Words.Now.Unjunked(conversations.Count, sender))
            : MoveAsync(conversations, desk.Mailboxes.OfRole("junk"), Words.Now.Junked(conversations.Count, sender));
    }

    /// <summary>Puts conversations aside until a time; the server brings them back.</summary>
    public async Task SnoozeAsync(IReadOnlyList<Conversation> conversations, DateTimeOffset until)
    {
        var ids = conversations.SelectMany(Concerned).Select(email => email.Id).ToList();
        if (ids.Count == 0) return;
        Remove(conversations);
        if (!await desk.TryAsync(() => CallAsync(until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture)))) return;
        undo = async () =>
        {
            if (!await desk.TryAsync(() => CallAsync(null))) return;
            desk.Say(Words.Now.Undone);
            await desk.RefreshAsync();
        };
        desk.Say(Words.Now.Snoozed(conversations.Count, Times.Whole(until)), UndoLastAsync);

        async Task CallAsync(string? at)
        {
            foreach (var some in ids.Chunk(MostInSet)) await desk.Connection.CallAsync("Email/snooze", new JsonObject { ["emailIds"] = ConversationList.Texts(some), ["until"] = at });
        }
    }

    public Task MoveAsync(IReadOnlyList<Conversation> conversations, Mailbox target) => MoveAsync(conversations, target, Words.Now.Moved(conversations.Count, target.Title));

    private async Task MoveAsync(IReadOnlyList<Conversation> conversations, Mailbox? target, string done)
    {
        if (target is null || conversations.Count == 0 || target.Id == desk.Here?.Id) return;
        var emails = conversations.SelectMany(Concerned).ToList();
        if (emails.Count == 0) return;
        Remove(conversations);
        var before = emails.ToDictionary(email => email.Id, email => email.MailboxIds);
        var moved = await UpdateAsync(emails, email => new JsonObject { ["mailboxIds"] = Membership(Target(email)) });
        if (!moved) return;
        undo = async () =>
        {
            await UpdateAsync(emails, email => new JsonObject { ["mailboxIds"] = Membership(before[email.Id]) });
            desk.Say(Words.Now.Undone);
            await desk.RefreshAsync();
        };
        desk.Say(done, UndoLastAsync);

        // Out of the folder one looks at; out of a search, out of all it lies in.
        IReadOnlySet<string> Target(Email email) => desk.Here is { } here ? new HashSet<string>([.. email.MailboxIds.Where(id => id != here.Id), target.Id]) : new HashSet<string> { target.Id };
    }

    // Of a conversation, what lies in the folder one looks at: its answers in Sent stay there.
    private IReadOnlyList<Email> Concerned(Conversation conversation) => desk.Here is { } here
        ? [.. conversation.Emails.Where(email => email.MailboxIds.Contains(here.Id))]
        : [.. conversation.Emails.Where(email => !email.MailboxIds.All(id => desk.Mailboxes.Find(id)?.Role is "sent" or "drafts"))];

    private void Remove(IReadOnlyList<Conversation> conversations)
    {
        var ids = conversations.Select(conversation => conversation.ThreadId).ToHashSet();
        desk.Left(ids);
        desk.List.Change(ids, _ => null);
    }

    private void Apply(IReadOnlyList<Email> emails, Func<Email, Email> change)
    {
        var ids = emails.Select(email => email.Id).ToHashSet();
        desk.Reading.Change(ids, change);
        desk.List.Change(emails.Select(email => email.ThreadId).ToHashSet(), row => new Conversation(row.ThreadId, ids.Contains(row.Shown.Id) ? change(row.Shown) : row.Shown, [.. row.Emails.Select(email => ids.Contains(email.Id) ? change(email) : email)])
        {
            FoundSubject = row.FoundSubject,
            FoundText = row.FoundText,
        });
    }

    private Task<bool> UpdateAsync(IReadOnlyList<Email> emails, Func<Email, JsonObject> patch) => desk.TryAsync(async () =>
    {
        foreach (var some in emails.Chunk(MostInSet))
        {
            var update = new JsonObject();
            foreach (var email in some) update[email.Id] = patch(email);
            await desk.Connection.SetAsync("Email/set", new JsonObject { ["update"] = update });
        }
    });

    private static JsonObject Membership(IEnumerable<string> mailboxIds)
    {
        var membership = new JsonObject();
        foreach (var id in mailboxIds) membership[id] = true;
        return membership;
    }

    private static HashSet<string> Changed(IReadOnlySet<string> keywords, string keyword, bool on)
    {
        var changed = new HashSet<string>(keywords);
        if (on) changed.Add(keyword);
        else changed.Remove(keyword);
        return changed;
    }
}
