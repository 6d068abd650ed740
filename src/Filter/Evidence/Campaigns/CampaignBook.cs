using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Campaigns;

/// <summary>
/// The campaigns of the last days in memory, found by their sketches. Bounded: the ones not seen for longest are forgotten, after
/// three days at the latest. A start of the server fills it again from the findings that are kept.
/// </summary>
internal sealed class CampaignBook(TimeProvider time)
{
    /// <summary>How long a campaign is remembered after its last member.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromHours(72);

    // Of sixteen numbers: some 0.7 of the shingles.
    private const int Alike = 11;

    // About a kilobyte each with its bands.
    private const int Most = 30_000;

    private readonly Lock guard = new();
    private readonly Dictionary<long, Campaign> campaigns = [];
    private readonly Dictionary<ulong, Campaign> bands = [];

    /// <summary>What is known of the campaign a text belongs to; null where it is new.</summary>
    internal CampaignView? Find(TextSketch sketch)
    {
        if (sketch.IsEmpty) return null;
        lock (guard) return Search(sketch) is { } campaign ? CampaignView.Of(campaign) : null;
    }

    /// <summary>What is known of a campaign by its id.</summary>
    internal CampaignView? Find(long id)
    {
        lock (guard) return campaigns.TryGetValue(id, out var campaign) ? CampaignView.Of(campaign) : null;
    }

    /// <summary>Counts a message into its campaign, beginning one where there is none; answers its id, 0 for a text too short to tell.</summary>
    internal long Add(MessageFacts facts, Disposition disposition, bool condemned)
    {
        if (facts.Sketch.IsEmpty) return 0;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (guard)
        {
            var campaign = Search(facts.Sketch) ?? Begin(facts.Id, facts.Sketch);
            campaign.Add(facts, disposition, condemned, now);
            return campaign.Id;
        }
    }

    /// <summary>An account says what it thinks of a member; null takes that back. Answers the campaign as it is then.</summary>
    internal CampaignView? Testify(long id, long account, bool? spam)
    {
        lock (guard)
        {
            if (!campaigns.TryGetValue(id, out var campaign)) return null;
            campaign.Testify(account, spam);
            return CampaignView.Of(campaign);
        }
    }

    /// <summary>A campaign that was stored: begun again under its id.</summary>
    internal void Restore(long id, TextSketch sketch, MessageFacts facts, Disposition disposition, bool condemned, long seen)
    {
        if (sketch.IsEmpty) return;
        lock (guard)
        {
            if (!campaigns.TryGetValue(id, out var campaign)) campaign = Begin(id, sketch);
            campaign.Add(facts, disposition, condemned, seen);
        }
    }

    private Campaign? Search(TextSketch sketch)
    {
        var oldest = (time.GetUtcNow() - Remembered).ToUnixTimeMilliseconds();
        Campaign? best = null;
        var shared = Alike - 1;
        for (var band = 0; band < TextSketch.Bands; band++)
        {
            if (!bands.TryGetValue(sketch.Band(band), out var candidate) || candidate == best || candidate.LastSeen < oldest) continue;
            var alike = candidate.Sketch.Shared(sketch);
            if (alike > shared) (best, shared) = (candidate, alike);
        }
        return best;
    }

    private Campaign Begin(long id, TextSketch sketch)
    {
        if (campaigns.Count >= Most) ForgetOldest();
        var campaign = new Campaign(id, sketch);
        campaigns[id] = campaign;
        for (var band = 0; band < TextSketch.Bands; band++) bands[sketch.Band(band)] = campaign;
        return campaign;
    }

    private void ForgetOldest()
    {
        foreach (var old in campaigns.Values.OrderBy(campaign => campaign.LastSeen).Take(Most / 10).ToList())
        {
            campaigns.Remove(old.Id);
            for (var band = 0; band < TextSketch.Bands; band++)
            {
                // A younger campaign may have taken the band over.
                if (bands.TryGetValue(old.Sketch.Band(band), out var holder) && holder == old) bands.Remove(old.Sketch.Band(band));
            }
        }
    }
}

/// <summary>A campaign at one moment.</summary>
internal sealed record CampaignView(long Id, int Members, int Condemned, int Trapped, int Recipients, int Strangers, int Networks, int Domains, int SpamBy, int WantedBy, bool IsOneProvedSender)
{
    internal static CampaignView Of(Campaign campaign) => new(
        campaign.Id, campaign.Members, campaign.Condemned, campaign.Trapped, campaign.Recipients, campaign.Strangers, campaign.Networks, campaign.Domains, campaign.SpamBy, campaign.WantedBy, campaign.IsOneProvedSender);
}
