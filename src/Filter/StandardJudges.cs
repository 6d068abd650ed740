using Sternpost.Dns;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Judges.Attachments;
using Sternpost.Filter.Judges.Connection;
using Sternpost.Filter.Judges.DnsLists;
using Sternpost.Filter.Judges.Form;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Judges.Statistics;

namespace Sternpost.Filter;

/// <summary>The judges a server has: adding one is its file and a line here.</summary>
public static class StandardJudges
{
    /// <summary>All judges; without <paramref name="resolver"/> those that ask DNS are absent, not failing.</summary>
    public static IReadOnlyList<IJudge> All(FilterOptions options, IDnsResolver? resolver, StatisticalClassifier classifier)
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
            new DisplayNameJudge(),
            new LinkMismatchJudge(),
            new LookalikeHostJudge(),
            new BrandJudge(),
            new StatisticalJudge(classifier),
        ];
        if (resolver is not null)
        {
            judges.Add(new AddressListJudge(options, resolver));
            judges.Add(new DomainListJudge(options, resolver));
        }
        return judges;
    }
}
