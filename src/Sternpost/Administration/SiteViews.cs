using Sternpost.Accounts.Sites;
using Sternpost.Certificates;
using Sternpost.Commands;

namespace Sternpost.Administration;

/// <summary>A site with its state and what it sent.</summary>
internal sealed record SiteStatus(Site Site, bool IsBlocked, long Hour, long Day, IReadOnlyList<SiteScript> Scripts);

/// <summary>Web sites, each by itself, and the certificates.</summary>
internal static class SiteViews
{
    public static Markup List(IReadOnlyList<SiteStatus> sites) => Markup.Of($"""
        <p>A site is a web site or another program that sends, and that nobody reads mail with. It may write as its own addresses alone, so much in an hour and a day, and one switch stops it.</p>
        <p class="acts"><a href="/admin/confirm?action=site-add">Add a site…</a></p>
        {(sites.Count == 0 ? Markup.Of($"<p>There are no sites yet.</p>") : Markup.Of($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Sites\"><table><thead><tr><th scope=\"col\">Site</th><th scope=\"col\">State</th><th scope=\"col\">This hour</th><th scope=\"col\">Today</th><th scope=\"col\">Scripts</th></tr></thead><tbody>{Markup.All(sites.Select(Row))}</tbody></table></div>"))}
        """);

    private static Markup Row(SiteStatus one) => Markup.Of(
        $"<tr><td><a href=\"{SiteActions.PageOf(one.Site.Address.ToString())}\">{one.Site.Address}</a></td><td>{State(one)}</td><td>{one.Hour} of {SiteActions.Limit(one.Site.PerHour)}</td><td>{one.Day} of {SiteActions.Limit(one.Site.PerDay)}</td><td>{one.Scripts.Count}</td></tr>");

    public static Markup One(SiteStatus one)
    {
        var (site, id) = (one.Site, one.Site.Address.ToString());
        return Markup.Of($"""
            <dl class="facts"><div><dt>State</dt><dd>{State(one)}</dd></div><div><dt>Programs of</dt><dd>{(site.IsLocal ? $"{site.UserName}{(site.Folder.Length > 0 ? " in " + site.Folder : "")}" : "no user here: it signs in with its password")}</dd></div><div><dt>Sends as</dt><dd>{string.Join(", ", site.Addresses.Prepend(id))}</dd></div>
            <div><dt>Answers go to</dt><dd>{site.RepliesTo?.ToString() ?? "the administrators"}</dd></div><div><dt>Sent in this hour</dt><dd>{one.Hour} of {SiteActions.Limit(site.PerHour)}</dd></div><div><dt>Sent today</dt><dd>{one.Day} of {SiteActions.Limit(site.PerDay)}</dd></div><div><dt>New scripts</dt><dd>{(site.NewScripts switch { NewScripts.Allow => "send as others", NewScripts.Limit => "send little on the first day", _ => "wait until you allow them" })}</dd></div></dl>
            <p class="acts">{(one.IsBlocked ? AdministrationViews.Link("site-unblock", id, "Let it send again…") : AdministrationViews.Link("site-block", id, "Stop it at once…"))}{AdministrationViews.Link("site-password", id, "New password…")}{AdministrationViews.Link("site-limits", id, "How much it may send…")}{AdministrationViews.Link("site-remove", id, "Remove…")}<a href="/admin/trace?q={Uri.EscapeDataString(id)}">Its mail</a></p>
            <h2>Scripts its mail came from</h2>
            {(one.Scripts.Count == 0 ? Markup.Of($"<p class=\"quiet\">No mail came from it yet.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(one.Scripts.Select(script => Markup.Of($"<li><b>{(script.Script.Length > 0 ? script.Script : "(not known)")}</b> {(script.State switch { ScriptState.Allowed => "allowed", ScriptState.Blocked => "blocked", _ => "new" })} <small>{script.Messages} messages, the last {script.LastSeen}{(script.Waiting == 0 ? "" : $", {script.Waiting} wait until it is allowed")}</small></li>")))}</ul>"))}
            """);
    }

    public static Markup Certificates(IReadOnlyList<CertificateFact> certificates, bool areOrdered, IReadOnlySet<string> asked) => Markup.Of($"""
        <p>{(areOrdered ? "The server orders and renews them by itself, well before they end, and every listener shows the new one at once." : "None is ordered by this server: acme.accept_terms is not set in the configuration. What is shown here was brought in, or made by the server itself.")}</p>
        {(certificates.Count == 0 ? Markup.Of($"<p class=\"quiet\">There is none.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(certificates.Select(one => Certificate(one, areOrdered, asked)))}</ul>"))}
        """);

    private static Markup Certificate(CertificateFact one, bool areOrdered, IReadOnlySet<string> asked) => Markup.Of($"""
        <li><b>{NamesOf(one)}</b> {(one.Until is { } until ? Markup.Of($"until {until} UTC") : Markup.Of($"not there yet"))}
        <small>{(one.SelfSigned ? "Made by the server itself: other programs do not trust it" : one.Issuer.Length > 0 ? $"From {one.Issuer}" : "")}{(one.From is { } from ? Markup.Of($", since {from}. ") : default)}{(one.SelfSigned && areOrdered ? Markup.Of($"Shown only until one that was ordered is there.") : one.Origin != CertificateOrigin.Acme ? Markup.Of($"Renewed by you, not by the server.") : one.RenewAt is { } at ? Markup.Of($"Renewed by itself on {at} UTC.") : Markup.Of($"Ordered as soon as it can be."))}</small>
        {(one.Problem.Length == 0 ? default : Markup.Of($"<small class=\"bad\">{one.Problem}. {one.Advice}{(one.NextAttempt is { } next ? Markup.Of($" Tried again at {next} UTC.") : default)}</small>"))}
        {Markup.All(one.LeftOut.Select(left => Markup.Of($"<small class=\"warn\">{left.Name} is left out: {left.Reason} {left.Advice}</small>")))}
        {(one.Origin != CertificateOrigin.Acme || !areOrdered ? default : asked.Contains(one.Name) ? Markup.Of($"<small>It is being ordered.</small>") : Markup.Of($"<span class=\"acts\">{AdministrationViews.Link("certificate-renew", one.Name, "Order it now…")}</span>"))}</li>
        """);

    /// <summary>What a certificate is for, as people know it.</summary>
    public static string NamesOf(CertificateFact one) => one.Names.Count > 0 ? string.Join(", ", one.Names) : one.Name == CertificateShelf.HostName ? "The server's own name" : one.Name;

    private static string State(SiteStatus one) => one.IsBlocked ? "stopped" : "may send";
}
