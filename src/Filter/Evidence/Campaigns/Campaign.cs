using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Campaigns;

/// <summary>Messages with nearly the same text: how many they reached, from how many places, and what people said of them. Kept by its book, under its lock.</summary>
internal sealed class Campaign(long id, TextSketch sketch)
{
    private readonly Distinct recipients = new();
    private readonly Distinct strangers = new();
    private readonly Distinct networks = new();
    private readonly Distinct domains = new();
    private readonly Distinct proved = new();
    private readonly Distinct spamBy = new();
    private readonly Distinct wantedBy = new();

    /// <summary>The id of its first message.</summary>
    internal long Id { get; } = id;

    internal TextSketch Sketch { get; } = sketch;

    /// <summary>When the last one came, Unix milliseconds.</summary>
    internal long LastSeen { get; private set; }

    internal int Members { get; private set; }

    /// <summary>Members that this server itself refused or filed as junk with some certainty.</summary>
    internal int Condemned { get; private set; }

    /// <summary>Members that came to an address nobody uses.</summary>
    internal int Trapped { get; private set; }

    /// <summary>Counts of different accounts, networks and author domains; from sixteen on they stay there.</summary>
    internal int Recipients => recipients.Count;

    internal int Strangers => strangers.Count;

    internal int Networks => networks.Count;

    internal int Domains => domains.Count;

    /// <summary>Accounts that said it is spam.</summary>
    internal int SpamBy => spamBy.Count;

    /// <summary>Accounts that said it is wanted.</summary>
    internal int WantedBy => wantedBy.Count;

    /// <summary>True where every member proved its author, and all of them are of one domain: a newsletter, an invoice run, a list.</summary>
    internal bool IsOneProvedSender => Unproved == 0 && proved.Count == 1;

    private int Unproved { get; set; }

    internal void Add(MessageFacts facts, Disposition disposition, bool condemned, long now)
    {
        LastSeen = Math.Max(LastSeen, now);
        Members++;
        if (condemned && disposition != Disposition.Accept) Condemned++;
        if (facts.Is(FactBits.Trap)) Trapped++;
        foreach (var account in facts.Accounts)
        {
            recipients.Add(account);
            if (facts.Is(FactBits.FirstContact)) strangers.Add(account);
        }
        foreach (var (kind, key) in facts.Keys)
        {
            if (kind == EvidenceKind.Network) networks.Add(key);
        }
        if (facts.SenderDomain.Length > 0) domains.Add(EvidenceKey.Of(EvidenceKind.SenderDomain, facts.SenderDomain));
        if (facts.ProvedDomain is null) Unproved++;
        else proved.Add(EvidenceKey.Of(EvidenceKind.SenderDomain, facts.ProvedDomain));
    }

    internal void Testify(long account, bool? spam)
    {
        spamBy.Remove(account);
        wantedBy.Remove(account);
        if (spam is true) spamBy.Add(account);
        else if (spam is false) wantedBy.Add(account);
    }

    /// <summary>How many different numbers there were, as far as sixteen. Most campaigns have one member, so it begins with nothing.</summary>
    private sealed class Distinct
    {
        private const int Most = 16;
        private List<long>? numbers;

        internal int Count => numbers?.Count ?? 0;

        internal void Add(long number)
        {
            numbers ??= new List<long>(1);
            if (numbers.Count < Most && !numbers.Contains(number)) numbers.Add(number);
        }

        internal void Remove(long number) => numbers?.Remove(number);
    }
}
