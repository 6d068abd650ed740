using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Settings;

namespace Sternpost.Webmail.Mail;

/// <summary>A message in Junk: who sent it, and why it is there in a sentence.</summary>
/// <param name="Doubt">How sure the filter was that it is spam; the lower, the more doubtful. What was moved there by hand is not doubtful at all.</param>
public sealed record JunkMail(string Id, string ThreadId, DateTimeOffset Received, Address From, string Subject, double Doubt, string Reason);

/// <summary>Messages of one sender, or of one subject, the most doubtful first.</summary>
public sealed record JunkGroup(string Key, string Title, string Detail, IReadOnlyList<JunkMail> Messages)
{
    public double Doubt => Messages[0].Doubt;
}

/// <summary>What lies in Junk, as the server tells it, and what is done with it.</summary>
public sealed class JunkReview(Desk desk)
{
    // Where Junk begins at 5; up to here the filter was not sure.
    private const double Sure = 8;

    public IReadOnlyList<JunkMail> Messages { get; private set; } = [];

    /// <summary>How many there are; more than are shown where there are very many.</summary>
    public int All { get; private set; }

    /// <summary>How many messages the quarantine holds for the account.</summary>
    public int Held { get; private set; }

    /// <summary>Days between mailed digests; 0 for none.</summary>
    public int Days { get; private set; }

    public bool IsLoaded { get; private set; }

    public static bool IsDoubtful(JunkMail message) => message.Doubt < Sure;

    public async Task LoadAsync()
    {
        var json = await AccountConnection.ReadAsync("junk");
        (All, Held, Days) = ((int)json.Number("all"), (int)json.Number("held"), (int)json.Number("days"));
        Messages = [.. json.Items("messages").Select(Read)];
        IsLoaded = true;
    }

    public IReadOnlyList<JunkGroup> Groups(bool bySubject) =>
    [
        .. Messages.GroupBy(message => bySubject ? message.Subject.ToLowerInvariant() : message.From.Email.ToLowerInvariant()).Select(group =>
        {
            List<JunkMail> messages = [.. group.OrderBy(message => message.Doubt).ThenByDescending(message => message.Received)];
            return bySubject
                ? new JunkGroup("s" + group.Key, messages[0].Subject, string.Join(", ", messages.Select(message => message.From.Shown).Distinct().Take(3)), messages)
                : new JunkGroup("f" + group.Key, messages[0].From.Shown, messages[0].From.Shown == messages[0].From.Email ? "" : messages[0].From.Email, messages);
        }).OrderBy(group => group.Doubt).ThenByDescending(group => group.Messages[0].Received),
    ];

    /// <summary>Moves messages to the inbox, which teaches the filter. False where it did not.</summary>
    public async Task<bool> WantAsync(IReadOnlyList<JunkMail> wanted)
    {
        if (wanted.Count == 0 || desk.Mailboxes.OfRole("junk") is not { } junk || desk.Mailboxes.OfRole("inbox") is not { } inbox) return false;
        if (!await desk.TryAsync(() => MoveAsync(wanted, junk, inbox))) return false;
        Take(wanted);
        desk.Notices.Say(Text.Words.Now.Unjunked(wanted.Count, wanted[0].From.Shown), async () =>
        {
            if (!await desk.TryAsync(() => MoveAsync(wanted, inbox, junk)) || !await desk.TryAsync(LoadAsync)) return;
            desk.Notices.Say(Text.Words.Now.Undone);
        });
        return true;
    }

    public async Task<bool> DeleteAsync(IReadOnlyList<JunkMail> messages)
    {
        var done = await desk.TryAsync(() => desk.Actions.DestroyAsync(messages.Select(message => message.Id)));
        if (done) Take(messages);
        return done;
    }

    public Task DigestAsync(int days) => AccountConnection.ChangeAsync("junk", new() { ["do"] = "digest", ["every"] = days switch { 1 => "daily", 7 => "weekly", _ => "never" } });

    private async Task MoveAsync(IReadOnlyList<JunkMail> messages, Mailbox from, Mailbox to)
    {
        foreach (var some in messages.Chunk(Actions.MostInSet))
        {
            var update = new JsonObject();
            foreach (var message in some) update[message.Id] = new JsonObject { ["mailboxIds/" + from.Id] = null, ["mailboxIds/" + to.Id] = true };
            await desk.Connection.SetAsync("Email/set", new JsonObject { ["update"] = update });
        }
    }

    private void Take(IReadOnlyList<JunkMail> messages)
    {
        var gone = messages.Select(message => message.Id).ToHashSet();
        Messages = [.. Messages.Where(message => !gone.Contains(message.Id))];
        All = Math.Max(Messages.Count, All - gone.Count);
    }

    private JunkMail Read(JsonElement json)
    {
        var (word, score, findings) = Provenance.Verdict(json.Text("verdict"));
        var isJudged = word is not null and not "accept";
        return new JunkMail(json.Text("id") ?? "", json.Text("threadId") ?? "", json.Time("received"), new Address(json.Text("name"), json.Text("address") ?? ""), json.Text("subject") ?? "",
            isJudged ? score ?? 0 : double.MaxValue, isJudged ? Provenance.WhyJunk(findings, desk.Meanings) : Text.Words.Now.MovedToJunkByHand);
    }
}
