using System.Net;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.DnsLists;

/// <summary>Asks the configured DNS lists about the client's address.</summary>
internal sealed class AddressListJudge(FilterOptions options, IDnsResolver resolver) : IJudge
{
    private static readonly Symbol Listed = new("DNS_LISTED", 3.0, "The sending server's address is on a list of spam sources.");
    private static readonly Symbol Good = new("DNS_LISTED_GOOD", -1.0, "The sending server's address is on a list of good mail servers.");

    private readonly AskedList[] lists = AskedList.Of(options.AddressLists, resolver);

    public string Name => "dns-lists";

    public IReadOnlyList<Symbol> Symbols => [Listed, Good];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var client = message.Session.ClientAddress;
        if (lists.Length == 0 || !message.ClientKnown || message.Session.Account is not null || IPAddress.IsLoopback(client)) return [];
        var answers = await Task.WhenAll(lists.Select(list => list.AskAsync(asked => asked.AskAsync(client, cancellation)))).ConfigureAwait(false);
        var findings = new List<Finding>();
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is not { } answer) continue;
            var what = answer.What.Length > 0 ? $" as {answer.What}" : "";
            var symbol = answer.Weight > 0 ? Listed : Good;
            findings.Add(symbol.Found($"The sending server's address is listed by {lists[i].Zone}{what}.", answer.Weight) with { Data = new Dictionary<string, string> { ["zone"] = lists[i].Zone } });
        }
        return findings;
    }
}
