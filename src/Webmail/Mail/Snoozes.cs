using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>When what was put aside comes back, as the server says; asked for only where it is shown.</summary>
public sealed class Snoozes(JmapConnection connection, Mailboxes mailboxes)
{
    private Dictionary<string, DateTimeOffset> times = [];

    /// <summary>Another object after each change.</summary>
    public object Version => times;

    /// <summary>When an email comes back; null where it does not, or where somebody has moved it away from there.</summary>
    public DateTimeOffset? Until(Email email) => times.TryGetValue(email.Id, out var until) && email.MailboxIds.Any(id => mailboxes.Find(id)?.IsSnoozed == true) ? until : null;

    /// <summary>When the first of some emails comes back.</summary>
    public DateTimeOffset? Until(IEnumerable<Email> emails) => emails.Select(Until).Min();

    /// <summary>Whether some emails lie where times matter.</summary>
    public bool Concern(IEnumerable<Email> emails) => emails.Any(email => email.MailboxIds.Any(id => mailboxes.Find(id)?.IsSnoozed == true));

    public async Task LoadAsync() => times = (await connection.CallAsync("Email/snoozed", [])).Items("list").ToDictionary(item => item.Text("emailId") ?? "", item => item.Time("until"));
}
