namespace Sternpost.Filter.Views;

/// <summary>
/// The part of NFKC that spam uses to write letters that are not letters: full-width, mathematical, circled and squared forms
/// to ASCII, Latin accents dropped. A table of our own because the invariant-globalization runtime normalises only ASCII.
/// </summary>
internal static class CharacterFolding
{
    /// <summary>Answer of <see cref="FoldSupplementary"/> for tag characters and variation selectors.</summary>
    internal const char Dropped = '\u200B';

    // U+00C0 to U+017F without their accents; '\0' keeps the letter.
    private const string LatinBase =
        "AAAAAAACEEEEIIIIDNOOOOO\0OUUUUYTsaaaaaaaceeeeiiiidnooooo\0ouuuuyty"
        + "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

    internal static bool IsInvisible(char c) => c switch
    {
        '\u00AD' or '\u034F' or '\u061C' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u3164' or '\uFEFF' or '\uFFA0' => true,
        >= '\u180B' and <= '\u180E' => true,
        >= '\u200B' and <= '\u200F' => true,
        >= '\u202A' and <= '\u202E' => true,
        >= '\u2060' and <= '\u206F' => true,
        >= '\uFE00' and <= '\uFE0F' => true,
        _ => false,
    };

    internal static char Fold(char c)
    {
        if (c is >= '\u00C0' and <= '\u017F' && LatinBase[c - 0xC0] is not '\0' and var plain) return plain;
        return c switch
        {
            >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
            >= '\u24B6' and <= '\u24CF' => (char)(c - 0x24B6 + 'A'),
            >= '\u24D0' and <= '\u24E9' => (char)(c - 0x24D0 + 'a'),
            >= '\u249C' and <= '\u24B5' => (char)(c - 0x249C + 'a'),
            >= '\u2460' and <= '\u2468' => (char)(c - 0x2460 + '1'),
            '\u2018' or '\u2019' or '\u201B' or '\u2032' => '\'',
            '\u201C' or '\u201D' or '\u201E' or '\u2033' => '"',
            >= '\u2010' and <= '\u2015' => '-',
            '\u2024' or '\u3002' => '.',
            '\u2044' or '\u2215' => '/',
            _ => c,
        };
    }

    /// <summary>The plain letter or digit, <see cref="Dropped"/> for an invisible character, '\0' to keep the pair as it is.</summary>
    internal static char FoldSupplementary(int scalar) => scalar switch
    {
        // Mathematical alphanumerics: thirteen alphabets of 52 letters, then five rows of digits.
        >= 0x1D400 and <= 0x1D6A3 => MathematicalLetter((scalar - 0x1D400) % 52),
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((scalar - 0x1D7CE) % 10)),
        >= 0x1F130 and <= 0x1F149 => (char)(scalar - 0x1F130 + 'A'),
        >= 0x1F150 and <= 0x1F169 => (char)(scalar - 0x1F150 + 'A'),
        >= 0x1F170 and <= 0x1F189 => (char)(scalar - 0x1F170 + 'A'),
        >= 0xE0000 and <= 0xE01EF => Dropped,
        _ => '\0',
    };

    private static char MathematicalLetter(int index) => (char)(index < 26 ? 'A' + index : 'a' + index - 26);
}
