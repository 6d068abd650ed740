using System.Numerics;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Campaigns;

/// <summary>Messages with nearly the same text: how many they reached, from how many places, and what people said of them. Kept by its book, under its lock.</summary>
internal sealed class Campaign(long id, TextSketch sketch)
{
    private ulong recipients;
    private ulong strangers;
    private ulong networks;
    private ulong domains;
    private ulong proved;
    private ulong spamBy;
    private ulong wantedBy;

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

    /// <summary>Counts of different accounts, networks and author domains; from 64 on they stay there.</summary>
    internal int Recipients => BitOperations.PopCount(recipients);

    internal int Strangers => BitOperations.PopCount(strangers);

    internal int Networks => BitOperations.PopCount(networks);

    internal int Domains => BitOperations.PopCount(domains);

    /// <summary>Accounts that said it is spam.</summary>
    internal int SpamBy => BitOperations.PopCount(spamBy);

    /// <summary>Accounts that said it is wanted.</summary>
    internal int WantedBy => BitOperations.PopCount(wantedBy);

    /// <summary>True where every member proved its author, and all of them are of one domain: a newsletter, an invoice run, a list.</summary>
    internal bool IsOneProvedSender => Unproved == 0 && BitOperations.PopCount(proved) == 1;

    private int Unproved { get; set; }

    internal void Add(MessageFacts facts, Disposition disposition, bool condemned, long now)
    {
        LastSeen = Math.Max(LastSeen, now);
        Members++;
        if (condemned && disposition != Disposition.Accept) Condemned++;
        if (facts.Is(FactBits.Trap)) Trapped++;
        foreach (var account in facts.Accounts)
        {
            recipients |= Bit(account);
            if (facts.Is(FactBits.FirstContact)) strangers |= Bit(account);
        }
        foreach (var (kind, key) in facts.Keys)
        {
            if (kind == EvidenceKind.Network) networks |= Bit(key);
        }
        if (facts.SenderDomain.Length > 0) domains |= Bit(EvidenceKey.Of(EvidenceKind.SenderDomain, facts.SenderDomain));
        if (facts.ProvedDomain is null) Unproved++;
        else proved |= Bit(EvidenceKey.Of(EvidenceKind.SenderDomain, facts.ProvedDomain));
    }

    internal void Testify(long account, bool? spam)
    {
        var bit = Bit(account);
        (spamBy, wantedBy) = (spamBy & ~bit, wantedBy & ~bit);
        if (spam is true) spamBy |= bit;
        else if (spam is false) wantedBy |= bit;
    }

    private static ulong Bit(long number) => 1ul << (int)((ulong)EvidenceKey.Of(EvidenceKind.Teacher, number) % 64);
}
