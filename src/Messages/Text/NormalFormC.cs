using System.Globalization;
using System.Text;

namespace Sternpost.Messages.Text;

/// <summary>
/// Unicode normal form C (UAX #15). Ours, because the process runs with the invariant culture, under which .NET returns every text
/// unchanged; two spellings of one mailbox name would then be two mailboxes, and a password typed on another system another one.
/// </summary>
public static class NormalFormC
{
    private const int HangulFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailFirst = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Tables> Data = new(Tables.Load);

    /// <summary>The text in normal form C; unpaired surrogates become U+FFFD where anything had to be changed.</summary>
    public static string Of(string text)
    {
        // Nothing below the first combining mark decomposes and composes again to anything else.
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02ff') < 0) return text;
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, points);
        Order(points);
        Compose(points);
        var composed = new StringBuilder(points.Count);
        foreach (var point in points) composed.Append(new Rune(point));
        return composed.ToString();
    }

    private static void Decompose(int point, List<int> into)
    {
        if (point is >= HangulFirst and < HangulFirst + HangulCount)
        {
            var index = point - HangulFirst;
            into.Add(LeadFirst + (index / (VowelCount * TailCount)));
            into.Add(VowelFirst + (index % (VowelCount * TailCount) / TailCount));
            if (index % TailCount != 0) into.Add(TailFirst + (index % TailCount));
        }
        else if (Data.Value.Decompositions.TryGetValue(point, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0) into.Add(parts.Second);
        }
        else
        {
            into.Add(point);
        }
    }

    // Marks in a row are put in the order of their classes, those of one class kept in theirs.
    private static void Order(List<int> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var point = points[i];
            var rank = Class(point);
            if (rank == 0) continue;
            var at = i;
            for (; at > 0 && Class(points[at - 1]) > rank; at--) points[at] = points[at - 1];
            points[at] = point;
        }
    }

    private static void Compose(List<int> points)
    {
        var kept = 0;
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points.ToArray())
        {
            var rank = Class(point);
            // Blocked is a mark behind another of its class or a higher one, and a starter behind any mark.
            var isNext = starter >= 0 && (starter == kept - 1 || (rank != 0 && lastClass < rank));
            if (isNext && Composite(points[starter], point) is { } whole)
            {
                points[starter] = whole;
                continue;
            }
            if (rank == 0) starter = kept;
            lastClass = rank;
            points[kept++] = point;
        }
        points.RemoveRange(kept, points.Count - kept);
    }

    private static int? Composite(int first, int second)
    {
        if (first is >= LeadFirst and < LeadFirst + LeadCount && second is >= VowelFirst and < VowelFirst + VowelCount)
            return HangulFirst + ((((first - LeadFirst) * VowelCount) + second - VowelFirst) * TailCount);
        if (first is >= HangulFirst and < HangulFirst + HangulCount && (first - HangulFirst) % TailCount == 0 && second is > TailFirst and < TailFirst + TailCount)
            return first + second - TailFirst;
        return Data.Value.Compositions.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int Class(int point) => point < 0x300 ? 0 : Data.Value.Classes.GetValueOrDefault(point);

    private sealed record Tables(Dictionary<int, (int First, int Second)> Decompositions, Dictionary<(int First, int Second), int> Compositions, Dictionary<int, byte> Classes)
    {
        internal static Tables Load()
        {
            var tables = new Tables([], [], []);
            using var reader = new StreamReader(typeof(NormalFormC).Assembly.GetManifestResourceStream("NormalFormC.txt")!);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#') continue;
                var words = line.TrimStart('!').Split(' ', '-');
                if (line.Contains('-', StringComparison.Ordinal))
                {
                    for (var point = Hex(words[0]); point <= Hex(words[1]); point++) tables.Classes[point] = byte.Parse(words[2], CultureInfo.InvariantCulture);
                    continue;
                }
                var parts = (First: Hex(words[1]), Second: words.Length > 2 ? Hex(words[2]) : 0);
                tables.Decompositions[Hex(words[0])] = parts;
                if (line[0] != '!' && parts.Second != 0) tables.Compositions[parts] = Hex(words[0]);
            }
            return tables;
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
