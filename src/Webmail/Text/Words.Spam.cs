namespace Sternpost.Webmail.Text;

/// <content>Texts of what is done against spam.</content>
public partial class Words
{
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
}
