namespace Sternpost.Webmail.Text;

/// <content>Texts of what is written, and to whom.</content>
public partial class Words
{
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
    public virtual string DraftStaysOpen => "The draft could not be saved, so it stays open. Try again when the server can be reached, or discard it.";
    public virtual string WritingFailed => "Something went wrong in the window you were writing in. What you wrote is in Drafts.";
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
}
