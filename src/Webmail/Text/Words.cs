namespace Sternpost.Webmail.Text;

/// <summary>
/// Every text that a user reads, in English. Another language is a class below this one that overrides what it translates; what it leaves
/// out stays English, and the compiler knows every text by name. Texts that count or name something are functions, because languages order and
/// bend words in their own ways.
/// </summary>
public class Words
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

    // The list.
    public virtual string Compose => "Write";
    public virtual string Search => "Search mail";
    public virtual string SearchHint => "Words, or from: to: subject: in: label: has:attachment is:unread before: after:";
    public virtual string ClearSearch => "Clear the search";
    public virtual string SearchResults => "Search results";
    public virtual string NothingFound => "Nothing found";
    public virtual string NothingFoundHint => "Try fewer or shorter words. A word is found by its beginning; Junk and Trash are searched with in:junk and in:trash.";
    public virtual string Conversations => "Conversations";
    public virtual string NoSubject => "(no subject)";
    public virtual string NoSenderName => "(no sender)";
    public virtual string Me => "me";
    public virtual string To => "To";
    public virtual string Draft => "Draft";
    public virtual string Unread => "unread";
    public virtual string HasAttachment => "has an attachment";
    public virtual string Select => "Select";
    public virtual string SelectAll => "Select what is shown";
    public virtual string SelectNone => "Select nothing";
    public virtual string Star => "Star";
    public virtual string Unstar => "Remove star";
    public virtual string Refresh => "Refresh";
    public virtual string InboxEmpty => "Nothing in the inbox";
    public virtual string InboxEmptyHint => "All is read and put away.";
    public virtual string JunkEmpty => "No junk";
    public virtual string JunkEmptyHint => "Mail that looks like spam is put here, and nowhere else.";
    public virtual string TrashEmpty => "The trash is empty";
    public virtual string FolderEmpty => "Nothing here";
    public virtual string FolderEmptyHint => "Messages that are moved to this folder appear here.";
    public virtual string DraftsEmpty => "No drafts";
    public virtual string DraftsEmptyHint => "What you write is saved here as you write it.";
    public virtual string SentEmpty => "Nothing sent yet";
    public virtual string EmptyTrash => "Delete all for good";
    public virtual string EmptyJunk => "Delete all junk for good";
    public virtual string EmptyQuestion(string folder, int count) => $"Delete all {Messages(count)} in {folder} for good? This cannot be undone.";
    public virtual string Selected(int count) => $"{count:N0} selected";
    public virtual string Messages(int count) => count == 1 ? "1 message" : $"{count:N0} messages";
    public virtual string UnreadCount(int count) => count == 1 ? "1 unread message" : $"{count:N0} unread messages";
    public virtual string InThread(int count) => $"{count:N0} messages in this conversation";

    // Reading.
    public virtual string NothingOpen => "No conversation is open";
    public virtual string NothingOpenHint => "Choose one from the list, or press ? for the keys.";
    public virtual string Reply => "Reply";
    public virtual string ReplyAll => "Reply to all";
    public virtual string Forward => "Forward";
    public virtual string ArchiveVerb => "Archive";
    public virtual string Delete => "Delete";
    public virtual string DeleteForGood => "Delete for good";
    public virtual string JunkVerb => "Junk";
    public virtual string NotJunk => "Not junk";
    public virtual string Move => "Move to…";
    public virtual string MoveTitle => "Move to";
    public virtual string FindFolder => "Find a folder";
    public virtual string MarkRead => "Mark as read";
    public virtual string MarkUnread => "Mark as unread";
    public virtual string Print => "Print";
    public virtual string ViewSource => "View source";
    public virtual string SourceTitle => "Source of the message";
    public virtual string Download => "Download";
    public virtual string DownloadMessage => "Download the message";
    public virtual string Newer => "Newer";
    public virtual string Older => "Older";
    public virtual string Details => "Details";
    public virtual string From => "From";
    public virtual string Cc => "Cc";
    public virtual string Bcc => "Bcc";
    public virtual string Date => "Date";
    public virtual string Subject => "Subject";
    public virtual string MessageGone => "This conversation is not there any more";
    public virtual string MessageGoneHint => "It was deleted, here or in another program.";
    public virtual string EditDraft => "Go on writing";
    public virtual string Unsubscribe => "Unsubscribe";
    public virtual string UnsubscribeOneClick(string name, string host) => $"Leave this list of {name}? This server tells {host} so; you need not do anything else. What still comes from the list goes to Junk.";
    public virtual string UnsubscribeByMail(string name, string address) => $"Leave this list of {name}? A message that says so is sent to {address} in your name. What still comes from the list goes to Junk.";
    public virtual string UnsubscribeNoWay => "The message names no way to leave the list that could be used. You can block the sender instead: under Details.";
    public virtual string ListLeft(string name) => $"You have left the list of {name}. What still comes from it goes to Junk.";
    public virtual string ListAllowed(string name) => $"Mail from the list of {name} goes to the inbox again, if it still comes. To join it again, ask the list.";
    public virtual string YouLeft => "You left this list";
    public virtual string Block => "Block sender";
    public virtual string BlockTitle => "Block";
    public virtual string BlockHint => "What comes from them goes to Junk from now on. They are not told.";
    public virtual string EverybodyOf(string domain) => $"Everybody of {domain}";
    public virtual string BlockDone(string subject) => $"{subject} is blocked: what comes from there goes to Junk.";
    public virtual string Unblock(string subject) => $"Unblock {subject}";
    public virtual string Unblocked(string subject) => $"{subject} is not blocked any more.";
    public virtual string UnsubscribeByPage(string host) => $"This list is left on a page of {host}. It opens in a new window.";
    public virtual string MessageFrame(string sender) => $"Message from {sender}";
    public virtual string ToMany(string names, int more) => more == 0 ? $"to {names}" : $"to {names} and {more} more";
    public virtual string Attachments(int count) => count == 1 ? "1 attachment" : $"{count} attachments";
    public virtual string ImagesLeftOut(int count) => count == 1 ? "A remote picture was left out: fetching it would tell the sender that you read this." : $"{count} remote pictures were left out: fetching them would tell the sender that you read this.";

    public virtual string ShowPictures => "Show pictures";
    public virtual string AlwaysShowPictures(string address) => $"Always from {address}";
    public virtual string PicturesAlwaysShown(string address) => $"Pictures of {address} are shown from now on. This server fetches them, so the sender does not learn where you are.";

    // Who sent it.
    public virtual string Proved(string address, string domain, bool bySignature) => bySignature ? $"From {address}: {domain} has signed it." : $"From {address}: it came from a server that {domain} allows.";
    public virtual string SignedByOther(string address, string signer) => $"It says it is from {address}; {signer} has signed it, which is another domain.";
    public virtual string SentFromAllowed(string address, string domain) => $"From {address}: it came from a server that {domain} allows, but it is not signed.";
    public virtual string SentWithin(string address) => $"From {address}, who signed in to this server to send it.";
    public virtual string Unproved(string address, string domain) => $"It says it is from {address}, but nothing proves that {domain} sent it.";
    public virtual string ProbablyForged(string address, string domain) => $"It says it is from {address}, but {domain} does not vouch for it: it may be forged.";
    public virtual string NoSender => "It does not say who sent it.";
    public virtual string YouWroteThis => "You sent this.";
    public virtual string YourDraft => "This is your draft; it has not been sent.";
    public virtual string NothingKnown => "It did not come through this server's filter, so nothing is known of its sender.";
    public virtual string NotJudged => "The filter did not judge it.";
    public virtual string InJunkBecause(string? meaning) => meaning is null ? "It is in Junk because many small signs together speak for spam." : $"It is in Junk because: {Lower(meaning)}";
    public virtual string HereBecause(string? meaning) => meaning is null ? "It is here because nothing speaks for spam." : $"It is here because: {Lower(meaning)}";
    public virtual string FormOf(bool isSpam) => isSpam ? "Its words and form are those of spam." : "Its words and form are those of wanted mail.";
    public virtual string JudgedJunkButHere => "The filter took it for spam, and it was moved here since.";
    public virtual string InJunkByHand => "The filter let it through; it was moved to Junk since.";
    public virtual string MovedToJunk => "It was moved to Junk since it came.";
    public virtual string FirstContact => "First message from this sender";
    public virtual string HowProved => "How that was proved";
    public virtual string WhatFilterFound => "What the filter found";
    public virtual string ScoreExplained(double score) => FormattableString.Invariant($"Score {score:0.0}: above 0 speaks for spam, below for wanted mail.");
    public virtual string ProofName(string method) => method switch { "spf" => "SPF (which servers may send)", "dkim" => "DKIM (signature)", "dmarc" => "DMARC (the domain's own word)", "iprev" => "Name of the sending server", "arc" => "ARC (forwarders' word)", "auth" => "Sign-in", _ => method };

    // Masked addresses.
    public virtual string MaskedAddresses => "Masked addresses";
    public virtual string MaskedHint => "Give every shop an address of its own. Mail to it comes to you, you see who has passed it on, and you can switch it off without changing your own address.";
    public virtual string MaskedShop => "I give this to";
    public virtual string MaskedShopHint => "The name of the shop, the club or the person";
    public virtual string MaskedNote => "Note (optional)";
    public virtual string MaskedMake => "Make an address";
    public virtual string MaskedMade(string shop) => $"Give this address to {shop}, and to nobody else:";
    public virtual string MaskedNone => "You have not made any yet.";
    public virtual string MaskedUnused => "No mail has come to it";
    public virtual string MaskedUsed(int count, string last, string when) => $"{Messages(count)}, the last from {last}, {when}";
    public virtual string MaskedKnownAs(string domains) => $"The shop writes from {domains}";
    public virtual string MaskedIsOff => "switched off";
    public virtual string MaskedIsLeaked => "leaked";
    public virtual string MaskedLeak(string shop, string senders) => $"You gave this address only to {shop}, but {senders} has it too: {shop} may have leaked or sold it.";
    public virtual string MaskedTo(string shop) => $"To the address you gave to {shop}.";
    public virtual string MaskedToUnknown(string address) => $"To your masked address {address}.";
    public virtual string MaskedCameFromElsewhere(string shop) => $"You gave this address only to {shop}; this came from elsewhere: {shop} may have leaked or sold it.";
    public virtual string MaskedBelongs(string sender, string shop) => $"{sender} belongs to {shop}";
    public virtual string MaskedBelongsDone(string sender, string shop) => $"Mail from {sender} counts as mail from {shop} from now on.";
    public virtual string MaskedSwitchOff => "Switch off";
    public virtual string MaskedSwitchOffNamed(string address) => $"Switch off {address}";
    public virtual string MaskedSwitchOn => "Switch on";
    public virtual string MaskedSwitchOnNamed(string address) => $"Switch on {address}";
    public virtual string MaskedSwitchedOff(string address) => $"{address} is switched off: mail to it is refused, and its sender is told so.";
    public virtual string MaskedSwitchedOn(string address) => $"Mail to {address} is taken again.";
    public virtual string MaskedGivenTo(string address, string shop) => $"{address} (given to {shop})";
    public virtual string MaskedRemoved(string address) => $"{address} is gone.";
    public virtual string Copy => "Copy";
    public virtual string CopyNamed(string text) => $"Copy {text}";
    public virtual string Copied => "Copied";

    // A mail bomb, and a code that is waited for.
    public virtual string BombTitle => "You may be under a mail-bomb attack";
    public virtual string BombHappens(int messages, int senders) => $"Somebody is signing your address up everywhere: {Messages(messages)} within an hour, from {senders:N0} senders you had nothing to do with before.";
    public virtual string BombSetAside(int count) => $"Further letters of this kind go to Junk until it is over ({Messages(count)} so far). Login codes, and everybody you have written with, come to your inbox as always.";
    public virtual string BombHides => "It is done to bury one message that matters: a payment, a changed password, an order in your name. Look at your bank and your shops now, on their own pages.";
    public virtual string BombLookAt => "Look at these first";
    public virtual string BombNothingFound => "No message about an order, a payment or a password has come since it began.";
    public virtual string BombWhatToDo => "What to do";
    public virtual string ShowLess => "Less";
    public virtual string BombSeeSetAside => "See what was set aside";
    public virtual string BombEnd => "This is no attack";
    public virtual string BombEnded => "Nothing is set aside any more for this. What was is in Junk; Not junk brings it back.";
    /// <summary>Beginnings of words in the subjects of what an attack is to bury.</summary>
    public virtual IReadOnlyList<string> BombWords => ["order", "payment", "paid", "invoice", "transfer", "bank", "card", "password", "sign-in", "login", "security", "alert", "shipped", "delivery", "purchase", "withdrawal", "bestellung", "zahlung", "rechnung", "passwort"];
    public virtual string CodeExpect => "I am expecting a code";
    public virtual string CodeExpectHint(int minutes) => $"I am expecting a code: for {minutes} minutes login codes and confirmations are neither delayed nor put into Junk for coming from a stranger";
    public virtual string CodeTitle => "Waiting for your code";
    public virtual string CodeWaits => "Login codes and confirmations are neither delayed nor put into Junk for coming from a stranger. What comes is shown here.";
    public virtual string CodeCame => "This came:";
    public virtual string CodeLeft(int minutes) => minutes == 1 ? "Ends by itself within a minute" : $"Ends by itself in {minutes} minutes";
    public virtual string CodeEnd => "Stop waiting";

    // Stopped links.
    public virtual string LinkStopped => "This link leads somewhere else";
    public virtual string LinkOtherHost(string shown, string host) => $"The message shows {shown}, but the link leads to {host}. That is how passwords are stolen. If you expect something from {shown}, open its page yourself instead.";
    public virtual string LinkUserInfo(string host) => $"The link is written so that it looks like another place. It leads to {host}.";
    public virtual string LinkNumber(string host) => $"The link leads to a bare number, {host}, instead of a name. Honest senders rarely do that.";
    public virtual string OpenAnyway => "Open it anyway";
    public virtual string DoNotOpen => "Do not open";
    public virtual string LeadsTo => "It leads to:";

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

    // Labels.
    public virtual string Labels => "Labels";
    public virtual string LabelVerb => "Label";
    public virtual string FindLabel => "Find or name a label";
    public virtual string LabelMake(string name) => $"Make the label “{name}”";
    public virtual string LabelNone => "There are no labels yet. Type a name to make one.";
    public virtual string LabelOnSome => "on some of them";
    public virtual string LabelPut(int count, string name) => count == 1 ? $"Labelled {name}" : $"{Conversation(count)} labelled {name}";
    public virtual string LabelTaken(int count, string name) => count == 1 ? $"{name} taken off" : $"{name} taken off {Lower(Conversation(count))}";
    public virtual string LabelsChanged(int count) => count == 1 ? "Labels changed" : $"Labels of {Lower(Conversation(count))} changed";
    public virtual string LabelTakeOff(string name) => $"Take off {name}";
    public virtual string LabelEmpty => "Nothing has this label";
    public virtual string LabelEmptyHint => "Choose conversations and press l, or the button with the label.";
    public virtual string LabelsHint => "Names and colours for mail of yours. Thunderbird and other programs see labels as tags, and what they tag is labelled here.";
    public virtual string LabelsNone => "No labels. Make one below.";
    public virtual string LabelsManage => "Change labels";
    public virtual string LabelNew => "New label";
    public virtual string LabelName => "Name";
    public virtual string LabelColor => "Colour";
    public virtual string LabelAdd => "Make the label";
    public virtual string LabelMade(string name) => $"The label {name} is made.";
    public virtual string LabelDeleted(string name) => $"The label {name} is deleted.";
    public virtual string LabelDeleteQuestion(string name) => $"Delete the label {name}? It is taken off all messages; the messages stay. This cannot be undone.";
    public virtual string LabelKeyword => "In other programs:";
    public virtual string LabelKeywordOwn => "For a tag that another program has made";
    public virtual string LabelKeywordHint => "The keyword of that tag. In Thunderbird it is the tag's name in small letters, with _ for a space. Leave it empty for a new one.";
    public virtual string SaveNamed(string name) => $"Save {name}";
    public virtual string Apply => "Apply";
    public virtual string ColorName(string color) => color switch { "red" => "Red", "orange" => "Orange", "yellow" => "Yellow", "green" => "Green", "teal" => "Teal", "blue" => "Blue", "purple" => "Purple", "pink" => "Pink", "brown" => "Brown", _ => "Grey" };

    // Writing.
    public virtual string NewMessage => "New message";
    public virtual string Send => "Send";
    public virtual string SendLater => "Send later";
    public virtual string Sending => "Sending…";
    public virtual string SentIn(int seconds) => $"Sent in {seconds} seconds";
    public virtual string SentAt(string when) => $"Will be sent {when}";
    public virtual string SendStopped => "Not sent. The message is in Drafts again.";
    public virtual string TooLateToUndo => "It is too late: the message has been sent.";
    public virtual string MessageText => "Text of the message";
    public virtual string Attach => "Attach files";
    public virtual string InsertPicture => "Picture into the text";
    public virtual string RemoveAttachment(string name) => $"Remove {name}";
    public virtual string Discard => "Discard";
    public virtual string Discarded => "Draft discarded";
    public virtual string DraftSaved(string when) => $"Saved {when}";
    public virtual string DraftSaving => "Saving…";
    public virtual string DraftNotSaved => "Not saved";
    public virtual string Recipients => "Recipients";
    public virtual string NobodyToSendTo => "Say whom to send it to.";
    public virtual string BadAddress(string text) => $"“{text}” is no mail address.";
    public virtual string StillUploading => "A file is still being sent to the server. Wait for it, or remove it.";
    public virtual string UploadFailed(string name) => $"{name} could not be attached.";
    public virtual string FileTooLarge(string name, string most) => $"{name} is too large: at most {most} can be attached.";
    public virtual string ForgottenAttachment => "You wrote of an attachment, but nothing is attached. Send it all the same?";
    public virtual string NoSubjectQuestion => "It has no subject. Send it all the same?";
    public virtual string SendAnyway => "Send anyway";
    public virtual string Bold => "Bold";
    public virtual string Italic => "Italic";
    public virtual string Underline => "Underline";
    public virtual string BulletList => "List";
    public virtual string NumberList => "Numbered list";
    public virtual string Quote => "Quotation";
    public virtual string InsertLink => "Link";
    public virtual string LinkAddress => "Address of the link";
    public virtual string PlainFormat => "Remove formatting";
    public virtual string Formatting => "Formatting";
    public virtual string ShowCc => "Cc, Bcc";
    public virtual string DropHere => "Drop files to attach them, or pictures into the text";
    public virtual string WroteOn(string who, string when) => $"{who} wrote on {when}:";
    public virtual string ForwardedMessage => "Forwarded message";
    public virtual string TomorrowMorning => "Tomorrow, 8:00";
    public virtual string MondayMorning => "Monday, 8:00";
    public virtual string InAnHour => "In an hour";
    public virtual string PickTime => "Day and time";
    public virtual string PastTime => "That time has passed.";
    public virtual string Schedule => "Send then";

    // Settings.
    public virtual string Appearance => "Appearance";
    public virtual string Theme => "Colours";
    public virtual string ThemeSystem => "As the system";
    public virtual string ThemeLight => "Light";
    public virtual string ThemeDark => "Dark";
    public virtual string Identities => "Names and signatures";
    public virtual string IdentitiesHint => "The name that others see, and what is put below what you write.";
    public virtual string DisplayName => "Name";
    public virtual string Signature => "Signature";
    public virtual string ReplyToSetting => "Answers go to";
    public virtual string Vacation => "Away";
    public virtual string VacationHint => "An answer for those who write to you, once a week to each. Lists and machines get none.";
    public virtual string VacationOn => "Answer while I am away";
    public virtual string VacationFrom => "From";
    public virtual string VacationTo => "Until";
    public virtual string VacationText => "Text";
    public virtual string UndoSend => "Undo send";
    public virtual string UndoSendHint => "How long a message waits after Send, so that you can take it back.";
    public virtual string Seconds(int count) => count == 0 ? "Not at all" : $"{count} seconds";
    public virtual string Notifications => "Notifications";
    public virtual string NotificationsHint => "A notice of new mail while this page is open in the background.";
    public virtual string NotificationsTurnOn => "Turn on";
    public virtual string NotificationsOn => "Notifications are on.";
    public virtual string NotificationsDenied => "The browser does not allow them for this page.";
    public virtual string NewMail => "New mail";
    public virtual string PushTitle => "While this page is closed";
    public virtual string PushHint => "The push service of this browser's maker wakes the browser. It learns that something has come, and nothing of what: sender and subject are fetched from this server afterwards.";
    public virtual string PushTurnOn => "Tell me while the page is closed";
    public virtual string PushTurnOff => "Do not tell me any more";
    public virtual string PushIsOn => "This browser is told of new mail, until you sign out. It ends where it was not used for a week.";
    public virtual string PushConfirmed => "You are told of new mail from now on";
    public virtual string PushUnsupported => "This browser cannot be told while the page is closed.";
    public virtual string PushFailed => "The browser's push service did not take it. Try again later, or in another browser.";
    public virtual string Storage => "Storage";
    public virtual string StorageUsed(string used, string all) => $"{used} of {all} used";
    public virtual string Sessions => "Signed in";
    public virtual string SessionsHint => "Browsers in which this account is signed in.";
    public virtual string ThisBrowser => "this browser";
    public virtual string LastUsed(string when) => $"last used {when}";
    public virtual string EndSession => "Sign it out";
    public virtual string MailPrograms => "Mail programs";
    public virtual string MailProgramsHint => "The same mail in Thunderbird, on your phone, anywhere:";
    public virtual string MailProgramsLink => "servers and ports";

    // How the account is signed in to.
    public virtual string SettingsGeneral => "General";
    public virtual string Security => "Signing in";
    public virtual string YourPassword => "Your password";
    public virtual string NewPassword => "New password";
    public virtual string ChangePassword => "Change the password";
    public virtual string ChangePasswordHint => "All browsers but this one are signed out. Mail programs with app passwords go on.";
    public virtual string SecondFactor => "Second step";
    public virtual string SecondFactorHint => "Whoever learns your password still cannot sign in without it. Mail programs then need app passwords.";
    public virtual string SecondFactorOn => "A second step is asked for.";
    public virtual string SecondFactorOff => "The password alone signs in.";
    public virtual string CodesTurnOn => "Set up codes";
    public virtual string CodesTurnOff => "Turn codes off";
    public virtual string CodesScan => "Take this picture with an authenticator program on your phone, then type the code that it shows.";
    public virtual string CodesPicture => "A picture with the secret for an authenticator program; the same follows as text";
    public virtual string CodesByHand => "Or type this in there:";
    public virtual string Code => "Code";
    public virtual string CodeWanted => "Give the code of your authenticator program, or a recovery code.";
    public virtual string CodeWrong => "That is not the code of this moment, or it was used already. Wait for the next one.";
    public virtual string TurnOn => "Turn on";
    public virtual string RecoveryCodes => "Recovery codes";
    public virtual string RecoveryCodesOnce => "Each signs you in once in place of the second step. Print them or write them down; they are not shown again.";
    public virtual string RecoveryCodesKept => "I have kept them";
    public virtual string RecoveryCodesNew => "New recovery codes";
    public virtual string RecoveryCodesLeft(long count) => count == 1 ? "1 recovery code is left." : $"{count} recovery codes are left.";
    public virtual string Passkeys => "Passkeys";
    public virtual string PasskeysHint => "Sign in with your fingerprint, your face or your device's PIN in place of password and code. Nobody can ask you for it by a false page.";
    public virtual string PasskeysNotHere => "This browser cannot make passkeys.";
    public virtual string PasskeyName => "Name of the device";
    public virtual string PasskeyAdd => "Add a passkey";
    public virtual string PasskeyNotMade => "No passkey was made. Your device may have asked and got no answer, or it has one for this account already.";
    public virtual string PasskeySignIn => "Sign in with a passkey";
    public virtual string PasskeyNotGiven => "No passkey was given. Sign in with your password.";
    public virtual string AppPasswords => "App passwords";
    public virtual string AppPasswordsHint => "A password for one mail program or device, which you can take back without the others.";
    public virtual string AppPasswordName => "Name of the program";
    public virtual string AppPasswordAdd => "Make an app password";
    public virtual string AppPasswordOnce(string name) => $"The password for “{name}”. Type it into that program now; it is not shown again.";
    public virtual string NeverUsed => "never used";
    public virtual string Remove => "Remove";
    public virtual string RemoveNamed(string name) => $"Remove {name}";

    // What is held, and where sent mail is.
    public virtual string HeldMail => "Held for you";
    public virtual string HeldMailHint => "Mail to you that was not delivered because it may be dangerous. Let it come only if you know the sender and expect it; what you leave is deleted by itself.";
    public virtual string NothingHeld => "Nothing is held for you.";
    public virtual string DeletedOn(string when) => $"deleted {when}";
    public virtual string Beginning => "How it begins";
    public virtual string BeingDelivered => "is being delivered";
    public virtual string Deliver => "Deliver";
    public virtual string DeliverNamed(string subject) => $"Deliver: {subject}";
    public virtual string DeleteNamed(string subject) => $"Delete: {subject}";
    public virtual string HeldMalware => "Malware was found in it; only your administrator can let it go.";
    public virtual string HeldByAdministrator => "Only your administrator can let it go.";
    public virtual string HeldReleased => "It comes to your inbox in a moment, and your filter has learned that such mail is wanted.";
    public virtual string HeldDeleted => "It is deleted.";
    public virtual string WhereIsIt => "Where is my mail?";
    public virtual string WhereIsItHint => "What you have sent, and what became of it for each recipient. What another server has taken is no longer in our hands: its filter may still have put it aside.";
    public virtual string NothingSent => "You have not sent anything yet.";
    public virtual string FateThere => "Delivered";
    public virtual string FateFailed => "Not delivered";
    public virtual string FateHeld => "Kept back";
    public virtual string FateWaiting => "On its way";
    public virtual string WhatWasSaid => "In detail";

    // Mail in from elsewhere, and out.
    public virtual string Transfer => "Bring and take";
    public virtual string ImportTitle => "Bring mail from another provider";
    public virtual string ImportHint => "All folders come with their dates and marks, over a protected connection; nothing is changed there. It goes on when you leave this page, and brings nothing twice. Providers that ask for a second step want an app password here.";
    public virtual string ImportHost => "Server (IMAP)";
    public virtual string ImportPort => "Port";
    public virtual string ImportUser => "User there";
    public virtual string ImportSecret => "Password there";
    public virtual string YourPasswordHere => "Your password here";
    public virtual string ImportStart => "Bring the mail";
    public virtual string ImportStop => "Stop";
    public virtual string ImportRunning(string from) => $"Mail of {from} is coming.";
    public virtual string ImportDone(string from) => $"All mail of {from} has come.";
    public virtual string ImportStopped(string from) => $"Stopped. What had come of {from} is here; start again for the rest.";
    public virtual string ImportFailed(string from) => $"Not all mail of {from} has come.";
    public virtual string ImportCounts(long added, long known) => known == 0 ? $"{added} new" : $"{added} new, {known} were here";
    public virtual string ImportPassedOver(int count) => count == 1 ? "1 message could not be read" : $"{count} messages could not be read";
    public virtual string ExportTitle => "Take your mail with you";
    public virtual string ExportHint => "One file with all your mail, an mbox file for each folder, which Thunderbird and others read. Nothing is taken away here.";
    public virtual string ExportStart => "Make the file";
    public virtual string ExportLink => "Save the file (this link is good for a minute)";

    // Junk, looked through.
    public virtual string ReviewVerb => "Review";
    public virtual string ReviewJunk => "Review junk";
    public virtual string ReviewHint => "What is least surely spam comes first. “Not junk” moves to the inbox and teaches your filter.";
    public virtual string ReviewBack => "Back to the folder";
    public virtual string ReviewGroup => "Grouped by";
    public virtual string ReviewBySender => "sender";
    public virtual string ReviewBySubject => "subject";
    public virtual string ReviewDoubtful => "doubtful";
    public virtual string ReviewDeleteAll => "Delete all";
    public virtual string ReviewMore(int count) => $"{Messages(count)} more are further back; they are shown when these are gone.";
    public virtual string NotJunkCount(int count) => count == 0 ? "Not junk" : $"Not junk: {count}";
    public virtual string NotJunkAll(int count) => count == 2 ? "Both are not junk" : $"All {count} are not junk";
    public virtual string NotJunkNamed(string what) => $"Not junk: {what}";
    public virtual string JunkDeleted(int count) => $"{Messages(count)} deleted for good";
    public virtual string MovedToJunkByHand => "You, or a program of yours, moved it to Junk.";
    public virtual string ManySigns => "Many small signs together speak for spam.";
    public virtual string HeldCount(int count) => count == 1 ? "One message is held for you and was not delivered." : $"{count} messages are held for you and were not delivered.";
    public virtual string HeldLook => "Look at it";
    public virtual string Digest => "Digest by mail";
    public virtual string DigestHint => "A letter to yourself that names what came into Junk and what is held, the most doubtful first, with a link to each. A link opens the message here; nothing is let go without signing in.";
    public virtual string DigestEvery => "How often";
    public virtual string DigestNever => "Never";
    public virtual string DigestDaily => "Every day";
    public virtual string DigestWeekly => "Every week";
    public virtual string DigestNow => "Send me one of the last week now";
    public virtual string DigestWritten => "It is in your inbox.";
    public virtual string DigestNothing => "Nothing came into Junk in the last week, so there is nothing to tell.";

    // Forwarding.
    public virtual string Forwarding => "Forwarding";
    public virtual string ForwardsNowhere => "Your mail is not sent on. It stays here.";
    public virtual string ForwardsTo(string address) => $"Your mail is sent on to {address}.";
    public virtual string ForwardKeeps => "A copy stays here.";
    public virtual string ForwardKeepsNot => "No copy stays here.";
    public virtual string ForwardSee => "Change or turn off";
    public virtual string ForwardHint => "Junk is never sent on and stays here, as does what looks much like it; so look into this mailbox now and then. You are told by mail of every change on this page.";
    public virtual string ForwardStart => "Send my mail on";
    public virtual string ForwardChange => "Change it";
    public virtual string ForwardTarget => "To";
    public virtual string ForwardCopy => "Here";
    public virtual string ForwardCopyYes => "keep a copy";
    public virtual string ForwardCopyNo => "keep nothing";
    public virtual string ForwardOn => "Turn forwarding on";
    public virtual string ForwardOff => "Turn forwarding off";
    public virtual string ForwardIsOn(string address) => $"Your mail is sent on to {address} from now on.";
    public virtual string ForwardIsOff => "Your mail is not sent on any more.";
    public virtual string ForwardAddresses => "Addresses that mail may be sent on to";
    public virtual string ForwardAddressesHint => "A code goes to the address. Type it in here: so nothing is sent to somebody who does not want it, or to a mistyped address. The code is good for a day and for five tries.";
    public virtual string ForwardAddress => "Another address";
    public virtual string ForwardAsk => "Send the code";
    public virtual string ForwardAsked(string address) => $"A code is on its way to {address}.";
    public virtual string ForwardCode(string address) => $"Code that was sent to {address}";
    public virtual string ForwardConfirmed => "confirmed";
    public virtual string ForwardWaits => "waits for its code";
    public virtual string ForwardExpired => "code too old";
    public virtual string ForwardIsConfirmed(string address) => $"{address} is confirmed. Nothing is sent there until you turn it on.";
    public virtual string Confirm => "Confirm";

    // Rules of sorting.
    public virtual string Rules => "Rules";
    public virtual string RulesHint => "What is done to new mail, from the first rule to the last. Junk is kept from them, so that no forged sender gets into a folder.";
    public virtual string RulesByHand => "The rules were changed outside this form, which does not show them as they are. They count until you save here.";
    public virtual string RulesInstead(string script) => $"Use these rules in place of the script “{script}”";
    public virtual string Rule(int number) => $"Rule {number}";
    public virtual string RuleField => "If";
    public virtual string RuleFrom => "the sender";
    public virtual string RuleTo => "a recipient";
    public virtual string RuleSubject => "the subject";
    public virtual string RuleList => "the mailing list";
    public virtual string RuleText => "contains";
    public virtual string RuleAction => "then";
    public virtual string RuleFile => "put it into a folder";
    public virtual string RuleStar => "star it";
    public virtual string RuleRead => "mark it read";
    public virtual string RuleTrash => "delete it";
    public virtual string RuleForward => "send a copy on";
    public virtual string RuleTarget => "To";
    public virtual string RuleTargetHint => "Addresses are added under Forwarding.";
    public virtual string RuleFolder => "Folder";
    public virtual string RuleStops => "and look at no other rule";
    public virtual string RuleAdd => "Add a rule";
    public virtual string RuleRemove(int number) => $"Remove rule {number}";

    // Senders.
    public virtual string Senders => "Senders";
    public virtual string SendersHint => "What you have said about senders. Taking it back holds for mail that comes from then on.";
    public virtual string BlockedSenders => "Blocked";
    public virtual string BlockedSendersNone => "Nobody. Under the details of a message you can block its sender.";
    public virtual string ListsLeft => "Lists you have left";
    public virtual string ListsLeftNone => "None. Messages of lists have a button for that.";
    public virtual string PicturesAlways => "Pictures are always shown";
    public virtual string PicturesAlwaysNone => "Of nobody. A message that has remote pictures asks.";
    public virtual string Since(string when) => $"since {when}";
    public virtual string TakeBack(string subject) => $"Remove {subject}";
    public virtual string TakenBack(string subject) => $"{subject} removed";

    // Contacts.
    public virtual string Contacts => "Contacts";
    public virtual string NewContact => "New contact";
    public virtual string FindContact => "Find a contact";
    public virtual string ContactsEmpty => "No contacts yet";
    public virtual string ContactsEmptyHint => "Whom you write to is added by itself. Anybody else you add here.";
    public virtual string NoContactOpen => "No contact is open";
    public virtual string NoContactOpenHint => "Choose one from the list.";
    public virtual string ContactDetails => "Contact";
    public virtual string ContactEmails => "Mail addresses, one a line";
    public virtual string ContactPhones => "Telephone numbers, one a line";
    public virtual string ContactOrganization => "Company or organisation";
    public virtual string ContactNote => "Note";
    public virtual string ContactEmpty => "Give at least a name, an address or a number.";
    public virtual string ContactDeleted(string name) => $"{name} deleted";
    public virtual string ContactAdded(string name) => $"{name} is in your contacts";
    public virtual string AddContact => "Add to contacts";
    public virtual string WriteTo => "Write a message";
    public virtual string Collected => "collected";
    public virtual string NoName => "(no name)";
    public virtual string Suggestions => "Contacts that match";

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
