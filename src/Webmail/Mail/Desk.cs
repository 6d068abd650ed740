using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Compose;
using Sternpost.Webmail.Contacts;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Settings;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>How far the user has come.</summary>
public enum Stage { Opening, SigningIn, Working, Unreachable }

/// <summary>All that the page shows, and the ways to change it. Components draw it and are told of changes; none of them asks the server.</summary>
public sealed class Desk
{
    private readonly HashSet<string> selection = [];
    // How long an empty page is kept back for the rows of the first list, in milliseconds.
    private const double Patience = 400;

    private bool isRefreshing;
    // What was said about senders, which decides about the pictures of a message.
    private Task knowing = Task.CompletedTask;
    private bool refreshAgain;

    public Desk()
    {
        Connection = new JmapConnection();
        List = new ConversationList(Connection);
        Reading = new Reading(Connection);
        Actions = new Actions(this);
        Drafts = new DraftStore(this);
        Senders = new Senders(Connection);
        Labels = new Labels(Connection);
        Snoozes = new Snoozes(Connection, Mailboxes);
        Contacts = new AddressBook(Connection);
        Masked = new MaskedAddresses(Connection);
        Shield = new Shield(this);
        Overlay = new Overlay(Connection, Draw);
        Notices = new Notices(Draw);
        Lookahead = new Lookahead(this);
        List.Changed += Draw;
        List.Failed += trouble => Meet(trouble);
    }

    /// <summary>Something is to be drawn anew.</summary>
    public event Action? Changed;

    /// <summary>Other rows of the list are in sight.</summary>
    public event Action? Scrolled;

    public JmapConnection Connection { get; }

    public Mailboxes Mailboxes { get; } = new();

    public ConversationList List { get; }

    public Reading Reading { get; }

    public Actions Actions { get; }

    public DraftStore Drafts { get; }

    public Senders Senders { get; }

    public Labels Labels { get; }

    public Snoozes Snoozes { get; }

    public AddressBook Contacts { get; }

    public MaskedAddresses Masked { get; }

    public Shield Shield { get; }

    public Overlay Overlay { get; }

    public Notices Notices { get; }

    /// <summary>What is asked for before the user does.</summary>
    public Lookahead Lookahead { get; }

    public Stage Stage { get; private set; } = Stage.Opening;

    public Place Place { get; private set; } = Place.Inbox;

    /// <summary>The folder that is looked at; null in a search and at a label.</summary>
    public Mailbox? Here => Place.Kind == "mail" ? Mailboxes.OfKey(Place.Key) : null;

    /// <summary>Whether what is here can be put aside, or has been.</summary>
    public bool MaySnooze => Here is { Role: "inbox" } or { IsSnoozed: true };

    /// <summary>The label that is looked at; null elsewhere.</summary>
    public Label? HereLabel => Place.IsLabel ? Labels.Find(Place.Key) : null;

    /// <summary>The row that the keys are at.</summary>
    public int Cursor { get; private set; }

    public IReadOnlySet<string> Selection => selection;

    public bool IsOffline { get; private set; }

    public bool IsMenuOpen { get; set; }

    /// <summary>Where the link under the pointer in a message leads.</summary>
    public string Target { get; set; } = "";

    /// <summary>Remote pictures left out, by the frame that would show them.</summary>
    public Dictionary<string, int> LeftOut { get; } = [];

    /// <summary>Where mail is sent on to; null until that is known.</summary>
    public Forwarding? Forwarding { get; private set; }

    /// <summary>What each symbol of the filter means, in a sentence.</summary>
    public IReadOnlyDictionary<string, string> Meanings { get; private set; } = new Dictionary<string, string>();

    public void Draw() => Changed?.Invoke();

    public async Task OpenAsync()
    {
        Bridge.Start(new Hearing(this).Hear);
        await ConnectAsync();
    }

    public async Task ConnectAsync()
    {
        try
        {
            if (!await Connection.OpenAsync())
            {
                Bridge.ForgetKept();
                Stage = Stage.SigningIn;
                Draw();
                return;
            }
            var began = Bridge.Place();
            Place = Place.Parse(began);
            var loading = Connection.AskAsync(("Mailbox/get", Mailboxes.Asked), ("Label/get", Labels.Asked));
            if (Place.ThreadId is not null) knowing = Senders.LoadAsync();
            var loaded = await loading;
            Mailboxes.Read(loaded[0]);
            Labels.Read(loaded[1]);
            // Drawn once, with its rows, where they come soon; drawing it all twice takes longer than they do.
            var showing = ShowAsync(Place, replace: true, isFirst: true);
            if (Place.ThreadId is null && !Place.IsPage) await Task.WhenAny(showing, Bridge.Wait(Patience));
            Stage = Stage.Working;
            Draw();
            await showing;
            if (Place.ThreadId is null) knowing = Senders.LoadAsync();
            var meanings = LoadMeaningsAsync();
            await knowing;
            IsOffline = JmapConnection.IsFromMemory;
            if (began == "/compose") await Drafts.WriteAsync(new Composition());
            await Drafts.ResumeAsync();
            Bridge.Subscribe("/jmap/eventsource?types=Email,Mailbox,EmailSubmission,Label&closeafter=no&ping=60");
            await meanings;
            await Drafts.LoadIdentitiesAsync();
            await Contacts.LoadAsync();
            await Lookahead.AskAsync(0, 5);
            foreach (var load in (Func<Task>[])[Bridge.LoadWritingAsync, Masked.LoadAsync, LoadForwardingAsync, Shield.LoadAsync]) await BesideAsync(load);
        }
        catch (JmapException trouble) when (trouble.Kind == TroubleKind.Offline)
        {
            Stage = Stage.Unreachable;
        }
        catch (JmapException trouble)
        {
            Meet(trouble);
        }
        Draw();
    }

    public async Task SignOutAsync()
    {
        if (!await Drafts.SettleAsync()) return;
        Drafts.Drop();
        Bridge.Subscribe(null);
        if (Bridge.Recall("push") is not null)
        {
            await Bridge.PushOff();
            Bridge.Remember("push", null);
        }
        await Connection.SignOutAsync();
        // Nothing of the mail stays in the page's memory.
        Forget();
    }

    /// <summary>Goes to a folder, a search or a conversation.</summary>
    public async Task ShowAsync(Place place, bool replace = false, bool isFirst = false)
    {
        var isOther = isFirst || !place.HasSameList(Place);
        Place = place;
        IsMenuOpen = false;
        Bridge.Go(place.Path, replace);
        SetTitle();
        if (place.IsPage)
        {
            Draw();
            return;
        }
        var listing = Task.CompletedTask;
        if (isOther)
        {
            selection.Clear();
            Cursor = 0;
            listing = List.ShowAsync(Filter(place), place.IsSearch);
            if (Here?.IsSnoozed == true) listing = Task.WhenAll(listing, TryAsync(LoadSnoozesAsync));
            Bridge.ScrollTop("list");
        }
        if (place.ThreadId is { } threadId)
        {
            if (Reading.ThreadId != threadId) await ReadAsync(threadId);
        }
        else Reading.Close();
        Draw();
        await listing;
    }

    public Task GoAsync(string key) => ShowAsync(new Place("mail", key, "", null));

    public Task SearchAsync(string query) => string.IsNullOrWhiteSpace(query) ? GoAsync("inbox") : ShowAsync(new Place("search", "", query, null), replace: Place.IsSearch);

    public async Task OpenAsync(Conversation conversation)
    {
        Cursor = Math.Max(0, List.IndexOf(conversation.ThreadId));
        // What is still being written is opened for writing.
        if (conversation is { Emails.Count: 1, Shown.IsDraft: true } && Here?.Role == "drafts") await Drafts.ContinueAsync(conversation.Shown.Id);
        else await ShowAsync(Place.With(conversation.ThreadId));
    }

    public Task BackAsync()
    {
        Bridge.Focus("#list .row.is-cursor a");
        return ShowAsync(Place.With(null));
    }

    /// <summary>The next conversation, older or newer; opened where one is open already.</summary>
    public async Task StepAsync(int step)
    {
        var next = Math.Clamp(Cursor + step, 0, Math.Max(0, List.Count - 1));
        if (Place.ThreadId is not null)
        {
            var at = List.IndexOf(Place.ThreadId);
            next = Math.Clamp((at < 0 ? Cursor : at) + step, 0, Math.Max(0, List.Count - 1));
        }
        Cursor = next;
        Bridge.ScrollToRow(next, RowHeight);
        if (Place.ThreadId is not null && await List.GetAsync(next) is { } conversation) await ShowAsync(Place.With(conversation.ThreadId), replace: true);
        else Bridge.Focus("#list .row.is-cursor a");
        Draw();
    }

    public double RowHeight { get; set; } = 72;

    /// <summary>What a key or button acts on: what is selected, or else what is open, or else where the keys are.</summary>
    public IReadOnlyList<Conversation> Acted()
    {
        if (selection.Count > 0) return [.. List.Known.Where(row => selection.Contains(row.ThreadId))];
        if (Place.ThreadId is { } threadId && Reading.IsLoaded && Reading.Messages.Count > 0)
        {
            return List[List.IndexOf(threadId)] is { } row ? [row] : [new Conversation(threadId, Reading.Messages[^1].Email, [.. Reading.Messages.Select(message => message.Email)])];
        }
        return List[Cursor] is { } current ? [current] : [];
    }

    public void Select(Conversation conversation, bool on)
    {
        if (on) selection.Add(conversation.ThreadId);
        else selection.Remove(conversation.ThreadId);
        Draw();
    }

    public void Select(Func<Conversation, bool> which)
    {
        selection.Clear();
        foreach (var row in List.Known.Where(which)) selection.Add(row.ThreadId);
        Draw();
    }

    /// <summary>These are being taken out of the list: the next is opened, or none.</summary>
    public void Left(IReadOnlySet<string> threadIds)
    {
        selection.ExceptWith(threadIds);
        if (Place.ThreadId is not { } open || !threadIds.Contains(open)) return;
        var at = List.IndexOf(open);
        var next = List[at + 1] ?? (at > 0 ? List[at - 1] : null);
        // On a phone one is taken back to the list; beside it, the next is read.
        _ = next is not null && !threadIds.Contains(next.ThreadId) && Bridge.IsWide() ? ShowAsync(Place.With(next.ThreadId), replace: true) : ShowAsync(Place.With(null));
    }

    public async Task UndoAsync()
    {
        var undo = Notices.Now?.Undo;
        Notices.Dismiss();
        if (undo is not null) await undo();
        else await Actions.UndoLastAsync();
    }

    /// <summary>Does something with the server; what goes wrong is shown. True where nothing did.</summary>
    public async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (JmapException trouble)
        {
            Meet(trouble);
            if (trouble.Kind == TroubleKind.Refused) await RefreshAsync();
            return false;
        }
    }

    public void Meet(JmapException trouble)
    {
        switch (trouble.Kind)
        {
            case TroubleKind.SignedOut:
                Forget();
                break;
            case TroubleKind.Offline:
                IsOffline = true;
                Draw();
                break;
            default:
                Notices.Complain(trouble.Message.Length > 0 ? trouble.Message : Words.Now.SomethingFailed);
                break;
        }
    }

    /// <summary>Brings what is seen up to date with the server. Calls that come while one runs are answered by one more.</summary>
    public async Task RefreshAsync()
    {
        if (Stage != Stage.Working) return;
        if (isRefreshing)
        {
            refreshAgain = true;
            return;
        }
        isRefreshing = true;
        try
        {
            do
            {
                refreshAgain = false;
                var unread = Mailboxes.OfRole("inbox")?.Unread ?? 0;
                await Mailboxes.LoadAsync(Connection);
                var (first, last) = Visible();
                await List.RefreshAsync(first, last);
                await Reading.RefreshAsync();
                await Shield.LoadAsync();
                if (Here?.IsSnoozed == true || Snoozes.Concern(Reading.Messages.Select(message => message.Email))) await Snoozes.LoadAsync();
                IsOffline = JmapConnection.IsFromMemory;
                SetTitle();
                if (Mailboxes.OfRole("inbox")?.Unread > unread) Announce();
            }
            while (refreshAgain);
        }
        catch (JmapException trouble)
        {
            Meet(trouble);
        }
        finally
        {
            isRefreshing = false;
        }
        Draw();
    }

    /// <summary>The rows in sight.</summary>
    public (int First, int Last) Visible()
    {
        var (top, height, row) = (Bridge.ListTop(), Bridge.ListHeight(), Math.Max(20, Bridge.ListRow()));
        RowHeight = row;
        var first = (int)(top / row);
        return (first, first + (int)Math.Ceiling(height / row) + 1);
    }

    // RFC 8620 §1.2: an id consists of letters, digits, - and _.
    private string? Filter(Place place)
    {
        if (place.IsSearch) return SearchQuery.ToFilter(place.Query, Mailboxes, Labels, Times.Zone(DateTimeOffset.UtcNow))?.ToJsonString();
        if (place.IsLabel) return SearchQuery.OfLabel(place.Key, Mailboxes).ToJsonString();
        return $$"""{"inMailbox":"{{(Mailboxes.OfKey(place.Key) ?? Mailboxes.OfRole("inbox"))?.Id}}"}""";
    }

    private async Task ReadAsync(string threadId)
    {
        LeftOut.Clear();
        Target = "";
        var opening = Reading.OpenAsync(threadId, List[List.IndexOf(threadId)]);
        if (!opening.IsCompleted) Draw();
        try
        {
            var unread = await opening;
            await knowing;
            if (Reading.ThreadId != threadId) return;
            if (List.IndexOf(threadId) is >= 0 and var at) Cursor = at;
            Draw();
            if (Snoozes.Concern(Reading.Messages.Select(message => message.Email))) await LoadSnoozesAsync();
            Bridge.Focus("#reading-title");
            SetTitle();
            // Shown first, and then told.
            await Task.Yield();
            if (unread.Count > 0) await Actions.KeywordAsync([.. unread.Select(message => message.Email)], "$seen", true);
        }
        catch (JmapException trouble)
        {
            Meet(trouble);
        }
    }

    // What is good to know beside the mail: without a connection the mail stays readable, and it is asked for the next time.
    private static async Task BesideAsync(Func<Task> load)
    {
        try
        {
            await load();
        }
        catch (JmapException trouble) when (trouble.Kind == TroubleKind.Offline)
        {
            return;
        }
    }

    public async Task LoadForwardingAsync()
    {
        Forwarding = await Settings.Forwarding.LoadAsync();
        Draw();
    }

    private async Task LoadSnoozesAsync()
    {
        await Snoozes.LoadAsync();
        Draw();
    }

    private async Task LoadMeaningsAsync()
    {
        var (status, body) = await JmapConnection.SendAsync("GET", "/symbols.json", null);
        if (status != 200) return;
        using var json = JsonDocument.Parse(body);
        Meanings = json.RootElement.EnumerateObject().ToDictionary(symbol => symbol.Name, symbol => symbol.Value.GetString() ?? "");
    }

    private void Forget()
    {
        Bridge.ForgetKept();
        Bridge.Subscribe(null);
        Forwarding = null;
        Reading.Close();
        Reading.Forget();
        Drafts.SetAside(Connection.UserName);
        Stage = Stage.SigningIn;
        Overlay.Close();
        Notices.Dismiss();
        Bridge.Title(Words.Now.SignIn);
        Draw();
    }

    private void Announce()
    {
        if (List[0] is { } newest && newest.IsUnread) Bridge.Notify(newest.Shown.From.Count > 0 ? newest.Shown.From[0].Shown : Words.Now.NewMail, newest.Shown.Subject);
    }

    private void SetTitle()
    {
        var unread = Mailboxes.OfRole("inbox")?.Unread ?? 0;
        var what = Place.IsSettings ? Words.Now.Settings : Place.IsContacts ? Words.Now.Contacts : Place.IsReview ? Words.Now.ReviewJunk : Place.ThreadId is not null && Reading.Subject.Length > 0 ? Reading.Subject : Place.IsSearch ? Words.Now.SearchResults : HereLabel?.Name ?? Here?.Title ?? Words.Now.Mail;
        Bridge.Title((unread > 0 ? $"({unread}) " : "") + what);
    }

    /// <summary>A frame shows its message, without <paramref name="leftOut"/> remote pictures.</summary>
    public void Shown(string frame, int leftOut)
    {
        if (LeftOut.GetValueOrDefault(frame) != leftOut)
        {
            LeftOut[frame] = leftOut;
            Draw();
        }
        _ = Lookahead.NearAsync(Cursor);
        _ = TryAsync(Reading.ConfirmAsync);
    }

    public void Scroll() => Scrolled?.Invoke();

    /// <summary>Another window, or another program, has named or coloured labels anew.</summary>
    public async Task RelabelAsync()
    {
        await TryAsync(Labels.LoadAsync);
        await RefreshAsync();
    }
}
