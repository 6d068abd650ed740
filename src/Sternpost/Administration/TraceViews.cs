using Sternpost.Queue;
using Sternpost.Tracing;

namespace Sternpost.Administration;

/// <summary>The way of messages as time lines, and the search that finds them.</summary>
internal static class TraceViews
{
    public static Markup Search(string query, IReadOnlyList<FoundTrail> found, int limit) => Markup.Of($"""
        <form method="get" action="/admin/trace" role="search" class="search"><label for="q">What you know of the message</label>
        <input id="q" name="q" type="search" value="{query}" maxlength="500" autocomplete="off" spellcheck="false"> <button>Find</button></form>
        <p class="quiet">An address, a domain, a Message-ID, the id or reference that a reply quotes, words of the subject. All must hold, and each word must be whole.</p>
        {(found.Count > 0 ? Markup.All(found.Select(Line)) : query.Length == 0 ? Markup.Of($"<p>No message has passed yet.</p>") : Markup.Of($"<p role=\"status\">No message is known by “{query}”. Try fewer words, or only the domain. What is older than storage.keep_traces is forgotten; and a message that never reached this server has left no trace here: its sender's server holds it then.</p>"))}
        {(found.Count == limit ? Markup.Of($"<p class=\"quiet\">The newest {limit} are shown; one more word finds fewer.</p>") : default)}
        """);

    public static Markup Refused(IReadOnlyList<FoundTrail> found, int limit) => Markup.Of($"""
        <p>Mail that was refused while its sender was connected, or put off, in the last seven days; the newest first. Its sender was told the same.</p>
        {(found.Count == 0 ? Markup.Of($"<p class=\"quiet\">Nothing was refused.</p>") : Markup.All(found.Select(Line)))}
        {(found.Count == limit ? Markup.Of($"<p class=\"quiet\">The newest {limit} are shown. <a href=\"/admin/trace\">Find others</a></p>") : default)}
        """);

    private static Markup Line(FoundTrail trail)
    {
        var fates = Fate.Of(trail);
        return Markup.Of($"""
            <article class="trail"><h2>{(trail.Subject.Length > 0 ? trail.Subject : "No subject")}</h2>
            <p>From <b>{(trail.Sender.Length > 0 ? trail.Sender : "nobody (a report of a server)")}</b>{(fates.Count == 0 ? default : Markup.Of($" to {string.Join(", ", fates.Take(5).Select(fate => fate.Recipient))}{(fates.Count > 5 ? $" and {fates.Count - 5} others" : "")}"))} <small>{QueueId.Format(trail.Id)}{(trail.MessageId.Length > 0 ? " · " + trail.MessageId : "")}{(trail.Session.Length > 0 ? " · " + trail.Session : "")}</small></p>
            <ol class="way">{Markup.All(trail.Steps.Select(step => Markup.Of($"<li class=\"{Tone(step.Step.Kind)}\"><time>{step.At}</time> <b>{Fate.Word(step.Step.Kind)}</b> <span>{step.Step.What}{(step.Step.Advice.Length == 0 ? default : Markup.Of($"<small>{step.Step.Advice}</small>"))}</span></li>")))}</ol></article>
            """);
    }

    private static string Tone(StepKind kind) => kind switch
    {
        StepKind.Refused or StepKind.Failed => "bad",
        StepKind.Deferred or StepKind.Held => "warn",
        StepKind.Filed or StepKind.Delivered => "good",
        _ => "plain",
    };
}
