using System.Globalization;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Dates of mail as seconds since 1970; tolerant of everything but the month.</summary>
internal static partial class MailDate
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    // Abbreviations that mean one thing in mail; minutes from UTC.
    private static readonly Dictionary<string, int> Zones = new(StringComparer.Ordinal)
    {
        ["UT"] = 0,
        ["UTC"] = 0,
        ["GMT"] = 0,
        ["WET"] = 0,
        ["NDT"] = -150,
        ["AST"] = -240,
        ["ADT"] = -180,
        ["NST"] = -210,
        ["EST"] = -300,
        ["EDT"] = -240,
        ["CST"] = -360,
        ["CDT"] = -300,
        ["MST"] = -420,
        ["MDT"] = -360,
        ["PST"] = -480,
        ["PDT"] = -420,
        ["HST"] = -600,
        ["AKST"] = -540,
        ["AKDT"] = -480,
        ["HADT"] = -540,
        ["HAST"] = -600,
        ["BST"] = 60,
        ["IST"] = 60,
        ["WEST"] = 60,
        ["CET"] = 60,
        ["CEST"] = 120,
        ["EET"] = 120,
        ["EEST"] = 180,
        ["MSK"] = 180,
        ["MSD"] = 240,
        ["MET"] = 60,
        ["MEZ"] = 60,
        ["MEST"] = 120,
        ["MESZ"] = 120,
        ["BRST"] = -120,
        ["BRT"] = -180,
        ["AEST"] = 600,
        ["AEDT"] = 660,
        ["ACST"] = 570,
        ["ACDT"] = 630,
        ["AWST"] = 480,
    };

    internal static long? Parse(string? date)
    {
        if (date is null || date.Length > 1000) return null;
        var text = Blanks().Replace(Commas().Replace($" {date} ", " "), " ");
        int day, month, year;
        Match match;
        if ((match = DayMonthYear().Match(text)).Success || (match = ShortYear().Match(text)).Success)
        {
            day = Number(match.Groups[1].Value);
            month = Array.IndexOf(Months, match.Groups[2].Value.ToLowerInvariant()) + 1;
        }
        else if ((match = MonthDayTimeYear().Match(text)).Success)
        {
            day = Number(match.Groups[2].Value);
            month = Array.IndexOf(Months, match.Groups[1].Value.ToLowerInvariant()) + 1;
        }
        else return null;
        var digits = match.Groups[3].Value;
        year = Number(digits);
        if (digits.Length == 2 && year < 50) year += 2000;
        else if (digits.Length != 4) year += 1900;
        if (day < 1) return null;
        return Seconds(year, month, day, text.Remove(match.Index, match.Length).Insert(match.Index, " "));
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 9999;

    private static long Seconds(int year, int month, int day, string rest)
    {
        var (hour, minute, second) = (0, 0, 0);
        if (Time().Match(rest) is { Success: true } time)
        {
            hour = Math.Min(Number(time.Groups[1].Value), 23);
            minute = Math.Min(Number(time.Groups[2].Value), 59);
            second = time.Groups[3].Success ? Math.Min(Number(time.Groups[3].Value), 59) : 0;
            rest = rest.Remove(time.Index, time.Length).Insert(time.Index, " ");
        }
        var offset = Offset(rest);
        year = Math.Clamp(year, 1970, 2037);
        if (day > DateTime.DaysInMonth(year, month))
        {
            day = 1;
            if (++month > 12) (month, year) = (1, year + 1);
        }
        var seconds = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).ToUnixTimeSeconds();
        return Math.Max(0, seconds - offset);
    }

    private static long Offset(string rest)
    {
        if (NumericZone().Match(rest) is { Success: true } numeric)
        {
            var value = Number(numeric.Groups[2].Value);
            var seconds = ((value / 100 * 60) + (value % 100)) * 60L;
            return numeric.Groups[1].Value == "-" ? -seconds : seconds;
        }
        return NamedZone().Match(rest) is { Success: true } named && Zones.TryGetValue(named.Groups[1].Value, out var minutes) ? minutes * 60L : 0;
    }

    [GeneratedRegex(", *")]
    private static partial Regex Commas();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@" (\d+) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DayMonthYear();

    [GeneratedRegex(@" (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d+) \d+:\d+:\d+ (\d{4}) ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MonthDayTimeYear();

    [GeneratedRegex(@" (\d+) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{2,3}) ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ShortYear();

    [GeneratedRegex(@" (\d?\d):(\d\d)(?::(\d\d))? ")]
    private static partial Regex Time();

    [GeneratedRegex(@" ([-+])(\d{4}) ")]
    private static partial Regex NumericZone();

    [GeneratedRegex(@"\b([A-Z]{2,4}(?:-DST)?)\b")]
    private static partial Regex NamedZone();
}
