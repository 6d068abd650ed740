using System.Globalization;
using System.Text;

namespace Sternpost.Fuzz.Engine;

/// <summary>Makes a new input of one that is worth something: a few random changes, of octets, of lines, of numbers, of words of the grammar.</summary>
internal sealed class Mutations(Random random, IReadOnlyList<string> words, int maxLength)
{
    private static readonly byte[] Octets = [0, 1, 9, 10, 13, 32, 34, 40, 41, 46, 58, 59, 60, 61, 64, 92, 127, 128, 0xC0, 0xC3, 0xE2, 0xF0, 0xFF];
    private static readonly string[] Numbers = ["0", "-1", "1", "2", "9", "10", "127", "128", "255", "256", "32768", "65535", "65536", "2147483647", "2147483648", "4294967296", "9223372036854775807", "99999999999999999999", "1e9", "0x10", "007", "253402300800"];

    private readonly byte[][] dictionary = [.. words.Select(Encoding.Latin1.GetBytes)];

    internal byte[] Of(byte[] input, byte[] other)
    {
        var octets = new List<byte>(input.Length + 64);
        octets.AddRange(input);
        for (var changes = 1 << random.Next(5); changes > 0; changes--) Change(octets, other);
        if (octets.Count > maxLength) octets.RemoveRange(maxLength, octets.Count - maxLength);
        return [.. octets];
    }

    private void Change(List<byte> octets, byte[] other)
    {
        var at = random.Next(octets.Count + 1);
        switch (random.Next(14))
        {
            case 0 when at < octets.Count: octets[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < octets.Count: octets[at] = (byte)random.Next(256); break;
            case 2 when at < octets.Count: octets[at] = Octets[random.Next(Octets.Length)]; break;
            case 3: octets.Insert(at, Octets[random.Next(Octets.Length)]); break;
            case 4: Remove(octets, at); break;
            case 5 when dictionary.Length > 0: octets.InsertRange(at, dictionary[random.Next(dictionary.Length)]); break;
            case 6 when dictionary.Length > 0: Overwrite(octets, at, dictionary[random.Next(dictionary.Length)]); break;
            case 7: Repeat(octets, at); break;
            case 8: Splice(octets, at, other); break;
            case 9: ChangeNumber(octets, at); break;
            case 10: MoveLine(octets, at); break;
            case 11: ChangeCase(octets, at); break;
            case 12: Move(octets, at); break;
            default: Field(octets, at); break;
        }
    }

    private int Short(int most) => most <= 0 ? 0 : Math.Min(most, 1 + (int)(Math.Pow(random.NextDouble(), 3) * 256));

    private void Remove(List<byte> octets, int at) => octets.RemoveRange(at, Short(octets.Count - at));

    private static void Overwrite(List<byte> octets, int at, byte[] word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (at + i < octets.Count) octets[at + i] = word[i];
            else octets.Add(word[i]);
        }
    }

    // A piece again and again, which is how sizes and depths get out of hand.
    private void Repeat(List<byte> octets, int at)
    {
        var piece = octets.GetRange(at, Short(octets.Count - at)).ToArray();
        if (piece.Length == 0) return;
        var times = random.Next(10) == 0 ? (maxLength - octets.Count) / piece.Length : 1 << random.Next(7);
        times = Math.Min(times, (maxLength - octets.Count) / piece.Length);
        var all = new byte[Math.Max(0, times) * piece.Length];
        for (var i = 0; i < all.Length; i++) all[i] = piece[i % piece.Length];
        octets.InsertRange(at, all);
    }

    private void Splice(List<byte> octets, int at, byte[] other)
    {
        if (other.Length == 0) return;
        var from = random.Next(other.Length);
        var piece = other.AsSpan(from, random.Next(other.Length - from) + 1).ToArray();
        if (random.Next(2) == 0) octets.RemoveRange(at, octets.Count - at);
        octets.InsertRange(at, piece);
    }

    private void ChangeNumber(List<byte> octets, int at)
    {
        while (at < octets.Count && octets[at] is < (byte)'0' or > (byte)'9') at++;
        var end = at;
        while (end < octets.Count && octets[end] is >= (byte)'0' and <= (byte)'9') end++;
        octets.RemoveRange(at, end - at);
        var number = random.Next(3) == 0 ? random.NextInt64().ToString(CultureInfo.InvariantCulture) : Numbers[random.Next(Numbers.Length)];
        octets.InsertRange(at, Encoding.ASCII.GetBytes(number));
    }

    // A line twice, or elsewhere, or gone: order and number of fields.
    private void MoveLine(List<byte> octets, int at)
    {
        var start = at == 0 ? 0 : octets.LastIndexOf((byte)'\n', at - 1) + 1;
        var feed = start < octets.Count ? octets.IndexOf((byte)'\n', start) : -1;
        var line = octets.GetRange(start, (feed < 0 ? octets.Count : feed + 1) - start).ToArray();
        if (random.Next(2) == 0) octets.RemoveRange(start, line.Length);
        if (random.Next(4) == 0) return;
        var to = random.Next(octets.Count + 1);
        octets.InsertRange(to == 0 ? 0 : octets.LastIndexOf((byte)'\n', to - 1) + 1, line);
    }

    private void ChangeCase(List<byte> octets, int at)
    {
        for (var end = Math.Min(octets.Count, at + Short(16)); at < end; at++)
        {
            if (char.IsAsciiLetter((char)octets[at])) octets[at] ^= 0x20;
        }
    }

    private void Move(List<byte> octets, int at)
    {
        var piece = octets.GetRange(at, Short(octets.Count - at)).ToArray();
        if (random.Next(2) == 0) octets.RemoveRange(at, piece.Length);
        octets.InsertRange(random.Next(octets.Count + 1), piece);
    }

    // What lies between two separators, gone or twice or empty.
    private void Field(List<byte> octets, int at)
    {
        ReadOnlySpan<byte> separators = ";:,=.<>\"()\r\n"u8;
        var start = at;
        while (start > 0 && !separators.Contains(octets[start - 1])) start--;
        var end = at;
        while (end < octets.Count && !separators.Contains(octets[end])) end++;
        var piece = octets.GetRange(start, end - start).ToArray();
        switch (random.Next(3))
        {
            case 0: octets.RemoveRange(start, piece.Length); break;
            case 1: octets.InsertRange(end, (byte[])[end < octets.Count ? octets[end] : (byte)';', .. piece]); break;
            default: octets.InsertRange(start, "\r\n "u8.ToArray()); break;
        }
    }
}
