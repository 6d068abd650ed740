using Sternpost.Setup;

namespace Sternpost.Administration;

/// <summary>What the administrator's page looks like.</summary>
internal static class AdministrationViews
{
    private static readonly (string Path, string Name)[] Places =
    [
        ("", "Overview"), ("/trace", "Find a message"), ("/refused", "Refused"), ("/quarantine", "Quarantine"), ("/queue", "Queue"), ("/accounts", "Accounts"), ("/domains", "Domains"), ("/sites", "Web sites"), ("/certificates", "Certificates"), ("/log", "What was done"),
    ];

    public static Markup Page(string title, Markup body, string? account, string path) => Markup.Of($"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} – administration</title><link rel="stylesheet" href="/admin/style.css"><script src="/admin/script.js" defer></script></head>
        <body><a class="skip" href="#main">To the content</a><header><h1>{title}</h1>{(account is null ? default : Markup.Of($"<p>{account} <button type=\"button\" id=\"signout\">Sign out</button></p>"))}</header>
        {(account is null ? default : Markup.Of($"<nav aria-label=\"Administration\"><ul>{Markup.All(Places.Select(place => Markup.Of($"<li><a href=\"/admin{place.Path}\"{(path == AdministrationPage.Path + place.Path ? Markup.Of($" aria-current=\"page\"") : default)}>{place.Name}</a></li>")))}</ul></nav>"))}
        <main id="main">{body}</main></body></html>
        """);

    public static Markup SignIn(string host) => Markup.Of($"""
        <p>This is the administrator's page of {host}.</p>
        <form id="signin" class="narrow"><label>Mail address <input name="username" type="email" autocomplete="username" required autofocus></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <div id="second" hidden><label>Code, or a recovery code <input name="code" autocomplete="one-time-code" spellcheck="false" maxlength="40"></label></div>
        <button>Sign in</button><p id="said" role="alert"></p></form>
        <noscript><p>Signing in needs JavaScript; the rest of this page does not.</p></noscript>
        """);

    /// <summary>What would be done, with a form for what must be said beside it.</summary>
    /// <param name="action">What.</param>
    /// <param name="id">To what.</param>
    /// <param name="subject">That in words.</param>
    /// <param name="details">More of it.</param>
    /// <param name="proof">That the form is one of this sign-in.</param>
    /// <param name="typed">What was typed before, which did not do; empty the first time.</param>
    /// <param name="problem">Why it did not do; null the first time.</param>
    public static Markup Confirm(AdministrationAction action, string id, string subject, string details, string proof, System.Collections.Specialized.NameValueCollection typed, string? problem) => Markup.Of($"""
        {(problem is null ? default : Markup.Of($"<p class=\"trouble\" role=\"alert\">{problem}</p>"))}
        {(subject.Length == 0 ? default : Markup.Of($"<p><strong>{subject}</strong></p>"))}<p>{action.Meaning}</p>{(details.Length == 0 ? default : Markup.Of($"<pre tabindex=\"0\">{details}</pre>"))}
        <form method="post" action="/admin/act" class="narrow"><input type="hidden" name="action" value="{action.Name}"><input type="hidden" name="id" value="{id}"><input type="hidden" name="proof" value="{proof}">
        {Markup.All(action.Fields.Select(field => Input(field, typed[field.Name] ?? "")))}
        {(action.IsGrave ? Markup.Of($"<label>Your own password <input name=\"own-password\" type=\"password\" autocomplete=\"current-password\" required></label>") : default)}
        <p><button class="do">{action.Button}</button> <a href="{action.Back}">Do nothing</a></p></form>
        """);

    private static Markup Input(ActionField field, string value)
    {
        var hint = field.Hint.Length == 0 ? default : Markup.Of($" <small>{field.Hint}</small>");
        return field switch
        {
            { Choices.Count: > 0 } => Markup.Of($"<label>{field.Label} <select name=\"{field.Name}\">{Markup.All(field.Choices.Select(choice => Markup.Of($"<option{(choice == value ? Markup.Of($" selected") : default)}>{choice}</option>")))}</select>{hint}</label>"),
            { Kind: "checkbox" } => Markup.Of($"<label class=\"check\"><input name=\"{field.Name}\" type=\"checkbox\"{(value == "on" ? Markup.Of($" checked") : default)}> {field.Label}{hint}</label>"),
            _ => Markup.Of($"<label>{field.Label} <input name=\"{field.Name}\" type=\"{field.Kind}\" value=\"{(field.Name == "password" ? "" : value)}\" maxlength=\"500\" autocomplete=\"off\" spellcheck=\"false\"{(field.IsRequired ? Markup.Of($" required") : default)}{(field.Kind == "number" ? Markup.Of($" min=\"0\" max=\"1000000000\"") : default)}>{hint}</label>"),
        };
    }

    public static Markup Secret(AdministrationAction action, string subject, string secret) => Markup.Of($"""
        <p class="done" role="status">{action.Done}</p><p>The password of <b>{subject}</b> is:</p><pre tabindex="0">{secret}</pre><p>It is shown this once. Give it to its owner on a safe way, and let them choose their own.</p><p><a href="{action.Back}">Back to the list</a></p>
        """);

    public static Markup Done(AdministrationAction? action) => action is null ? default : Markup.Of($"<p class=\"done\" role=\"status\">{action.Done}</p>");

    public static Markup Log(IReadOnlyList<AuditEntry> entries, Func<string, string> title) => Markup.Of($"""
        <p>What administrators did on these pages, and where users have their mail sent on to, the newest first. It cannot be changed here. What was done on the command line is in the shell's own history.</p>
        {(entries.Count == 0 ? Markup.Of($"<p class=\"quiet\">Nothing yet.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(entries.Select(entry => Markup.Of($"<li><b>{title(entry.Action)}</b> {entry.Subject} <small>{entry.At} · {entry.Administrator} from {entry.Client}</small></li>")))}</ul>"))}
        """);

    public static Markup Overview(ServerStatus status) => Markup.Of($"""
        {Summary(status)}
        <div class="cards">
        {Wrong(status)}
        {Queue(status)}
        {Quarantine(status)}
        {Near(status)}
        {Holds(status)}
        {Accounts(status)}
        {Certificates(status)}
        {Alerts(status)}
        </div>
        <p class="quiet">Looked at {status.At} UTC. Sternpost {status.Version}. <a href="/admin">Look again</a> · <a href="/admin/status.json">The same as JSON</a></p>
        """);

    private static Markup Summary(ServerStatus status)
    {
        var failed = status.Findings.Any(finding => finding.Level == CheckLevel.Failed) || status.Watched.Any(problem => problem.Level == CheckLevel.Failed);
        var state = status.Queue.Trouble.Length > 0 ? "Mail does not go out" : failed ? "Something needs mending" : "Mail is flowing";
        return Markup.Of($"""
            <p class="state {(failed || status.Queue.Trouble.Length > 0 ? "bad" : "good")}">{state}</p>
            <dl class="figures">{Figure(status.Day.Inbox, "to inboxes")}{Figure(status.Day.Junk, "to Junk")}{Figure(status.Day.Refused, "refused")}{Figure(status.Day.Delivered, "sent")}{Figure(status.Day.Failed, "came back")}{Figure(status.Queue.Recipients, "waiting to go out")}</dl>
            <p class="quiet">In the last 24 hours; what waits, now.</p>
            """);
    }

    private static Markup Figure(long number, string what) => Markup.Of($"<div><dt>{what}</dt><dd>{number}</dd></div>");

    private static Markup Wrong(ServerStatus status)
    {
        var lines = status.Watched.Select(problem => (problem.Level, problem.Check, problem.Finding, problem.Advice))
            .Concat(status.Findings.Select(finding => (finding.Level, finding.Check, finding.Finding, finding.Advice))).DistinctBy(line => (line.Check, line.Finding)).OrderBy(line => line.Level == CheckLevel.Failed ? 0 : 1).ToList();
        return Card("To mend or to improve", lines.Count, "Nothing. What others see of this server is in order, too.", Markup.All(lines.Select(line => Markup.Of(
            $"<li><b class=\"{(line.Level == CheckLevel.Failed ? "bad" : "warn")}\">{line.Check}</b> {line.Finding}{(line.Advice.Length == 0 ? default : Markup.Of($"<small>{line.Advice}</small>"))}</li>"))));
    }

    private static Markup Queue(ServerStatus status) => Card("Outgoing mail", (int)Math.Min(status.Queue.Messages, int.MaxValue), "Nothing waits.", Markup.Of($"""
        <li>{status.Queue.Messages} messages wait for {status.Queue.Recipients} recipients.{(status.Queue.Trouble.Length == 0 ? default : Markup.Of($"<small class=\"bad\">{status.Queue.Trouble}</small>"))}</li>
        {Markup.All(status.Queue.Causes.Select(cause => Markup.Of($"<li><b>{cause.Waiting} wait, {cause.Failed} came back</b> {cause.Cause} <small>{string.Join(", ", cause.Domains)}. {cause.Remedy}</small></li>")))}
        """), status.Queue.Causes.Count > 0);

    private static Markup Near(ServerStatus status) => Card("Senders near a limit", status.Near.Count, "Nobody is.", Markup.All(status.Near.Select(near => Markup.Of(
        $"<li><b>{(near.Address is { } address ? Markup.Of($"<a href=\"/admin/accounts?id={Uri.EscapeDataString(address)}\">{near.Of}</a>") : Markup.Of($"{near.Of}"))}</b> {near.Used} of {near.Allowed} <small>{near.Limit}{(near.IsHard ? ": what is more is refused" : ": what is more is held")}</small></li>"))));

    private static Markup Quarantine(ServerStatus status) => Card("Held for you to look at", status.Quarantine.Count, "Nothing is held.", Markup.All(status.Quarantine.Select(held => Markup.Of($"""
        <li><b>{held.Subject}</b> {held.Author} → {string.Join(", ", held.Recipients)} <small>{held.Received} · {held.Reason}</small>
        {(held.Releasing ? Markup.Of($"<small>being delivered</small>") : Markup.Of($"<span class=\"acts\">{(held.Malware ? default : Link("quarantine-release", held.Id, "Deliver…"))}{Link("quarantine-delete", held.Id, "Delete…")}</span>"))}</li>
        """))));

    private static Markup Holds(ServerStatus status) => Card("Outgoing mail kept back", status.Holds.Count, "None.", Markup.All(status.Holds.Select(hold => Markup.Of($"""
        <li><b>{hold.Account}</b> {hold.Reason} <small>since {hold.Since}, goes on by itself at {hold.ReleaseAt} UTC</small><span class="acts">{Link("hold-release", hold.Id, "Send on…")}{Link("hold-delete", hold.Id, "Delete…")}</span></li>
        """))));

    private static Markup Accounts(ServerStatus status) => Markup.Of($"""
        <section><h2>Locked accounts <span>{status.Contained.Count}</span></h2>
        {(status.Contained.Count == 0 ? Markup.Of($"<p class=\"quiet\">None.</p>") : Markup.Of($"<ul>{Markup.All(status.Contained.Select(one => Markup.Of($"<li><b>{one.Address}</b> {one.Reason} <small>{one.At}{(one.Automatic ? ", by the server itself" : "")}</small><span class=\"acts\">{Link("restore", one.Address, "False alarm…")}{Link("restore-stolen", one.Address, "Give back…")}</span></li>")))}</ul>"))}
        <form method="get" action="/admin/confirm" class="line"><input type="hidden" name="action" value="contain"><label>Lock an account <input name="id" type="email" placeholder="somebody@example.com" required></label> <button>Lock…</button></form></section>
        """);

    private static Markup Certificates(ServerStatus status) => Card("Certificates", status.Certificates.Count, "There is none.", Markup.All(status.Certificates.Select(one => Markup.Of($"""
        <li><b>{SiteViews.NamesOf(one)}</b> {(one.Until is { } until ? Markup.Of($"until {until} UTC, {(one.SelfSigned ? "the server's own" : one.Origin == Sternpost.Certificates.CertificateOrigin.Acme ? "renewed by itself" : "renewed by you")}") : Markup.Of($"not there yet"))}{(one.Problem.Length == 0 ? default : Markup.Of($"<small class=\"bad\">{one.Problem}. {one.Advice}</small>"))}</li>
        """))));

    private static Markup Alerts(ServerStatus status) => Card("Alerts", status.Alerts.Count, "None.", Markup.All(status.Alerts.Select(alert => Markup.Of(
        $"<li><details><summary><b>{alert.Subject}</b> <small>{alert.At}</small></summary><pre tabindex=\"0\">{alert.Body}</pre></details></li>"))));

    private static Markup Card(string title, int count, string none, Markup lines, bool always = false) => Markup.Of(
        $"<section><h2>{title} <span>{count}</span></h2>{(count == 0 && !always ? Markup.Of($"<p class=\"quiet\">{none}</p>") : Markup.Of($"<ul>{lines}</ul>"))}</section>");

    public static Markup Link(string action, string id, string text) => Markup.Of($"<a href=\"/admin/confirm?action={action}&amp;id={Uri.EscapeDataString(id)}\">{text}</a>");
}
