using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>
/// The conversations of a folder or a search, newest first, of which only what is looked at is fetched: the list knows how many there are,
/// and the windows around what is in sight.
/// </summary>
public sealed class ConversationList(JmapConnection connection)
{
    private const int Window = 50;

    private const string Found = """{"resultOf":"c0","name":"Email/query","path":"/ids"}""";

    // Enough for scrolling back without asking again; a list of 100,000 must not gather all it passes.
    private const int MostKept = 1500;

    // Of 100,000 conversations only those that were looked at are held: going over all places would take longer than drawing.
    private readonly Dictionary<int, Conversation> rows = [];
    private readonly Dictionary<string, int> places = [];
    private readonly HashSet<int> asked = [];
    private int generation;
    private bool isOpening;
    private bool isStale;
    private string? filter;
    private bool isSearch;

    /// <summary>Told where rows came or went.</summary>
    public event Action? Changed;

    /// <summary>Told of a request that failed.</summary>
    public event Action<JmapException>? Failed;

    public int Count { get; private set; }

    /// <summary>False until the first window is there.</summary>
    public bool IsLoaded { get; private set; }

    public bool IsSearch => isSearch;

    public Conversation? this[int index] => rows.GetValueOrDefault(index);

    /// <summary>Where a conversation is; -1 where that is not known.</summary>
    public int IndexOf(string threadId) => places.GetValueOrDefault(threadId, -1);

    public IEnumerable<Conversation> Known => rows.Values;

    /// <summary>Begins with another folder or search.</summary>
    /// <param name="by">RFC 8621 §4.4.1, as JSON; null for all there is.</param>
    /// <param name="search">Whether the words found are to be shown.</param>
    public async Task ShowAsync(string? by, bool search)
    {
        generation++;
        (filter, isSearch, IsLoaded, isStale) = (by, search, false, false);
        Clear();
        Changed?.Invoke();
        await OpenAsync();
    }

    /// <summary>The conversation of a row, fetched where it is not here yet; null where there is none or it cannot be had.</summary>
    public async Task<Conversation?> GetAsync(int index)
    {
        if (IsLoaded && index >= 0 && index < Count && this[index] is null) await FetchAsync(index / Window, isFresh: false);
        return this[index];
    }

    /// <summary>Makes sure that these rows are known or being fetched.</summary>
    public void Need(int first, int last)
    {
        if (!IsLoaded) return;
        for (var window = Math.Max(0, first) / Window; window <= Math.Min(Count - 1, last) / Window; window++)
        {
            if (!asked.Contains(window)) _ = FetchAsync(window, isFresh: false);
        }
        if (rows.Count > MostKept) Forget(first, last);
    }

    /// <summary>Asks again for what is in sight: something has changed on the server.</summary>
    public async Task RefreshAsync(int first, int last)
    {
        if (!IsLoaded)
        {
            // What the first window was read before is read once more; a list that could not be had is asked for again.
            if (isOpening) isStale = true;
            else await OpenAsync();
            return;
        }
        generation++;
        asked.Clear();
        var window = Math.Max(0, first) / Window;
        await FetchAsync(window, isFresh: true);
        if (Math.Min(last, Count - 1) / Window > window) await FetchAsync(window + 1, isFresh: false);
    }

    /// <summary>Changes rows at once, before the server has answered; a row for which null comes back is taken out.</summary>
    public void Change(IReadOnlySet<string> threadIds, Func<Conversation, Conversation?> change)
    {
        var gone = 0;
        foreach (var (index, row) in rows.OrderBy(each => each.Key).ToList())
        {
            var changed = threadIds.Contains(row.ThreadId) ? change(row) : row;
            if (gone == 0 && changed is not null)
            {
                rows[index] = changed;
                continue;
            }
            rows.Remove(index);
            places.Remove(row.ThreadId);
            if (changed is null) gone++;
            else Put(index - gone, changed);
        }
        Count -= gone;
        Changed?.Invoke();
    }

    private async Task OpenAsync()
    {
        var mine = generation;
        isOpening = true;
        await FetchAsync(0, isFresh: true);
        if (mine != generation) return;
        isOpening = false;
        if (isStale && IsLoaded) await RefreshAsync(0, Window - 1);
        isStale = false;
    }

    private async Task FetchAsync(int window, bool isFresh, bool whole = true)
    {
        var mine = generation;
        asked.Add(window);
        try
        {
            var answers = await connection.AskAsync(Calls(window, isFresh, whole));
            if (mine != generation) return;
            if (isFresh)
            {
                // What is further off stays as it was until it is looked at.
                Count = (int)answers[0].Number("total");
                if (rows.Count > 0) TakeFrom(Count);
                IsLoaded = true;
            }
            Fill(window * Window, answers, whole);
        }
        catch (JmapException trouble) when (trouble.Type == "requestTooLarge" && whole && mine == generation)
        {
            // Conversations of hundreds of messages: their rows tell of the newest alone.
            await FetchAsync(window, isFresh, whole: false);
            return;
        }
        catch (JmapException trouble)
        {
            // Not asked again by itself: the next push, scroll to elsewhere, or the user does.
            if (mine == generation) Failed?.Invoke(trouble);
        }
        Changed?.Invoke();
    }

    // RFC 8621 §4.10's way: the emails found, their threads, and all emails of these.
    private (string Method, string Arguments)[] Calls(int window, bool isFresh, bool whole)
    {
        var by = filter ?? "null";
        var query = ("Email/query", $$"""{"filter":{{by}},"sort":[{"property":"receivedAt","isAscending":false}],"collapseThreads":true,"position":{{window * Window}},"limit":{{Window}},"calculateTotal":{{(isFresh ? "true" : "false")}}}""");
        var snippets = ("SearchSnippet/get", $$"""{"filter":{{by}},"#emailIds":{{Found}}}""");
        if (!whole)
        {
            var shown = ("Email/get", $$"""{"#ids":{{Found}},{{Email.Asked}}}""");
            return isSearch ? [query, shown, snippets] : [query, shown];
        }
        var found = ("Email/get", $$"""{"#ids":{{Found}},"properties":["threadId"]}""");
        var threads = ("Thread/get", """{"#ids":{"resultOf":"c1","name":"Email/get","path":"/list/*/threadId"}}""");
        var all = ("Email/get", $$"""{"#ids":{"resultOf":"c2","name":"Thread/get","path":"/list/*/emailIds"},{{Email.Asked}}}""");
        return isSearch ? [query, found, threads, all, snippets] : [query, found, threads, all];
    }

    private void Fill(int from, List<JsonElement> answers, bool whole)
    {
        var emails = new Dictionary<string, Email>();
        foreach (var json in answers[whole ? 3 : 1].Items("list"))
        {
            var email = Email.Read(json);
            emails[email.Id] = email;
        }
        var threads = new Dictionary<string, List<string>>();
        if (whole)
            foreach (var thread in answers[2].Items("list")) threads[thread.Text("id")!] = thread.Texts("emailIds");
        var snippets = isSearch ? answers[^1].Items("list").ToDictionary(snippet => snippet.Text("emailId")!) : null;
        var ids = answers[0].Texts("ids");
        for (var i = 0; i < ids.Count; i++)
        {
            if (!emails.TryGetValue(ids[i], out var shown)) continue;
            Count = Math.Max(Count, from + i + 1);
            var all = new List<Email>();
            if (threads.TryGetValue(shown.ThreadId, out var members))
            {
                foreach (var id in members)
                    if (emails.TryGetValue(id, out var member)) all.Add(member);
            }
            else all.Add(shown);
            Put(from + i, new Conversation(shown.ThreadId, shown, all)
            {
                IsWhole = members is not null,
                FoundSubject = snippets?.TryGetValue(shown.Id, out var snippet) == true ? snippet.Text("subject") : null,
                FoundText = snippets?.TryGetValue(shown.Id, out snippet) == true ? snippet.Text("preview") : null,
            });
        }
    }

    // A conversation is at one place: where it came to another, as by an answer, the place it had is to be asked for again.
    private void Put(int index, Conversation row)
    {
        if (places.TryGetValue(row.ThreadId, out var before) && before != index)
        {
            rows.Remove(before);
            asked.Remove(before / Window);
        }
        if (rows.TryGetValue(index, out var other)) places.Remove(other.ThreadId);
        rows[index] = row;
        places[row.ThreadId] = index;
    }

    private void TakeFrom(int first)
    {
        foreach (var index in rows.Keys.Where(index => index >= first).ToList()) Take(index);
    }

    private void Take(int index)
    {
        if (rows.Remove(index, out var row)) places.Remove(row.ThreadId);
    }

    private void Clear()
    {
        rows.Clear();
        places.Clear();
        asked.Clear();
        Count = 0;
    }

    // What is far from sight goes.
    private void Forget(int first, int last)
    {
        foreach (var index in rows.Keys.Where(index => index < first - (MostKept / 3) || index > last + (MostKept / 3)).ToList()) Take(index);
        asked.RemoveWhere(window => (window + 1) * Window <= first - (MostKept / 3) || window * Window > last + (MostKept / 3));
    }

    public static JsonObject Reference(string call, string name, string path) => new() { ["resultOf"] = call, ["name"] = name, ["path"] = path };

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
