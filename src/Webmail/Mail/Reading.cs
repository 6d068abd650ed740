using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>The open conversation: its messages, oldest first, and which of them are unfolded.</summary>
public sealed class Reading(JmapConnection connection)
{
    // Messages that were asked for ahead, which do not change but for what the list knows newly: keywords and folders.
    private const int MostAhead = 60;

    private readonly HashSet<string> unfolded = [];
    private readonly Dictionary<string, Message> ahead = [];
    private bool isFromAhead;

    public string? ThreadId { get; private set; }

    public IReadOnlyList<Message> Messages { get; private set; } = [];

    public bool IsLoaded { get; private set; }

    /// <summary>True where the conversation is not there any more.</summary>
    public bool IsGone => IsLoaded && Messages.Count == 0;

    public string Subject => Messages.Count > 0 ? Messages[0].Email.Subject : "";

    public bool IsUnfolded(Message message) => unfolded.Contains(message.Id);

    public void Toggle(Message message)
    {
        if (!unfolded.Remove(message.Id)) unfolded.Add(message.Id);
    }

    public void Close() => (ThreadId, Messages, IsLoaded) = (null, [], false);

    /// <summary>Opens a conversation; answers those of its messages that were unread, for they are read now.</summary>
    /// <param name="threadId">The conversation.</param>
    /// <param name="row">It, as the list has it; null where it does not.</param>
    public async Task<IReadOnlyList<Message>> OpenAsync(string threadId, Conversation? row)
    {
        ThreadId = threadId;
        unfolded.Clear();
        isFromAhead = row is not null && IsAhead(row);
        if (isFromAhead)
        {
            (Messages, IsLoaded) = ([.. row!.Emails.Select(email => ahead[email.Id] with { Email = email }).OrderBy(message => message.Email.ReceivedAt)], true);
        }
        else
        {
            (Messages, IsLoaded) = ([], false);
            await LoadAsync(threadId);
        }
        if (ThreadId != threadId) return [];
        var unread = Messages.Where(message => message.Email.IsUnread).ToList();
        // The newest is what the reader came for; what they have not read yet is unfolded with it.
        if (Messages.Count > 0) unfolded.Add(Messages[^1].Id);
        foreach (var message in unread.TakeLast(10)) unfolded.Add(message.Id);
        return unread;
    }

    /// <summary>Reads it again: a message has come, gone or changed.</summary>
    public async Task RefreshAsync()
    {
        if (ThreadId is not { } threadId || !IsLoaded) return;
        var known = Messages.Select(message => message.Id).ToHashSet();
        await LoadAsync(threadId);
        foreach (var message in Messages.Where(message => !known.Contains(message.Id))) unfolded.Add(message.Id);
    }

    /// <summary>
    /// Asks for what will probably be read next, in one request; nothing of it is marked as read. Long conversations are left out. Answers what of it
    /// would be unfolded.
    /// </summary>
    public async Task<IReadOnlyList<Message>> AheadAsync(IEnumerable<Conversation> rows)
    {
        var near = rows.ToList();
        var wanted = near.Where(row => row.IsWhole && row.Emails.Count <= 5 && !IsAhead(row)).SelectMany(row => row.Emails).Select(email => email.Id).Where(id => !ahead.ContainsKey(id)).ToList();
        if (wanted.Count > 0)
        {
            if (ahead.Count + wanted.Count > MostAhead) ahead.Clear();
            var answer = await connection.CallAsync("Email/get", new JsonObject { ["ids"] = ConversationList.Texts(wanted), ["properties"] = ConversationList.Texts(Message.Properties) });
            foreach (var message in answer.Items("list").Select(Message.Read)) ahead[message.Id] = message;
        }
        var unfolded = near.Where(row => row.ThreadId != ThreadId).SelectMany(row => row.Emails.Where(email => email.IsUnread).Append(row.Emails.MaxBy(email => email.ReceivedAt))).Select(email => email?.Id ?? "").Distinct();
        return [.. unfolded.Select(id => ahead.GetValueOrDefault(id)).OfType<Message>()];
    }

    /// <summary>Asks for the open conversation after all where it was shown from what was asked for ahead: without a connection it is found by that question.</summary>
    public async Task ConfirmAsync()
    {
        if (!isFromAhead || ThreadId is not { } threadId) return;
        isFromAhead = false;
        await LoadAsync(threadId);
    }

    /// <summary>Nothing that was asked for ahead is kept.</summary>
    public void Forget() => ahead.Clear();

    private bool IsAhead(Conversation row) => row.IsWhole && row.Emails.All(email => ahead.ContainsKey(email.Id));

    /// <summary>Changes what is shown of messages before the server has answered.</summary>
    public void Change(IReadOnlySet<string> emailIds, Func<Email, Email> change) =>
        Messages = [.. Messages.Select(message => emailIds.Contains(message.Id) ? message with { Email = change(message.Email) } : message)];

    private async Task LoadAsync(string threadId)
    {
        var answers = await connection.CallAsync(
            ("Thread/get", new JsonObject { ["ids"] = new JsonArray(threadId) }),
            ("Email/get", new JsonObject { ["#ids"] = ConversationList.Reference("c0", "Thread/get", "/list/*/emailIds"), ["properties"] = ConversationList.Texts(Message.Properties) }));
        if (ThreadId != threadId) return;
        Messages = [.. answers[1].Items("list").Select(Message.Read).OrderBy(message => message.Email.ReceivedAt)];
        IsLoaded = true;
    }
}
