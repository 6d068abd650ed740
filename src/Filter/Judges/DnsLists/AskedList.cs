using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Dns.Lists;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>A configured list, ready to be asked.</summary>
internal sealed class AskedList
{
    private readonly DnsListOptions options;
    private readonly DnsList list;

    private AskedList(DnsListOptions options, DnsList list)
    {
        this.options = options;
        this.list = list;
    }

    internal string Zone => options.Zone;

    internal static AskedList[] Of(IReadOnlyList<DnsListOptions> lists, IDnsResolver resolver) =>
        [.. lists.Where(list => DomainName.TryParse(list.Zone, out _)).Select(list => new AskedList(list, new DnsList(resolver, DomainName.Parse(list.Zone), NullLogger.Instance, list.Key)))];

    /// <summary>The weight and meaning of a listing; null where there is none, or the list does not answer us.</summary>
    internal async Task<(double Weight, string What)?> AskAsync(Func<DnsList, ValueTask<DnsListAnswer>> ask)
    {
        var answer = await ask(list).ConfigureAwait(false);
        if (answer.Outcome != DnsListOutcome.Listed) return null;
        var meaning = ListMeanings.Of(Zone, answer.Codes);
        return meaning.Factor == 0 ? null : (options.Weight * meaning.Factor, meaning.What);
    }
}
