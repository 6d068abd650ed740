namespace Sternpost.Webmail.Text;

/// <summary>
/// Every text that a user reads, in English. Another language is a class below this one that overrides what it translates; what it leaves
/// out stays English, and the compiler knows every text by name. Texts that count or name something are functions, because languages order and
/// bend words in their own ways.
/// </summary>
public partial class Words
{
    /// <summary>The language in use.</summary>
    public static Words Now { get; set; } = new();

    // Places.
    public virtual string Inbox => "Inbox";
    public virtual string Drafts => "Drafts";
    public virtual string Sent => "Sent";
    public virtual string Archive => "Archive";
    public virtual string Junk => "Junk";
    public virtual string Trash => "Trash";
    public virtual string Folders => "Folders";
    public virtual string Settings => "Settings";
    public virtual string Mail => "Mail";
    public virtual string Menu => "Menu";
    public virtual string SkipToList => "Skip to the messages";

    // Signing in.
    public virtual string SignIn => "Sign in";
    public virtual string SignInTitle => "Sign in to your mail";
    public virtual string SigningIn => "Signing in…";
    public virtual string SignOut => "Sign out";
    public virtual string YourAddress => "Mail address";
    public virtual string Password => "Password";
    public virtual string ShowPassword => "Show the password";
    public virtual string WrongPassword => "The address or the password is wrong. Check both, capital letters too, and try again.";
    public virtual string NotAnAppPassword => "That is an app password, which is for mail programs. Sign in here with the password of the account itself.";
    public virtual string TooManyAttempts => "There were too many failed attempts. Wait ten minutes, then try again.";
    public virtual string SignedOut => "Your session has ended. Sign in again to go on.";
    public virtual string OtherPrograms => "Use a mail program instead";

    // Trouble.
    public virtual string ServerNotReached => "The server cannot be reached. Check your connection; this page tries again by itself.";
    public virtual string Offline => "No connection. What you see may be out of date; it is brought up to date when the connection is back.";
    public virtual string PartFailed => "Something in this part of the page went wrong.";
    public virtual string PartFailedHint => "Your mail is safe on the server, and what you were writing is as it was.";
    public virtual string SomethingFailed => "The server could not do that. Try again in a moment.";
    public virtual string TooLarge => "That is larger than this server takes.";
    public virtual string TryAgain => "Try again";
    public virtual string Loading => "Loading…";
    public virtual string Close => "Close";
    public virtual string Cancel => "Cancel";
    public virtual string Save => "Save";
    public virtual string Saved => "Saved";
    public virtual string Undo => "Undo";
    public virtual string Back => "Back";
    public virtual string More => "More";

    // Done, and may be undone.
    public virtual string Archived(int count) => $"{Conversation(count)} archived";
    public virtual string Deleted(int count) => $"{Conversation(count)} moved to Trash";
    public virtual string DeletedForGood(int count) => $"{Conversation(count)} deleted for good";
    public virtual string Moved(int count, string folder) => $"{Conversation(count)} moved to {folder}";
    public virtual string Junked(int count, string sender) => count == 1 ? $"Moved to Junk. Your filter has learned that mail like this from {sender} is spam." : $"{count} moved to Junk. Your filter has learned from all of them.";
    public virtual string Unjunked(int count, string sender) => count == 1 ? $"Moved to the inbox. Your filter has learned that mail like this from {sender} is wanted." : $"{count} moved to the inbox. Your filter has learned from all of them.";
    public virtual string Undone => "Undone";
    public virtual string Conversation(int count) => count == 1 ? "Conversation" : $"{count:N0} conversations";

    public virtual string Snooze => "Snooze";
    public virtual string SnoozeHint => "It leaves the inbox for the folder Snoozed, and comes back unread at that time.";
    public virtual string SnoozeAgainHint => "It stays in the folder Snoozed, and comes back unread at that time.";
    public virtual string SnoozedFolder => "Snoozed";
    public virtual string SnoozedEmpty => "Nothing is put aside";
    public virtual string SnoozedEmptyHint => "What you snooze waits here, with the time at which it comes back to the inbox.";
    public virtual string ComesBack => "comes back";
    public virtual string PutAsideUntil(string when) => $"Put aside: comes back to the inbox on {when}.";
    public virtual string SnoozeChange => "Another time";
    public virtual string SnoozeEnd => "Back to the inbox now";
    public virtual string Woken(int count) => $"{Conversation(count)} back in the inbox";
    public virtual string InThreeHours => "In three hours";
    public virtual string Snoozed(int count, string when) => $"{Conversation(count)} put aside until {when}";

    // Stopped links.
    public virtual string LinkStopped => "This link leads somewhere else";
    public virtual string LinkOtherHost(string shown, string host) => $"The message shows {shown}, but the link leads to {host}. That is how passwords are stolen. If you expect something from {shown}, open its page yourself instead.";
    public virtual string LinkUserInfo(string host) => $"The link is written so that it looks like another place. It leads to {host}.";
    public virtual string LinkNumber(string host) => $"The link leads to a bare number, {host}, instead of a name. Honest senders rarely do that.";
    public virtual string OpenAnyway => "Open it anyway";
    public virtual string DoNotOpen => "Do not open";
    public virtual string LeadsTo => "It leads to:";

    // Keys.
    public virtual string Keys => "Keys";
    public virtual string KeyHelp => "Keyboard shortcuts";
    public virtual IReadOnlyList<(string Group, IReadOnlyList<(string Keys, string Meaning)> Keys)> KeyTable =>
    [
        ("Moving", [("j  k", "Older, newer"), ("o  Enter", "Open"), ("u  Esc", "Back to the list"), ("/", "Search"), ("g i", "Inbox"), ("g s", "Starred"), ("g t", "Sent"), ("g d", "Drafts"), ("g a", "Archive"), ("g k", "Trash"), ("g c", "Contacts")]),
        ("Doing", [("e", "Archive"), ("#", "Delete"), ("!", "Junk, or not junk"), ("s", "Star"), ("v", "Move to…"), ("b", "Snooze"), ("l", "Label"), ("I  U", "Mark read, unread"), ("z", "Undo")]),
        ("Choosing", [("x", "Select"), ("* a", "Select all"), ("* n", "Select none"), ("* u", "Select unread"), ("* r", "Select read")]),
        ("Writing", [("c", "New message"), ("r", "Reply"), ("a", "Reply to all"), ("f", "Forward"), ("Ctrl Enter", "Send"), ("?", "These keys")]),
    ];

    private static string Lower(string sentence) => sentence.Length > 1 && char.IsUpper(sentence[0]) && !char.IsUpper(sentence[1]) ? char.ToLowerInvariant(sentence[0]) + sentence[1..] : sentence;
}
