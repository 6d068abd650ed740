using System.Buffers.Binary;
using Sternpost.Filter.Classifier;

namespace Sternpost.Filter.Evidence.Campaigns;

/// <summary>
/// Sixteen numbers that two messages share as far as they share their text: a minhash in one pass over its shingles of three words. What
/// changes from copy to copy is left out: digits, the recipient's own names, and of addresses all but the domain. So a
/// campaign has one sketch, whatever it calls its readers.
/// </summary>
internal readonly struct TextSketch
{
    /// <summary>Numbers in a sketch.</summary>
    internal const int Bins = 16;

    /// <summary>Numbers of a band; two sketches that share a band are compared.</summary>
    internal const int BandSize = 2;

    /// <summary>Bands of a sketch.</summary>
    internal const int Bands = Bins / BandSize;

    /// <summary>Octets of a sketch as stored.</summary>
    internal const int Octets = Bins * 2;

    // Fewer say too little: every "Thanks, see you tomorrow" would be one campaign.
    private const int FewestShingles = 24;
    private const int MostCharacters = 6000;
    private const int MostLinks = 30;

    private readonly ushort[]? bins;

    private TextSketch(ushort[] bins) => this.bins = bins;

    /// <summary>True where the text was too short to tell.</summary>
    internal bool IsEmpty => bins is null;

    internal static TextSketch Of(MessageUnderJudgement message)
    {
        Span<uint> smallest = stackalloc uint[Bins];
        smallest.Fill(uint.MaxValue);
        var personal = Personal(message);
        var text = message.Text.Visible;
        if (text.Length > MostCharacters) text = text[..MostCharacters];
        uint first = 0, second = 0;
        var (position, shingles) = (0, 0);
        while (Words.Next(text, ref position, out var word))
        {
            if (word.IndexOfAnyInRange('0', '9') >= 0 || IsPersonal(word, personal)) continue;
            var hash = WordHash.Of(0, word);
            if (shingles++ >= 2) Add(smallest, WordHash.Pair(WordHash.Pair(first, second), hash));
            (first, second) = (second, hash);
        }
        for (var i = 0; i < message.Text.Links.Count && i < MostLinks; i++)
        {
            var link = message.Text.Links[i];
            var domain = link.IsImage ? default : RegisteredOf(link.Host);
            if (!domain.IsEmpty) Add(smallest, WordHash.Of(1, domain));
        }
        return shingles < FewestShingles ? default : new TextSketch(Densify(smallest));
    }

    /// <summary>How many of the sixteen numbers are the same.</summary>
    internal int Shared(TextSketch other)
    {
        if (bins is null || other.bins is null) return 0;
        var shared = 0;
        for (var i = 0; i < Bins; i++)
        {
            if (bins[i] == other.bins[i]) shared++;
        }
        return shared;
    }

    /// <summary>The number of a band, with the band's own place in it.</summary>
    internal ulong Band(int band) => ((ulong)band << 32) | ((ulong)bins![band * BandSize] << 16) | bins[(band * BandSize) + 1];

    internal byte[] ToBytes()
    {
        if (bins is null) return [];
        var octets = new byte[Octets];
        for (var i = 0; i < Bins; i++) BinaryPrimitives.WriteUInt16LittleEndian(octets.AsSpan(i * 2), bins[i]);
        return octets;
    }

    internal static TextSketch Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Octets) return default;
        var bins = new ushort[Bins];
        for (var i = 0; i < Bins; i++) bins[i] = BinaryPrimitives.ReadUInt16LittleEndian(octets[(i * 2)..]);
        return new TextSketch(bins);
    }

    private static void Add(Span<uint> smallest, uint hash)
    {
        ref var bin = ref smallest[(int)(hash & (Bins - 1))];
        hash >>= 4;
        if (hash < bin) bin = hash;
    }

    // An empty bin takes the next full one's number, changed by the distance, so that short texts compare as well as long ones.
    private static ushort[] Densify(Span<uint> smallest)
    {
        var bins = new ushort[Bins];
        for (var i = 0; i < Bins; i++)
        {
            var distance = 0;
            while (distance < Bins && smallest[(i + distance) % Bins] == uint.MaxValue) distance++;
            var value = smallest[(i + distance) % Bins];
            bins[i] = (ushort)(WordHash.Pair(value, (uint)distance) >> 16);
        }
        return bins;
    }

    private static List<string> Personal(MessageUnderJudgement message)
    {
        var names = new List<string>();
        foreach (var recipient in message.Envelope.Recipients)
        {
            if (names.Count >= 12) break;
            names.Add(recipient.Address.LocalPart);
            names.Add(recipient.Address.Domain.Ascii);
            foreach (var part in recipient.Address.LocalPart.Split('.', '-', '_', '+'))
            {
                if (part.Length > 2) names.Add(part);
            }
        }
        return names;
    }

    private static bool IsPersonal(ReadOnlySpan<char> word, List<string> names)
    {
        // An address or a host: its domain is counted with the links.
        if (word.Contains('@')) return true;
        foreach (var name in names)
        {
            if (word.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static ReadOnlySpan<char> RegisteredOf(ReadOnlySpan<char> host)
    {
        var registered = Dns.PublicSuffixes.RegistrableDomain(host);
        return registered.IsEmpty ? host : registered;
    }
}
