using System.Net;
using Sternpost.Dns;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>Asks the configured DNS lists about the domains a message leads to and the one it comes from.</summary>
internal sealed class DomainListJudge(FilterOptions options, IDnsResolver resolver) : IJudge
{
    private static readonly Symbol Listed = new("URL_LISTED", 3.5, "The message links to a domain on a list of spam domains.");
    private static readonly Symbol Sender = new("SENDER_DOMAIN_LISTED", 3.5, "The sender's domain is on a list of spam domains.");

    // Lists limit how much one may ask, and spam shows its target among the first links.
    private const int MaxDomains = 10;

    private readonly AskedList[] lists = AskedList.Of(options.DomainLists, resolver);

    public string Name => "domain-lists";

    public IReadOnlyList<Symbol> Symbols => [Listed, Sender];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        if (lists.Length == 0) return [];
        var sender = message.From.Domain;
        var domains = DomainsOf(message, options.Attachments);
        if (sender.Length > 0 && !domains.Contains(sender)) domains.Add(sender);
        var questions = (from list in lists from domain in domains.Select(domain => ListMeanings.WantsRegistered(list.Zone) ? RelatedDomains.Registered(domain).ToString() : domain).Distinct() select (list, domain)).ToList();
        var answers = await Task.WhenAll(questions.Select(question => question.list.AskAsync(list => list.AskAsync(question.domain, cancellation)))).ConfigureAwait(false);
        Finding? worst = null;
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is not { Weight: > 0 } answer || answer.Weight <= worst?.Weight) continue;
            var (list, domain) = questions[i];
            var what = answer.What.Length > 0 ? $" as {answer.What}" : "";
            // One listing is enough: ten links to one campaign are one piece of evidence.
            worst = RelatedDomains.Same(domain, sender)
                ? Sender.Found($"The sender's domain {domain} is listed by {list.Zone}{what}.", answer.Weight)
                : Listed.Found($"The message links to {domain}, which is listed by {list.Zone}{what}.", answer.Weight);
        }
        return worst is null ? [] : [worst];
    }

    private static List<string> DomainsOf(MessageUnderJudgement message, AttachmentPolicy policy)
    {
        var domains = new List<string>();
        foreach (var link in message.Text.Links.Concat(message.Carried(policy).Links))
        {
            var host = link.Host.ToString().ToLowerInvariant();
            if (host.Length == 0 || host.StartsWith('[') || IPAddress.TryParse(host, out _) || domains.Contains(host)) continue;
            domains.Add(host);
            if (domains.Count == MaxDomains) break;
        }
        return domains;
    }
}
