using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sternpost.Messages.Text;

namespace Sternpost.Accounts.Passwords;

/// <summary>
/// A password as it is hashed: SASLprep (RFC 4013 §2), which SCRAM clients apply themselves, but with normal form C as its successor
/// has it (RFC 8265 §4.2.2) instead of KC. Other spaces become a space, characters mapped to nothing go, full-width ASCII becomes
/// ASCII, composed and decomposed letters are one, controls are refused. Ligatures and the like, which KC would take apart, stay.
/// </summary>
internal static class PreparedPassword
{
    /// <summary>Most octets of a password, in UTF-8; more than any person types, so that hashing has a bound.</summary>
    internal const int MaxOctets = 512;

    internal static bool TryPrepare(string password, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (password.Length > MaxOctets) return false;
        var text = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            // An unpaired surrogate reads as U+FFFD, which RFC 3454 table C.6 prohibits.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar) return false;
            if (IsMappedToNothing(rune.Value)) continue;
            if (IsOtherSpace(rune.Value)) text.Append(' ');
            else if (rune.Value is >= 0xFF01 and <= 0xFF5E) text.Append((char)(rune.Value - 0xFF01 + '!'));
            else text.Append(rune.ToString());
        }
        var prepared = Encoding.UTF8.GetBytes(NormalFormC.Of(text.ToString()));
        if (prepared.Length is 0 or > MaxOctets) return false;
        octets = prepared;
        return true;
    }

    // RFC 3454 table C.1.2.
    private static bool IsOtherSpace(int c) => c is 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x202F or 0x205F or 0x3000;

    // RFC 3454 table B.1. U+200B stands in both tables; Unicode no longer calls it a space.
    private static bool IsMappedToNothing(int c) =>
        c is 0xAD or 0x34F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0x200B and <= 0x200D) or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;
}
