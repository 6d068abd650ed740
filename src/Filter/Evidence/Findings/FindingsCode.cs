using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Findings;

/// <summary>
/// Findings in a few octets each: the symbol's number and where it compels the message to, then the weight in thousandths, both as
/// varints (the weight zigzag). Reading tolerates what is damaged: it ends there.
/// </summary>
internal static class FindingsCode
{
    private const int MostFindings = 200;

    internal static byte[] Write(IReadOnlyList<Finding> findings, Func<string, long> numberOf)
    {
        var octets = new List<byte>(findings.Count * 5);
        for (var i = 0; i < findings.Count && i < MostFindings; i++)
        {
            var finding = findings[i];
            var compels = finding.Compels is { } where ? (ulong)where + 1 : 0;
            Varint(octets, ((ulong)numberOf(finding.Symbol) << 2) | compels);
            var weight = Thousandths(finding.Weight);
            Varint(octets, (ulong)((weight << 1) ^ (weight >> 63)));
        }
        return [.. octets];
    }

    internal static List<Finding> Read(ReadOnlySpan<byte> octets, Func<long, string?> nameOf)
    {
        var findings = new List<Finding>();
        while (findings.Count < MostFindings && TryVarint(ref octets, out var head) && TryVarint(ref octets, out var coded))
        {
            var weight = (long)(coded >> 1) ^ -(long)(coded & 1);
            if (nameOf((long)(head >> 2)) is not { } name) continue;
            findings.Add(new Finding(name, weight / 1000.0, "") { Compels = (head & 3) == 0 ? null : (Disposition)((head & 3) - 1) });
        }
        return findings;
    }

    internal static long Thousandths(double logOdds) => (long)Math.Round(Math.Clamp(logOdds, -1e6, 1e6) * 1000);

    private static void Varint(List<byte> octets, ulong value)
    {
        for (; value >= 0x80; value >>= 7) octets.Add((byte)(value | 0x80));
        octets.Add((byte)value);
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> octets, out ulong value)
    {
        value = 0;
        for (var i = 0; i < octets.Length && i < 10; i++)
        {
            value |= (ulong)(octets[i] & 0x7F) << (7 * i);
            if (octets[i] >= 0x80) continue;
            octets = octets[(i + 1)..];
            return true;
        }
        return false;
    }
}
