using Microsoft.AspNetCore.Http;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Accounts.Sessions;
using Sternpost.Accounts.Sites;
using Sternpost.Certificates;
using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;
using Sternpost.Tracing;

namespace Sternpost.Administration;

/// <summary>The pages beside the overview: each reads what it shows when it is asked for.</summary>
internal sealed class AdministrationReader(ServerConfiguration configuration, ServerParts parts, AdministrationActions actions, AuditBook audit, TimeProvider time)
{
    private const int MostTrails = 50;
    private const int MostMessages = 100;
    private const int MostAccounts = 500;
    private const int MostEntries = 200;

    // Longer than any Message-ID that is one.
    private const int MostTyped = 500;

    private static readonly TimeSpan RefusedSince = TimeSpan.FromDays(7);

    /// <summary>The title and content of the page at a path below /admin; null where there is none.</summary>
    public async Task<(string Title, Markup Body)?> FindAsync(string path, IQueryCollection query, Account by, CancellationToken cancellation) => path switch
    {
        "/trace" => ("Find a message", await TraceAsync(Typed(query["q"]), cancellation)),
        "/refused" => ("Refused", TraceViews.Refused(await TraceSearch.NewestAsync(parts.Database, StepKind.Refused, time.GetUtcNow() - RefusedSince, MostTrails, cancellation), MostTrails)),
        "/quarantine" => ("Quarantine", MessageViews.Quarantine(await new QuarantineList(parts.Database).ListAsync(null, MostMessages, cancellation))),
        "/queue" => ("Queue", await QueueAsync(Typed(query["domain"]), cancellation)),
        "/accounts" when query["id"].ToString() is { Length: > 0 } id => await AccountAsync(id, by, cancellation),
        "/accounts" => ("Accounts", await AccountsAsync(Typed(query["find"]), cancellation)),
        "/domains" when query["id"].ToString() is { Length: > 0 } id => await DomainAsync(id, cancellation),
        "/domains" => ("Domains", await DomainsAsync(cancellation)),
        "/sites" when query["id"].ToString() is { Length: > 0 } id => await SiteAsync(id, cancellation),
        "/sites" => ("Web sites", SiteViews.List(await SitesAsync(cancellation))),
        "/certificates" => ("Certificates", await CertificatesAsync(cancellation)),
        "/log" => ("What was done", AdministrationViews.Log(await audit.NewestAsync(MostEntries, cancellation), name => actions.Find(name)?.Title ?? name)),
        _ => null,
    };

    private static string Typed(Microsoft.Extensions.Primitives.StringValues value) => value.ToString() is { Length: <= MostTyped } text ? text.Trim() : "";

    private async Task<Markup> TraceAsync(string query, CancellationToken cancellation) => TraceViews.Search(
        query, await TraceSearch.FindAsync(parts.Database, query, DateTimeOffset.UnixEpoch, time.GetUtcNow() + TimeSpan.FromDays(1), MostTrails, cancellation), MostTrails);

    private async Task<Markup> QueueAsync(string typed, CancellationToken cancellation)
    {
        var queue = new QueueInspection(parts.Database, time);
        var domain = DomainName.TryParse(typed, out var parsed) ? parsed : null;
        var entries = typed.Length > 0 && domain is null ? [] : await queue.ListAsync(new QueueSelection(Domain: domain), MostMessages, cancellation);
        return MessageViews.Queue(entries, await queue.CountAsync(cancellation), (await queue.OutboundAsync(cancellation)).Explanation, typed, time.GetUtcNow());
    }

    private async Task<Markup> AccountsAsync(string typed, CancellationToken cancellation) => AccountViews.List(
        [.. (await parts.Directory.AccountsAsync(null, cancellation)).Where(account => account.Address.ToString().Contains(typed, StringComparison.OrdinalIgnoreCase) || account.DisplayName.Contains(typed, StringComparison.OrdinalIgnoreCase)).Take(MostAccounts)], typed);

    private async Task<(string, Markup)?> AccountAsync(string id, Account by, CancellationToken cancellation)
    {
        if (!EmailAddress.TryParse(id, out var address) || await parts.Directory.FindAccountAsync(address, cancellation) is not { } account) return null;
        var passwords = await parts.Sending.Passwords.ListAsync(account.Id, cancellation);
        var sessions = await new WebSessions(parts.Database, parts.Directory, time).OfAsync(account.Id, cancellation);
        var limits = await parts.Sending.Limits.StatesAsync([SendingLayer.Of(account)], cancellation);
        return (account.Address.ToString(), AccountViews.One(account, passwords, await parts.SecondFactors.StateAsync(account.Id, cancellation), sessions.Count, limits, account.Id == by.Id));
    }

    private async Task<IReadOnlyList<SiteStatus>> SitesAsync(CancellationToken cancellation)
    {
        var book = new SiteBook(parts.Database, parts.Directory);
        var sites = new List<SiteStatus>();
        foreach (var site in await book.ListAsync(cancellation))
        {
            var (hour, day) = await parts.SiteSending.SentAsync(site, cancellation);
            var account = await parts.Directory.FindAccountAsync(site.Address, cancellation);
            sites.Add(new SiteStatus(site, account?.Status != AccountStatus.Active, hour, day, await book.ScriptsAsync(site.AccountId, cancellation)));
        }
        return sites;
    }

    private async Task<(string, Markup)?> SiteAsync(string id, CancellationToken cancellation) =>
        (await SitesAsync(cancellation)).FirstOrDefault(one => string.Equals(one.Site.Address.ToString(), id, StringComparison.OrdinalIgnoreCase)) is { } found ? (found.Site.Address.ToString(), SiteViews.One(found)) : null;

    private async Task<Markup> CertificatesAsync(CancellationToken cancellation)
    {
        var states = await new CertificateBook(parts.Database).AllAsync(cancellation);
        var held = new CertificateShelf(configuration, parts.Database.Folder).Read(time.GetUtcNow(), withKeys: false).Certificates;
        return SiteViews.Certificates(CertificateFact.All(held, states), configuration.Acme.AcceptTerms, states.Where(state => state.IsAsked).Select(state => state.Name).ToHashSet(StringComparer.Ordinal));
    }

    private async Task<Markup> DomainsAsync(CancellationToken cancellation)
    {
        var accounts = (await parts.Directory.AccountsAsync(null, cancellation)).CountBy(account => account.Address.Domain).ToDictionary();
        return AccountViews.Domains([.. (await parts.Directory.DomainsAsync(cancellation)).Select(domain => (domain, accounts.GetValueOrDefault(domain.Name)))]);
    }

    private async Task<(string, Markup)?> DomainAsync(string id, CancellationToken cancellation)
    {
        if (!DomainName.TryParse(id, out var name) || (await parts.Directory.DomainsAsync(cancellation)).FirstOrDefault(one => one.Name == name) is not { } domain) return null;
        var facts = await PublishedRecords.FactsAsync(name, configuration, parts.Database.Folder, configuration.Server.Addresses, parts.Database, cancellation);
        return (name.Unicode, AccountViews.Domain(domain, await parts.Directory.AliasesAsync(name, cancellation), (await parts.Directory.DomainsAsync(cancellation)).Select(one => one.Name).ToHashSet(), DnsRecords.For(facts)));
    }
}
