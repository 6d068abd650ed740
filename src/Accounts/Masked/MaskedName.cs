using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Accounts.Masked;

/// <summary>The local part of a masked address: the shop's name as far as it is plain, so that people know it again, and a random part that nobody guesses.</summary>
internal static class MaskedName
{
    private const int MostOfShop = 20;

    // 32 letters without those that are taken for one another: 60 bits in 12, while who tries names at RCPT is sent away after a few dozen.
    private const string Letters = "23456789abcdefghjkmnpqrstuvwxyz0";
    private const int RandomLetters = 12;

    // Müller gives muller.
    private const string Marked = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßąćęłńśźżčďěňřšťůžğış";
    private const string Plain = "aaaaaaaceeeeiiiinoooooouuuuyysacelnszzcdenrstuzgis";

    internal static string Make(string shop)
    {
        var name = new StringBuilder(MostOfShop + 1 + RandomLetters);
        foreach (var letter in shop.ToLowerInvariant())
        {
            if (name.Length == MostOfShop) break;
            var c = Marked.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at ? Plain[at] : letter;
            if (char.IsAsciiLetterOrDigit(c)) name.Append(c);
            else if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator && name.Length > 0 && name[^1] != '-') name.Append('-');
        }
        while (name.Length > 0 && name[^1] == '-') name.Length--;
        if (name.Length == 0) name.Append("shop");
        return name.Append('.').Append(RandomNumberGenerator.GetString(Letters, RandomLetters)).ToString();
    }
}
