using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Commands;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;

namespace Sternpost.Administration;

/// <summary>Accounts and domains, and each by itself.</summary>
internal static class AccountViews
{
    public static Markup List(IReadOnlyList<Account> accounts, string asked) => Markup.Of($"""
        <form method="get" action="/admin/accounts" role="search" class="search"><label for="find">Part of an address or name</label> <input id="find" name="find" type="search" value="{asked}" maxlength="255" autocomplete="off" spellcheck="false"> <button>Find</button></form>
        <p class="acts"><a href="/admin/confirm?action=account-add">Add an account…</a></p>
        {(accounts.Count == 0 ? Markup.Of($"<p>{(asked.Length == 0 ? "There are no accounts yet." : $"No account has “{asked}” in its address or name.")}</p>") : Markup.Of($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Accounts\"><table><thead><tr><th scope=\"col\">Address</th><th scope=\"col\">Name</th><th scope=\"col\">State</th><th scope=\"col\">Mail</th></tr></thead><tbody>{Markup.All(accounts.Select(Row))}</tbody></table></div>"))}
        """);

    private static Markup Row(Account account) => Markup.Of(
        $"<tr><td><a href=\"/admin/accounts?id={Uri.EscapeDataString(account.Address.ToString())}\">{account.Address}</a></td><td>{account.DisplayName}</td><td>{State(account)}</td><td>{Room(account)}</td></tr>");

    public static Markup One(Account account, IReadOnlyList<AppPassword> passwords, SecondFactorState second, int sessions, IReadOnlyList<LimitState> limits, bool isOwn)
    {
        var id = account.Address.ToString();
        return Markup.Of($"""
            <dl class="facts"><div><dt>Name</dt><dd>{(account.DisplayName.Length > 0 ? account.DisplayName : "–")}</dd></div><div><dt>State</dt><dd>{State(account)}</dd></div><div><dt>Mail</dt><dd>{Room(account)}</dd></div>
            <div><dt>Since</dt><dd>{account.Created}</dd></div><div><dt>Signed in</dt><dd>{sessions} {(sessions == 1 ? "browser" : "browsers")}</dd></div><div><dt>Second factor</dt><dd>{(second.IsOn ? string.Join(", ", new[] { second.CodesSince is null ? null : "codes", second.Passkeys.Count switch { 0 => null, 1 => "a passkey", var count => $"{count} passkeys" } }.OfType<string>()) : "none")}</dd></div><div><dt>App passwords</dt><dd>{(passwords.Count == 0 ? "none" : string.Join(", ", passwords.Select(password => password.Name)))}</dd></div></dl>
            <p class="acts">{(account.Status == AccountStatus.Active && !isOwn ? AdministrationViews.Link("account-suspend", id, "Suspend…") : default)}{(account.Status == AccountStatus.Suspended ? AdministrationViews.Link("account-resume", id, "End the suspension…") : default)}{(account.Status == AccountStatus.Contained ? Markup.All([AdministrationViews.Link("restore", id, "False alarm…"), AdministrationViews.Link("restore-stolen", id, "Give back…")]) : isOwn ? default : AdministrationViews.Link("contain", id, "Lock: it was stolen…"))}
            {AdministrationViews.Link("account-password", id, "New password…")}{(second.IsOn ? AdministrationViews.Link("account-second-factor", id, "Second factor lost…") : default)}{AdministrationViews.Link("account-quota", id, "Room for mail…")}{(isOwn ? default : AdministrationViews.Link("account-remove", id, "Remove…"))}{AdministrationViews.Link("limit-set", id, "Sending limit…")}{(limits.Any(limit => limit.From == limit.Layer.Scope) ? AdministrationViews.Link("limit-clear", id, "Take back its limits…") : default)}<a href="/admin/trace?q={Uri.EscapeDataString(id)}">Its mail</a></p>
            <h2>What it has sent, and may</h2>
            {Limits(limits)}
            """);
    }

    public static Markup Limits(IReadOnlyList<LimitState> limits) => limits.Count == 0 ? Markup.Of($"<p class=\"quiet\">Nothing is limited.</p>") : Markup.Of($"""
        <div class="scroll" tabindex="0" role="region" aria-label="Sending limits"><table><thead><tr><th scope="col">Limit</th><th scope="col">Of</th><th scope="col">Used</th><th scope="col">Held beyond</th><th scope="col">Refused beyond</th></tr></thead>
        <tbody>{Markup.All(limits.Select(limit => Markup.Of($"<tr><td>{limit.Name}</td><td>{limit.Layer.Name}</td><td>{limit.Used}</td><td>{Figure(limit.Bounds.Soft)}</td><td>{Figure(limit.Bounds.Hard)}</td></tr>")))}</tbody></table></div>
        """);

    public static Markup Domains(IReadOnlyList<(LocalDomain Domain, int Accounts)> domains) => Markup.Of($"""
        <p class="acts"><a href="/admin/confirm?action=domain-add">Add a domain…</a></p>
        {(domains.Count == 0 ? Markup.Of($"<p>There are no domains yet.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(domains.Select(one => Markup.Of($"<li><a href=\"/admin/domains?id={one.Domain.Name.Ascii}\"><b>{one.Domain.Name.Unicode}</b></a> <small>{one.Accounts} {(one.Accounts == 1 ? "account" : "accounts")}, since {one.Domain.Created}</small></li>")))}</ul>"))}
        """);

    public static Markup Domain(LocalDomain domain, IReadOnlyList<MailAlias> aliases, IReadOnlySet<DomainName> own, IReadOnlyList<DnsRecordToPublish> records) => Markup.Of($"""
        <p class="acts"><a href="/admin/accounts?find={Uri.EscapeDataString("@" + domain.Name.Ascii)}">Its accounts</a>{AdministrationViews.Link("domain-remove", domain.Name.Ascii, "Remove…")}</p>
        <h2>DNS records to publish</h2><ul class="rows">{Markup.All(records.Select(record => Markup.Of($"<li><b>{record.Type}</b> {record.Name} <small>{record.Why} {record.Without}</small><pre tabindex=\"0\">{record.Value}</pre></li>")))}</ul>
        <h2>Aliases and forwards</h2><p class="acts">{AdministrationViews.Link("alias-add", domain.Name.Ascii, "Add an alias or a forward…")}</p>{(aliases.Count == 0 ? Markup.Of($"<p class=\"quiet\">None.</p>") : Markup.Of($"<ul class=\"rows\">{Markup.All(aliases.Select(alias => Markup.Of($"<li><b>{alias.Pattern}</b> → {alias.Target} {(own.Contains(alias.Target.Domain) ? default : Markup.Of($"<small>leaves this server</small>"))}<span class=\"acts\">{AdministrationViews.Link("alias-remove", AliasActions.IdOf(alias), "Remove…")}</span></li>")))}</ul>"))}
        """);

    private static string State(Account account) => (account.Status switch { AccountStatus.Active => "in use", AccountStatus.Suspended => "suspended", _ => "locked" }) + (account.IsAdministrator ? ", administrator" : "");

    private static string Room(Account account) => account.QuotaBytes == 0 ? Facts.Octets(account.UsedBytes) : $"{Facts.Octets(account.UsedBytes)} of {Facts.Octets(account.QuotaBytes)}";

    private static string Figure(long bound) => bound == 0 ? "–" : bound.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
