using System.Net;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>Asks the configured DNS lists about the domains a message leads to.</summary>
internal sealed class DomainListJudge(FilterOptions options, IDnsResolver resolver) : IJudge
{
    private static readonly Symbol Listed = new("URL_LISTED", 3.5, "The message links to a domain on a list of spam domains.");

    // Lists limit how much one may ask, and spam shows its target among the first links.
    private const int MaxDomains = 10;

    public string Name => "domain-lists";

    public IReadOnlyList<Symbol> Symbols => [Listed];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        if (options.DomainLists.Count == 0) return [];
        var domains = DomainsOf(message);
        var questions = (from list in options.DomainLists from domain in domains select (list, domain)).ToList();
        var answers = await Task.WhenAll(questions.Select(question =>
            DnsListQuery.IsListedAsync(resolver, question.domain + "." + question.list.Zone, cancellation))).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            var (list, domain) = questions[i];
            // One listing is enough: ten links to one campaign are one piece of evidence.
            if (answers[i]) return [Listed.Found($"The message links to {domain}, which is listed by {list.Zone}.", list.Weight)];
        }
        return [];
    }

    private static List<string> DomainsOf(MessageUnderJudgement message)
    {
        var domains = new List<string>();
        foreach (var link in message.Text.Links)
        {
            var host = link.Host.ToString().ToLowerInvariant();
            if (host.Length == 0 || host.StartsWith('[') || IPAddress.TryParse(host, out _) || domains.Contains(host)) continue;
            domains.Add(host);
            if (domains.Count == MaxDomains) break;
        }
        return domains;
    }
}
