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
        await UpdateAsync(emails, _ => new JsonObject { [KeywordPath(keyword)] = on ? true : null });
    }

    /// <summary>The path of a keyword in a patch (RFC 8620 §5.3, RFC 6901 §3).</summary>
    public static string KeywordPath(string keyword) => "keywords/" + keyword.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Puts labels on conversations and takes others off, all of it with one Undo.</summary>
    /// <param name="conversations">Which.</param>
    /// <param name="states">Of each keyword whether it shall be there.</param>
    public async Task LabelAsync(IReadOnlyList<Conversation> conversations, IReadOnlyDictionary<string, bool> states)
    {
        // A label is on a whole conversation: what of it is still being written has none.
        var changes = conversations.SelectMany(conversation => conversation.Emails).Where(email => !email.IsDraft)
            .Select(email => (Email: email, Keywords: states.Where(state => email.Keywords.Contains(state.Key) != state.Value).ToDictionary()))
            .Where(change => change.Keywords.Count > 0).ToDictionary(change => change.Email.Id);
        if (changes.Count == 0) return;
        await ApplyAsync(undone: false);
        undo = async () =>
        {
            await ApplyAsync(undone: true);
            desk.Notices.Say(Words.Now.Undone);
            await desk.RefreshAsync();
        };
        desk.Notices.Say(states is { Count: 1 } && desk.Labels.Find(states.First().Key) is { } only ? (states.First().Value ? Words.Now.LabelPut(conversations.Count, only.Name) : Words.Now.LabelTaken(conversations.Count, only.Name)) : Words.Now.LabelsChanged(conversations.Count), UndoLastAsync);

        async Task ApplyAsync(bool undone)
        {
            List<Email> emails = [.. changes.Values.Select(change => change.Email)];
            Apply(emails, email => changes[email.Id].Keywords.Aggregate(email, (changed, keyword) => changed with { Keywords = Changed(changed.Keywords, keyword.Key, keyword.Value != undone) }));
            // What has lost the label that one looks at is not of this list any more.
            if (!undone && desk.Place.IsLabel && states.TryGetValue(desk.Place.Key, out var stays) && !stays) Remove(conversations);
            await UpdateAsync(emails, email =>
            {
                var patch = new JsonObject();
                foreach (var (keyword, on) in changes[email.Id].Keywords) patch[KeywordPath(keyword)] = on != undone ? true : null;
                return patch;
            });
            desk.Draw();
        }
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
        desk.Overlay.Ask(Words.Now.EmptyQuestion(desk.Here.Title, conversations.Sum(conversation => Concerned(conversation).Count)), Words.Now.DeleteForGood, async () =>
        {
            var emails = conversations.SelectMany(Concerned).ToList();
            Remove(conversations);
            await desk.TryAsync(async () =>
            {
                await DestroyAsync(emails.Select(email => email.Id));
                desk.Notices.Say(Words.Now.DeletedForGood(conversations.Count));
            });
        });
    }

    /// <summary>Destroys messages; the server's refusal is a <see cref="JmapException"/>.</summary>
    public async Task DestroyAsync(IEnumerable<string> emailIds)
    {
        foreach (var some in emailIds.Chunk(MostInSet))
        {
            desk.Lookahead.Drop(some);
            await desk.Connection.SetAsync("Email/set", new JsonObject { ["destroy"] = ConversationList.Texts(some) });
        }
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

    /// <summary>Puts conversations aside until a time, or gives what is aside another time; the server brings them back.</summary>
    public Task SnoozeAsync(IReadOnlyList<Conversation> conversations, DateTimeOffset until) => SnoozeAsync(conversations, until, Words.Now.Snoozed(conversations.Count, Times.Whole(until)));

    /// <summary>Brings back at once what was put aside.</summary>
    public Task WakeAsync(IReadOnlyList<Conversation> conversations) => SnoozeAsync(conversations, null, Words.Now.Woken(conversations.Count));

    private async Task SnoozeAsync(IReadOnlyList<Conversation> conversations, DateTimeOffset? until, string done)
    {
        var emails = conversations.SelectMany(Concerned).ToList();
        if (emails.Count == 0) return;
        var before = emails.ToLookup(desk.Snoozes.Until, email => email.Id);
        // What stays aside stays in the list of it.
        if (until is null || desk.Here?.IsSnoozed != true) Remove(conversations);
        if (!await desk.TryAsync(() => CallAsync(emails.Select(email => email.Id), until))) return;
        if (desk.Here?.IsSnoozed == true) await desk.RefreshAsync();
        undo = async () =>
        {
            foreach (var some in before)
            {
                if (!await desk.TryAsync(() => CallAsync(some, some.Key))) return;
            }
            desk.Notices.Say(Words.Now.Undone);
            await desk.RefreshAsync();
        };
        desk.Notices.Say(done, UndoLastAsync);

        async Task CallAsync(IEnumerable<string> ids, DateTimeOffset? at)
        {
            foreach (var some in ids.Chunk(MostInSet))
                await desk.Connection.CallAsync("Email/snooze", new JsonObject { ["emailIds"] = ConversationList.Texts(some), ["until"] = at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture) });
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
            desk.Notices.Say(Words.Now.Undone);
            await desk.RefreshAsync();
        };
        desk.Notices.Say(done, UndoLastAsync);

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
