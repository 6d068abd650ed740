using Sternpost.Commands;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Administration;

/// <summary>The queue and the quarantine, whole.</summary>
internal static class MessageViews
{
    public static Markup Queue(IReadOnlyList<QueueEntry> entries, (int Messages, int Recipients) all, string trouble, string domain, DateTimeOffset now) => Markup.Of($"""
        {(trouble.Length == 0 ? default : Markup.Of($"<p class=\"state bad\">{trouble}</p>"))}
        <form method="get" action="/admin/queue" role="search" class="search"><label for="domain">Only to a domain</label> <input id="domain" name="domain" type="text" value="{domain}" maxlength="255" autocomplete="off" spellcheck="false"> <button>Show</button></form>
        <p class="quiet">{all.Messages} messages wait for {all.Recipients} recipients; the oldest first.</p>
        {(entries.Count == 0 ? Markup.Of($"<p>{(domain.Length == 0 ? "Nothing waits." : $"Nothing waits for {domain}.")}</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(entries.Select(entry => Entry(entry, now)))}</ul>"))}
        """);

    private static Markup Entry(QueueEntry entry, DateTimeOffset now)
    {
        var id = QueueId.Format(entry.Message.Id);
        var isHeld = entry.Recipients.Any(recipient => recipient.Held);
        return Markup.Of($"""
            <li><b>{entry.Message.ReversePath?.ToString() ?? "a report of this server"}</b> <small>{id} · {Facts.Octets(entry.Message.Size)} · came {entry.Message.Created}, is given up {entry.Message.Expires}</small>
            <ul>{Markup.All(entry.Recipients.Take(20).Select(recipient => Markup.Of($"<li>{recipient.Recipient.Address} <small>{(recipient.Held ? "kept back" : recipient.NextAttempt <= now ? "due now" : Markup.Of($"tried {recipient.Attempts} times, next at {recipient.NextAttempt}").ToString())} · {QueueInspection.InWords(recipient)}</small></li>")))}</ul>
            {(entry.Recipients.Count > 20 ? Markup.Of($"<small>and {entry.Recipients.Count - 20} more</small>") : default)}
            <span class="acts">{AdministrationViews.Link("queue-retry", id, "Try now…")}{(isHeld ? AdministrationViews.Link("queue-release", id, "Let it go on…") : AdministrationViews.Link("queue-hold", id, "Keep back…"))}{AdministrationViews.Link("queue-cancel", id, "Take out…")}<a href="/admin/trace?q={id}">Its way</a></span></li>
            """);
    }

    public static Markup Quarantine(IReadOnlyList<HeldMessage> held) => Markup.Of($"""
        <p>Incoming mail that neither went to a mailbox nor was refused. It is deleted at its date; until then it can be delivered. What holds malware is never delivered from here.</p>
        {(held.Count == 0 ? Markup.Of($"<p class=\"quiet\">Nothing is held.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(held.Select(Held))}</ul>"))}
        """);

    private static Markup Held(HeldMessage held)
    {
        var id = QueueId.Format(held.Id);
        return Markup.Of($"""
            <li><b>{(held.Subject.Length > 0 ? held.Subject : "No subject")}</b> {held.Author} → {string.Join(", ", held.Recipients.Select(recipient => recipient.Address))} <small>{held.Received} · {held.Reason} · deleted {held.Expires}</small>
            {(held.IsGoing ? Markup.Of($"<small>is being delivered</small>") : Markup.Of($"<span class=\"acts\">{(held.IsMalware ? default : AdministrationViews.Link("quarantine-release", id, "Deliver…"))}{AdministrationViews.Link("quarantine-delete", id, "Delete…")}<a href=\"/admin/trace?q={id}\">Its way</a></span>"))}</li>
            """);
    }
}
