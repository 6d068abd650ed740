using System.Globalization;

namespace Sternpost.Imap.Grammar;

/// <summary>The dates of RFC 9051 §9: <c>date</c> in SEARCH and <c>date-time</c> of INTERNALDATE.</summary>
internal static class ImapDates
{
    // date-day-fixed = (SP DIGIT) / 2DIGIT; a one-digit day without its space is common and harmless.
    private static readonly string[] DateTimeForms = ["d-MMM-yyyy HH:mm:ss zzz", "dd-MMM-yyyy HH:mm:ss zzz"];
    private static readonly string[] DateForms = ["d-MMM-yyyy", "dd-MMM-yyyy"];

    /// <summary>date = date-text / DQUOTE date-text DQUOTE (§9).</summary>
    internal static bool TryDate(ref ImapScanner scanner, out DateOnly date)
    {
        date = default;
        if (!scanner.AString(out var text)) return false;
        return DateOnly.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)
            || scanner.Fail("A date is written as 1-Feb-2026");
    }

    /// <summary>date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE (§9).</summary>
    internal static bool TryDateTime(ref ImapScanner scanner, out DateTimeOffset date)
    {
        date = default;
        if (!scanner.String(out var text)) return false;
        text = text.TrimStart(' ');
        // The zone is +hhmm on the wire and +hh:mm to the parser.
        if (text.Length < 5 || text[^3] == ':') return scanner.Fail("A date-time is written as \" 1-Feb-2026 10:00:00 +0000\"");
        return DateTimeOffset.TryParseExact(text.Insert(text.Length - 2, ":"), DateTimeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)
            || scanner.Fail("A date-time is written as \" 1-Feb-2026 10:00:00 +0000\"");
    }

    /// <summary>date-time as it goes out, quotes included.</summary>
    internal static string Format(DateTimeOffset date)
    {
        var offset = date.Offset;
        return string.Create(CultureInfo.InvariantCulture,
            $"\"{date.Day,2}-{date:MMM-yyyy HH:mm:ss} {(offset < TimeSpan.Zero ? '-' : '+')}{offset:hhmm}\"");
    }
}
