using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>An attack of sign-ups that goes on: since when, how many, from how many senders, and what was set aside.</summary>
public sealed record MailBomb(DateTimeOffset Began, int Messages, int Senders, int SetAside);

/// <summary>What protects the account for a while: the mail-bomb shield, and the minutes in which a code is expected.</summary>
public sealed class Shield(Desk desk)
{
    private static readonly string[] Places = ["inbox", "junk"];

    /// <summary>How long a code is waited for.</summary>
    public const int Minutes = 15;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(4);
    private const int MostImportant = 8;

    private bool isWaiting;

    /// <summary>The attack; null where there is none.</summary>
    public MailBomb? Bomb { get; private set; }

    /// <summary>What may be buried: mail of the time of the attack about money, orders and passwords.</summary>
    public IReadOnlyList<Email> Important { get; private set; } = [];

    /// <summary>Until when a code is expected, by this computer's clock; null where none is.</summary>
    public DateTimeOffset? CodeUntil { get; private set; }

    /// <summary>The message that came with one; null while none has.</summary>
    public Email? Code { get; private set; }

    /// <summary>How much is left, in whole minutes begun.</summary>
    public int MinutesLeft => CodeUntil is { } until ? Math.Max(1, (int)Math.Ceiling((until - DateTimeOffset.UtcNow).TotalMinutes)) : 0;

    public async Task LoadAsync()
    {
        await ReadAsync(await desk.Connection.CallAsync("Shield/get", []));
        desk.Draw();
    }

    /// <summary>Waits for a code, or ends that.</summary>
    public async Task ExpectAsync(int minutes)
    {
        await ReadAsync(await desk.Connection.CallAsync("Shield/expectCode", new JsonObject { ["minutes"] = minutes }));
        desk.Draw();
    }

    /// <summary>Says that it is no attack, or that it is one after all.</summary>
    public async Task EndBombAsync(bool undo)
    {
        await ReadAsync(await desk.Connection.CallAsync("Shield/endBomb", new JsonObject { ["undo"] = undo }));
        desk.Draw();
    }

    private async Task ReadAsync(JsonElement answer)
    {
        Bomb = answer.Member("bomb", out var bomb) ? new MailBomb(bomb.Time("began"), (int)bomb.Number("messages"), (int)bomb.Number("senders"), (int)bomb.Number("setAside")) : null;
        Important = Bomb is null ? [] : await ImportantAsync(Bomb.Began);
        if (answer.Member("code", out var code))
        {
            CodeUntil = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(code.Number("seconds"));
            if (code.Text("emailId") is not { } emailId) Code = null;
            else if (Code?.Id != emailId) Code = await EmailsAsync(new JsonObject { ["ids"] = new JsonArray(emailId) }) is [var first, ..] ? first : null;
            if (!isWaiting) _ = WaitAsync();
        }
        else (CodeUntil, Code) = (null, null);
    }

    // Of both folders, for what a shop or a bank writes may look like the rest.
    private async Task<IReadOnlyList<Email>> ImportantAsync(DateTimeOffset began)
    {
        JsonNode Any(string name, IEnumerable<string> values) => new JsonObject { ["operator"] = "OR", ["conditions"] = new JsonArray([.. values.Select(value => (JsonNode)new JsonObject { [name] = value })]) };
        var folders = Places.Select(role => desk.Mailboxes.OfRole(role)?.Id).OfType<string>();
        var answers = await desk.Connection.CallAsync(
            ("Email/query", new JsonObject
            {
                ["filter"] = new JsonObject
                {
                    ["operator"] = "AND",
                    ["conditions"] = new JsonArray(Any("inMailbox", folders), Any("subject", Words.Now.BombWords), new JsonObject { ["after"] = (began - TimeSpan.FromHours(2)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) }),
                },
                ["sort"] = new JsonArray(new JsonObject { ["property"] = "receivedAt", ["isAscending"] = false }),
                ["limit"] = MostImportant,
            }),
            ("Email/get", new JsonObject { ["#ids"] = ConversationList.Reference("c0", "Email/query", "/ids"), ["properties"] = ConversationList.Texts(Email.Properties) }));
        return [.. answers[1].Items("list").Select(Email.Read)];
    }

    private async Task<IReadOnlyList<Email>> EmailsAsync(JsonObject arguments)
    {
        arguments["properties"] = ConversationList.Texts(Email.Properties);
        return [.. (await desk.Connection.CallAsync("Email/get", arguments)).Items("list").Select(Email.Read)];
    }

    // The server notes a code a moment after the message is there, and push tells of the message alone.
    private async Task WaitAsync()
    {
        isWaiting = true;
        try
        {
            while (CodeUntil is not null && desk.Stage == Stage.Working)
            {
                await Task.Delay(LookEvery);
                try
                {
                    await LoadAsync();
                }
                catch (JmapException trouble) when (trouble.Kind == TroubleKind.Offline)
                {
                    if (CodeUntil < DateTimeOffset.UtcNow) (CodeUntil, Code) = (null, null);
                }
                catch (JmapException trouble)
                {
                    desk.Meet(trouble);
                    return;
                }
            }
            desk.Draw();
        }
        finally
        {
            isWaiting = false;
        }
    }
}
