namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>Rough frequencies of octets in mail, to choose what to look for first. Only speed depends on them.</summary>
internal static class LetterFrequency
{
    private static readonly double[] Table = Make();

    /// <summary>Occurrences in a thousand octets, cases taken together.</summary>
    internal static double Of(int octet) => Table[octet];

    /// <summary>The share of octets that are of the set, 0 to 1, about.</summary>
    internal static double Of(ByteSet set)
    {
        var sum = 0.0;
        for (var octet = 0; octet < 256; octet++)
        {
            // A letter that is asked for in both cases counts once.
            if (set.Contains(octet) && !(octet is >= 'A' and <= 'Z' && set.Contains(octet | 0x20))) sum += octet is >= 'A' and <= 'Z' ? Table[octet] / 8 : Table[octet];
        }
        return sum / 1000;
    }

    /// <summary>About how often a lower-case literal occurs at a place, in whatever case.</summary>
    internal static double Of(string literal)
    {
        var product = 1.0;
        foreach (var c in literal) product *= Table[ByteText.Octet(c)] / 1000;
        return product;
    }

    private static double[] Make()
    {
        var table = new double[256];
        for (var octet = 0; octet < 256; octet++) table[octet] = octet < 32 ? 0.1 : octet < 128 ? 2 : 0.3;
        const string ByRank = " etaoinsrlhdcumpfgwybvkjxzq";
        double[] thousand = [150, 90, 70, 62, 60, 55, 55, 50, 48, 36, 35, 30, 28, 24, 22, 18, 16, 14, 13, 12, 12, 8, 6, 2, 2, 1.5, 1];
        for (var i = 0; i < ByRank.Length; i++)
        {
            table[ByRank[i]] = thousand[i];
            table[char.ToUpperInvariant(ByRank[i])] = thousand[i];
        }
        table['.'] = table[','] = table['-'] = table['/'] = table['\n'] = 15;
        for (var digit = '0'; digit <= '9'; digit++) table[digit] = 6;
        return table;
    }
}
