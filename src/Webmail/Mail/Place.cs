namespace Sternpost.Webmail.Mail;

/// <summary>Where the user is: a folder or a search, and the conversation open in it. It stands in the browser's address.</summary>
/// <param name="Kind">mail, label, search, review, settings or contacts.</param>
/// <param name="Key">The folder's role or id; the label's keyword; of the settings, which page.</param>
/// <param name="Query">What is searched for.</param>
/// <param name="ThreadId">The open conversation, or null.</param>
public sealed record Place(string Kind, string Key, string Query, string? ThreadId)
{
    public static readonly Place Inbox = new("mail", "inbox", "", null);

    public bool IsSearch => Kind == "search";

    public bool IsLabel => Kind == "label";

    public bool IsSettings => Kind == "settings";

    /// <summary>Junk as it is looked through.</summary>
    public bool IsReview => Kind == "review";

    public bool IsContacts => Kind == "contacts";

    /// <summary>Whether it is a page of its own, beside the mail.</summary>
    public bool IsPage => IsSettings || IsContacts || IsReview;

    public string Path => Kind switch
    {
        "search" => "/search" + (ThreadId is null ? "" : "/" + ThreadId) + "?q=" + Uri.EscapeDataString(Query),
        "review" => "/mail/junk/review",
        "label" => "/label/" + Uri.EscapeDataString(Key) + (ThreadId is null ? "" : "/" + ThreadId),
        "settings" => "/settings" + (Key.Length == 0 ? "" : "/" + Key),
        "contacts" => "/contacts" + (Key.Length == 0 ? "" : "/" + Key),
        _ => "/mail/" + Uri.EscapeDataString(Key) + (ThreadId is null ? "" : "/" + ThreadId),
    };

    /// <summary>Another conversation, or none, of the same list.</summary>
    public Place With(string? threadId) => this with { ThreadId = threadId };

    public bool HasSameList(Place other) => Kind == other.Kind && Key == other.Key && Query == other.Query;

    public static Place Parse(string path)
    {
        var (way, query) = path.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? (path[..mark], path[(mark + 1)..]) : (path, "");
        var parts = way.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++) parts[i] = Uri.UnescapeDataString(parts[i]);
        var thread = parts.Length > 0 && parts[^1] is ['T', _, ..] last && last.Skip(1).All(char.IsAsciiDigit) ? last : null;
        return parts switch
        {
            ["mail", "junk", "review"] => new Place("review", "", "", null),
            ["mail", var key, ..] => new Place("mail", key, "", thread),
            ["label", var key, ..] => new Place("label", key, "", parts.Length > 2 ? thread : null),
            ["search", ..] => new Place("search", "", query.Split('&').FirstOrDefault(pair => pair.StartsWith("q=", StringComparison.Ordinal)) is { } pair ? Uri.UnescapeDataString(pair[2..].Replace('+', ' ')) : "", thread),
            ["settings", "security" or "held" or "sent" or "rules" or "transfer" or "masked" or "labels" or "forwarding"] => new Place("settings", parts[1], "", null),
            ["contacts", ..] => new Place("contacts", parts.Length > 1 ? parts[1] : "", "", null),
            ["settings", ..] => new Place("settings", "", "", null),
            _ => Inbox,
        };
    }
}
