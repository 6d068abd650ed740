namespace Sternpost.Imap.Grammar;

/// <summary>What a client that knows QRESYNC says it has (RFC 7162 §3.2.5).</summary>
/// <param name="UidValidity">The uidvalidity it remembers.</param>
/// <param name="ModSeq">The highest modseq it has seen.</param>
/// <param name="KnownUids">The uids it has; null for all.</param>
/// <param name="SequenceMatch">Sequence numbers and, pair by pair, the uids they had; null where not given.</param>
internal sealed record QuickResync(uint UidValidity, long ModSeq, SequenceSet? KnownUids, (SequenceSet Numbers, SequenceSet Uids)? SequenceMatch);

/// <summary>select-params (RFC 4466 §2.1, RFC 7162 §7).</summary>
internal static class SelectGrammar
{
    /// <summary>[SP "(" select-param *(SP select-param) ")"].</summary>
    internal static bool TryParameters(ref ImapScanner scanner, out bool condstore, out QuickResync? resync)
    {
        condstore = false;
        resync = null;
        if (!scanner.Take(' ')) return true;
        if (!scanner.Expect('(')) return false;
        do
        {
            if (!scanner.Name(out var name)) return false;
            switch (name)
            {
                case "CONDSTORE":
                    condstore = true;
                    break;
                case "QRESYNC":
                    if (!TryResync(ref scanner, out resync)) return false;
                    break;
                default:
                    return scanner.Fail($"There is no SELECT parameter {name}");
            }
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }

    // "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" (RFC 7162 §7).
    private static bool TryResync(ref ImapScanner scanner, out QuickResync? resync)
    {
        resync = null;
        if (!scanner.Space() || !scanner.Expect('(') || !scanner.NzNumber(out var uidValidity) || !scanner.Space() || !scanner.Number(out var modSeq)) return false;
        SequenceSet? known = null;
        (SequenceSet, SequenceSet)? match = null;
        while (scanner.Take(' '))
        {
            if (scanner.Take('('))
            {
                if (!SequenceSet.TryParse(ref scanner, out var numbers) || !scanner.Space() || !SequenceSet.TryParse(ref scanner, out var uids) || !scanner.Expect(')')) return false;
                match = (numbers, uids);
                break;
            }
            if (known is not null) return scanner.Fail("QRESYNC takes one set of known uids");
            if (!SequenceSet.TryParse(ref scanner, out var set)) return false;
            known = set;
        }
        resync = new QuickResync(uidValidity, modSeq, known, match);
        return scanner.Expect(')');
    }
}
