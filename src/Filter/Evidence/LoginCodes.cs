using Sternpost.Filter.Judges;

namespace Sternpost.Filter.Evidence;

/// <summary>
/// Tells messages that carry a code to sign in or to confirm with: short, with a word for it close to a code. They are never delayed
/// and never set aside in a burst, because somebody waits for them now. The mark decides nothing else, so forging it gains little.
/// </summary>
internal static class LoginCodes
{
    // What such messages say first; a code far down is somebody's order number.
    private const int LookedAt = 1500;
    private const int Near = 160;

    // A message that says "code" at every turn is about codes, and costs no more than one that has one.
    private const int MostHits = 12;

    private static readonly Phrases Words = new(
        "code", "passcode", "one-time", "one time", "otp", "verification", "verify", "security number", "sign in", "sign-in", "log in", "login", "2fa", "two-factor", "two-step",
        "einmal", "bestätigung", "anmelde", "sicherheitscode", "bestatigung", " tan ", "código", "codigo", "verificación", "verificacao", "vérification", "confirmation", "codice", "verifica",
        "verificatie", "kod", "weryfikac", "код", "подтвержд", "验证码", "驗證碼", "認証", "確認コード", "인증");

    internal static bool IsIn(MessageUnderJudgement message)
    {
        if (HasCode(message.Subject)) return true;
        var visible = message.Text.Visible;
        return HasCode(visible[..Math.Min(visible.Length, LookedAt)]);
    }

    private static bool HasCode(ReadOnlySpan<char> text)
    {
        var hits = 0;
        for (var from = 0; from < text.Length && hits++ < MostHits;)
        {
            var at = Words.IndexIn(text[from..]);
            if (at < 0) return false;
            var start = Math.Max(0, from + at - Near);
            var end = Math.Min(text.Length, from + at + Near);
            if (ContainsCode(text[start..end])) return true;
            from += at + 3;
        }
        return false;
    }

    // Four to eight digits, perhaps in two groups ("123 456", "123-456"), or letters and digits mixed in capitals ("G-123456", "X7K9QP").
    private static bool ContainsCode(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }
            var start = i;
            int digits = 0, capitals = 0, others = 0;
            for (; i < text.Length && char.IsAsciiLetterOrDigit(text[i]); i++)
            {
                if (char.IsAsciiDigit(text[i])) digits++;
                else if (char.IsAsciiLetterUpper(text[i])) capitals++;
                else others++;
            }
            if (others > 0) continue;
            var before = start > 0 ? text[start - 1] : ' ';
            // A year, a price, a time and a part of a telephone number are no codes.
            if (before is '$' or '€' or '£' or '.' or ',' or ':' or '/' or '+' or '#') continue;
            var after = i < text.Length ? text[i] : ' ';
            if (capitals == 0 && digits is >= 4 and <= 8 && !IsYear(text[start..i]) && after is not ('/' or ':' or '%' or '€' or '-')) return true;
            if (capitals > 0 && digits >= 2 && digits + capitals is >= 5 and <= 10) return true;
            if (capitals == 0 && digits is 3 or 4 && after is ' ' or '-' && IsGroup(text[(Math.Min(i, text.Length - 1) + 1)..], digits)) return true;
        }
        return false;
    }

    private static bool IsYear(ReadOnlySpan<char> digits) => digits.Length == 4 && (digits.StartsWith("19") || digits.StartsWith("20"));

    private static bool IsGroup(ReadOnlySpan<char> rest, int digits) =>
        rest.Length >= digits && rest[..digits].IndexOfAnyExceptInRange('0', '9') < 0 && (rest.Length == digits || !char.IsAsciiLetterOrDigit(rest[digits]));
}
