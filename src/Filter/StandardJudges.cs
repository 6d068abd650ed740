using Sternpost.Dns;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Judges.Attachments;
using Sternpost.Filter.Judges.Authentication;
using Sternpost.Filter.Judges.Composites;
using Sternpost.Filter.Judges.Connection;
using Sternpost.Filter.Judges.DnsLists;
using Sternpost.Filter.Judges.Form;
using Sternpost.Filter.Judges.Fraud;
using Sternpost.Filter.Judges.LocalLists;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Judges.Statistics;
using Sternpost.Filter.SpamAssassin;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter;

/// <summary>The judges a server has: adding one is its file and a line here.</summary>
public static class StandardJudges
{
    /// <summary>The shipped weight of every symbol that a server may find.</summary>
    public static Dictionary<string, double> UsualWeights(FilterOptions options)
    {
        var usual = FindingWeights.UsualOf(All(options, new NoDnsResolver(), new StatisticalClassifier(null)));
        foreach (var symbol in ServerEvidence.Symbols.Values.SelectMany(symbols => symbols)) usual[symbol.Name] = symbol.Weight;
        return usual;
    }

    /// <summary>The judges of DNS lists alone, for what is asked again after delivery.</summary>
    public static IReadOnlyList<IJudge> Lists(FilterOptions options, IDnsResolver resolver) =>
        [new AddressListJudge(options, resolver), new DomainListJudge(options, resolver), new HashListJudge(options, resolver)];

    /// <summary>All judges; without <paramref name="resolver"/> those that ask DNS are absent, not failing.</summary>
    /// <param name="options">What the administrator chose.</param>
    /// <param name="resolver">DNS, or null.</param>
    /// <param name="classifier">The statistical classifier.</param>
    /// <param name="isLocal">Knows the domains served here, so that strangers in their name are noticed; null where there are none.</param>
    /// <param name="time">The clock; the system's where null.</param>
    /// <param name="evidence">This server's own history; null where it has no say.</param>
    public static IReadOnlyList<IJudge> All(
        FilterOptions options, IDnsResolver? resolver, StatisticalClassifier classifier, IsLocalDomain? isLocal = null, TimeProvider? time = null, ServerEvidence? evidence = null)
    {
        List<IJudge> judges =
        [
            new ReverseDnsJudge(),
            new HeloJudge(options),
            new ProtocolFaultsJudge(),
            new DateJudge(),
            new OriginatorJudge(),
            new MessageIdJudge(),
            new HeaderFormJudge(),
            new RecipientsJudge(),
            new MimeFormJudge(),
            new AttachmentNameJudge(),
            new TestVirusJudge(),
            new AttachmentContentJudge(options),
            new DisplayNameJudge(),
            new LinkMismatchJudge(),
            new LookalikeHostJudge(options),
            new CodeLinkJudge(options),
            new BrandJudge(),
            new ReceivedChainJudge(),
            new FakeReplyJudge(),
            new CallbackJudge(options),
            new AdvanceFeeJudge(options),
            new ExtortionJudge(options),
            new RequestJudge(options),
            new StatisticalJudge(classifier),
        ];
        if (options.Rules is not null) judges.Add(new RuleJudge(options.Rules, options.RuleWeight, options.EveryRule, time ?? TimeProvider.System));
        if (resolver is not null)
        {
            judges.Add(new AuthenticationJudge(options, resolver, isLocal, time ?? TimeProvider.System));
            judges.AddRange(Lists(options, resolver));
        }
        judges.Add(new LocalListJudge(options));
        if (evidence is not null) judges.AddRange(evidence.Judges);
        judges.Add(new CompositeJudge(options));
        return judges;
    }
}
