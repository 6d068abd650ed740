using System.Net;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>Asks the configured DNS lists about the client's address.</summary>
internal sealed class AddressListJudge(FilterOptions options, IDnsResolver resolver) : IJudge
{
    private static readonly Symbol Listed = new("DNS_LISTED", 3.0, "The sending server's address is on a list of spam sources.");

    public string Name => "dns-lists";

    public IReadOnlyList<Symbol> Symbols => [Listed];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var client = message.Session.ClientAddress;
        if (options.AddressLists.Count == 0 || !message.ClientKnown || message.Session.Account is not null || IPAddress.IsLoopback(client)) return [];
        var answers = await Task.WhenAll(options.AddressLists.Select(list =>
            DnsListQuery.IsListedAsync(resolver, DnsListQuery.NameOf(client, list.Zone), cancellation))).ConfigureAwait(false);
        var findings = new List<Finding>();
        for (var i = 0; i < answers.Length; i++)
        {
            var list = options.AddressLists[i];
            if (answers[i]) findings.Add(Listed.Found($"The sending server's address is listed by {list.Zone}.", list.Weight) with { Data = new Dictionary<string, string> { ["zone"] = list.Zone } });
        }
        return findings;
    }
}
