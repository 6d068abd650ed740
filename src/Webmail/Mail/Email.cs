using System.Text.Json;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>A name with a mail address.</summary>
public sealed record Address(string? Name, string Email)
{
    /// <summary>The name, or the address where there is none.</summary>
    public string Shown => string.IsNullOrWhiteSpace(Name) ? Email : Name.Trim();

    /// <summary>One word for a crowded place.</summary>
    public string FirstWord => string.IsNullOrWhiteSpace(Name) ? Email.Split('@')[0] : Name.Trim().Split(' ')[0].TrimEnd(',');

    public override string ToString()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name == Email) return Email;
        var plain = Name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '.' or '\'');
        return plain ? $"{Name} <{Email}>" : $"\"{Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{Email}>";
    }

    public static List<Address> Read(JsonElement json, string name)
    {
        var addresses = new List<Address>();
        foreach (var item in json.Items(name))
            if (item.Text("email") is { Length: > 0 } email) addresses.Add(new Address(item.Text("name"), email));
        return addresses;
    }
}

/// <summary>What a list shows of an email.</summary>
public record Email(string Id, string ThreadId, string Subject, IReadOnlyList<Address> From, IReadOnlyList<Address> To, DateTimeOffset ReceivedAt, string Preview, IReadOnlySet<string> Keywords, IReadOnlySet<string> MailboxIds, bool HasAttachment)
{
    /// <summary>The properties to ask for.</summary>
    public static readonly string[] Properties = ["threadId", "subject", "from", "to", "receivedAt", "preview", "keywords", "mailboxIds", "hasAttachment"];

    /// <summary>The same as a member of the arguments of Email/get.</summary>
    public static readonly string Asked = "\"properties\":[\"" + string.Join("\",\"", Properties) + "\"]";

    public bool IsUnread => !Keywords.Contains("$seen") && !IsDraft;

    public bool IsFlagged => Keywords.Contains("$flagged");

    public bool IsDraft => Keywords.Contains("$draft");

    public bool IsAnswered => Keywords.Contains("$answered");

    public static Email Read(JsonElement json) => new(
        json.Text("id")!, json.Text("threadId") ?? "", json.Text("subject") ?? "", Address.Read(json, "from"), Address.Read(json, "to"), json.Time("receivedAt"), json.Text("preview") ?? "",
        json.Names("keywords"), json.Names("mailboxIds"), json.Flag("hasAttachment"));
}

/// <summary>A row: a conversation, or what of it is in one folder.</summary>
/// <param name="ThreadId">The conversation.</param>
/// <param name="Shown">The email that the row tells of.</param>
/// <param name="Emails">All emails of the conversation, oldest first.</param>
public sealed record Conversation(string ThreadId, Email Shown, IReadOnlyList<Email> Emails)
{
    public bool IsUnread { get; } = Emails.Any(email => email.IsUnread);

    public bool IsFlagged { get; } = Emails.Any(email => email.IsFlagged);

    public bool HasAttachment { get; } = Emails.Any(email => email.HasAttachment);

    public bool HasDraft { get; } = Emails.Any(email => email.IsDraft);

    /// <summary>Whether <see cref="Emails"/> are all there are; not so of conversations of hundreds.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The words that search found, as the server marked them (RFC 8621 §5); null outside searches.</summary>
    public string? FoundSubject { get; init; }

    /// <inheritdoc cref="FoundSubject"/>
    public string? FoundText { get; init; }
}

/// <summary>A file that came with a message.</summary>
public sealed record Attachment(string BlobId, string Name, string Type, long Size, string? ContentId, bool IsInline);

/// <summary>What reading shows of an email.</summary>
public sealed record Message(Email Email, string BlobId, IReadOnlyList<Address> Cc, IReadOnlyList<Address> Bcc, IReadOnlyList<Address> ReplyTo, DateTimeOffset SentAt, IReadOnlyList<string> MessageId, IReadOnlyList<string> References, long Size, IReadOnlyList<Attachment> Attachments, ReceiverFields Fields)
{
    public static readonly string[] Properties =
        [.. Email.Properties, "blobId", "cc", "bcc", "replyTo", "sentAt", "messageId", "references", "size", "attachments", "headers"];

    public string Id => Email.Id;

    public static Message Read(JsonElement json) => new(
        Email.Read(json), json.Text("blobId") ?? "", Address.Read(json, "cc"), Address.Read(json, "bcc"), Address.Read(json, "replyTo"), json.Time("sentAt"), json.Texts("messageId"), json.Texts("references"), json.Number("size"),
        [.. json.Items("attachments").Select(part => new Attachment(part.Text("blobId") ?? "", part.Text("name") ?? "", part.Text("type") ?? "application/octet-stream", part.Number("size"), part.Text("cid"), part.Text("disposition") == "inline"))],
        ReceiverFields.Read(json));
}

/// <summary>The fields that the receiving server wrote into the message, and those of lists, as they stand there.</summary>
/// <param name="Results">Authentication-Results (RFC 8601) of our own server; null where it wrote none.</param>
/// <param name="Verdict">X-Sternpost-Verdict of our own server.</param>
/// <param name="Hops">Servers that the message came through.</param>
/// <param name="Masked">The masked address of the reader that it was sent to; null where it was sent to another.</param>
public sealed record ReceiverFields(string? Results, string? Verdict, string? ReturnPath, string? Unsubscribe, string? UnsubscribePost, string? ListId, int Hops, string? Masked = null)
{
    public static ReceiverFields Read(JsonElement json)
    {
        var fields = json.Items("headers").Select(field => (Name: field.Text("name") ?? "", Value: field.Text("value") ?? "")).ToList();
        // Ours stand above our own Received; whatever is below came with the message, and its sender may have written anything there.
        var received = fields.FindIndex(field => Is(field.Name, "Received"));
        var ours = fields.Take(Math.Max(0, received)).ToList();
        return new ReceiverFields(
            First(ours, "Authentication-Results"), First(ours, "X-Sternpost-Verdict"), First(ours, "Return-Path"), First(fields, "List-Unsubscribe"), First(fields, "List-Unsubscribe-Post"), First(fields, "List-Id"),
            fields.Count(field => Is(field.Name, "Received")), First(ours, "X-Sternpost-Masked"));
    }

    private static string? First(List<(string Name, string Value)> fields, string name) =>
        fields.FirstOrDefault(field => Is(field.Name, name)).Value is { } value ? value.Replace("\r\n", "", StringComparison.Ordinal).Replace('\t', ' ').Trim() : null;

    private static bool Is(string name, string wanted) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);
}
