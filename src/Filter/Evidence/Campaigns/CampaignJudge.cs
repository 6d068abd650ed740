using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Campaigns;

/// <summary>Nearly the same text came to others here lately: what they said of it, where it came from, and what it was taken for.</summary>
internal sealed class CampaignJudge(CampaignBook book) : LocalJudge
{
    internal static readonly Symbol Spam = new("CAMPAIGN_SPAM", 1.2, "Recipients here said that nearly the same message is spam; the weight grows with their number.");
    internal static readonly Symbol Condemned = new("CAMPAIGN_CONDEMNED", 0.8, "Nearly the same message was refused or filed as junk here several times.");
    internal static readonly Symbol Spread = new("CAMPAIGN_SPREAD", 1.0, "Nearly the same message came to many strangers here from different servers in the name of different domains.");
    internal static readonly Symbol Wanted = new("CAMPAIGN_WANTED", -0.8, "Recipients here said that nearly the same message is wanted.");

    private const int SpreadNetworks = 4;
    private const int SpreadDomains = 3;
    private const int SpreadStrangers = 5;
    private const int ManyCondemned = 3;

    internal static IReadOnlyList<Symbol> All { get; } = [Spam, Condemned, Spread, Wanted];

    public override string Name => "campaigns";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message) =>
        message.Facts is { } facts && book.Find(facts.Sketch) is { } campaign ? Of(campaign, facts.ProvedDomain is not null) : [];

    /// <summary>What a campaign says of one of its members.</summary>
    internal static IReadOnlyList<Finding> Of(CampaignView campaign, bool proved)
    {
        // A trap is worth two people: nobody asked for mail there.
        var witnesses = campaign.SpamBy + (2 * Math.Min(campaign.Trapped, 2));
        if (witnesses > 0 && witnesses > 3 * campaign.WantedBy)
        {
            return [Spam.Found(Witnesses(campaign), Math.Min(witnesses, 3) * Spam.Weight)];
        }
        if (campaign.WantedBy > 0 && campaign.SpamBy == 0 && proved) return [Wanted.Found()];
        // Nobody has said anything yet. A newsletter of one proved sender reaches many and means nothing.
        if (campaign.IsOneProvedSender || campaign.WantedBy > 0) return [];
        var findings = new List<Finding>(2);
        if (campaign.Condemned >= ManyCondemned && campaign.Condemned * 2 > campaign.Members) findings.Add(Condemned.Found());
        if (campaign is { Networks: >= SpreadNetworks, Domains: >= SpreadDomains, Strangers: >= SpreadStrangers }) findings.Add(Spread.Found());
        return findings;
    }

    private static string Witnesses(CampaignView campaign) => campaign.SpamBy switch
    {
        0 => "Nearly the same message came to an address here that nobody uses.",
        1 => "A recipient here said that nearly the same message is spam.",
        _ => $"{campaign.SpamBy} recipients here said that nearly the same message is spam.",
    };
}
