using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Reputation;

/// <summary>
/// What this server's users made of earlier mail from the same address, network and proved domain, and of mail that led to the same
/// domains. Bounded both ways: a good name excuses no virus, and a bad neighbour condemns nobody.
/// </summary>
internal sealed class ReputationJudge(ReputationBook book) : LocalJudge
{
    internal static readonly Symbol Address = new("REPUTATION_ADDRESS", 0, "Earlier mail from this sending server was unwanted or wanted here; the weight says which.");
    internal static readonly Symbol Network = new("REPUTATION_NETWORK", 0, "Earlier mail from this network was unwanted or wanted here; the weight says which.");
    internal static readonly Symbol Domain = new("REPUTATION_DOMAIN", 0, "Earlier mail that proved to come from this domain was unwanted or wanted here; the weight says which.");
    internal static readonly Symbol Link = new("REPUTATION_LINK", 0, "Earlier mail that led to the same domain was unwanted or wanted here; the weight says which.");

    // Below this it is not worth a line.
    private const double Least = 0.15;

    internal static IReadOnlyList<Symbol> All { get; } = [Address, Network, Domain, Link];

    public override string Name => "reputation";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (message.Facts is not { } facts) return [];
        double address = 0, network = 0, domain = 0, link = 0;
        foreach (var (kind, key) in facts.Keys)
        {
            var standing = book.Find(key);
            if (standing.IsUnknown) continue;
            switch (kind)
            {
                case EvidenceKind.Address: address = Math.Clamp(standing.LogOdds(2), -1.2, 1.8); break;
                case EvidenceKind.Network: network = Math.Clamp(standing.LogOdds(6), -0.4, 0.8); break;
                case EvidenceKind.Domain: domain = Math.Clamp(standing.LogOdds(1.5f), -1.8, 2.0); break;
                // Spam links to good places as well as to its own, so the worst counts and the good ones hardly do.
                case EvidenceKind.Link: link = Math.Max(link, Math.Clamp(standing.LogOdds(2), -0.2, 2.0)); break;
            }
        }
        // The address is in the network: what is known of both is known once.
        if (Math.Sign(address) == Math.Sign(network)) network = Math.Abs(network) > Math.Abs(address) ? network - address : 0;
        var findings = new List<Finding>(4);
        Add(findings, Address, address, "this sending server");
        Add(findings, Network, network, "this network");
        Add(findings, Domain, domain, facts.ProvedDomain ?? "this domain");
        Add(findings, Link, link, "the domains it links to");
        return findings;
    }

    private static void Add(List<Finding> findings, Symbol symbol, double weight, string what)
    {
        if (Math.Abs(weight) < Least) return;
        findings.Add(symbol.Found(weight > 0 ? $"Mail of {what} was unwanted here before." : $"Mail of {what} was wanted here before.", weight));
    }
}
