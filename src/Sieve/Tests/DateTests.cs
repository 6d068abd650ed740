using System.Globalization;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>Dates (RFC 5260 §4, §5).</summary>
internal static class DateTests
{
    private static readonly string[] Parts = ["year", "month", "day", "date", "julian", "hour", "minute", "second", "time", "iso8601", "std11", "zone", "weekday"];

    internal static readonly CommandSpec[] All =
    [
        new("date")
        {
            Extension = "date",
            Tags = [.. MatchTags.Match, .. MatchTags.Index, new("zone", "zone", ArgumentKind.Text), new("originalzone", "zone")],
            Positionals = [new(ArgumentKind.Text, "header name"), new(ArgumentKind.Text, "date part"), new(ArgumentKind.TextList, "key list")],
            Test = Date,
        },
        new("currentdate")
        {
            Extension = "date",
            Tags = [.. MatchTags.Match, new("zone", "zone", ArgumentKind.Text)],
            Positionals = [new(ArgumentKind.Text, "date part"), new(ArgumentKind.TextList, "key list")],
            Test = CurrentDate,
        },
    ];

    private static Condition? Date(BoundCommand bound)
    {
        var (name, part, keys) = (bound.Text(0), bound.Text(1), bound.Texts(2));
        if (!IsPart(bound, part) || MatchTags.Read(bound, keys) is not { } match || MatchTags.ReadIndex(bound) is not { } index || !Zone(bound, out var zone)) return null;
        var original = bound.Tag("zone") == "originalzone";
        return run => match.Test(
            run,
            MatchTags.At(run.Message.Named(name.Of(run)), index).Take(1).Select(field => Parse(field.Value)).OfType<DateTimeOffset>()
                .Select(found => original ? found : In(found, zone?.Of(run), run)).Select(found => Part(found, part.Of(run))).OfType<string>(),
            keys);
    }

    private static Condition? CurrentDate(BoundCommand bound)
    {
        var (part, keys) = (bound.Text(0), bound.Texts(1));
        if (!IsPart(bound, part) || MatchTags.Read(bound, keys) is not { } match || !Zone(bound, out var zone)) return null;
        return run => match.Test(run, Part(In(run.Host.Now, zone?.Of(run), run), part.Of(run)) is { } value ? [value] : [], keys);
    }

    private static bool IsPart(BoundCommand bound, TextValue part)
    {
        if (part.Constant is not { } name || Parts.Contains(name.ToLowerInvariant())) return true;
        bound.Fail($"the {bound.Title} knows no date part '{name}'");
        return false;
    }

    private static bool Zone(BoundCommand bound, out TextValue? zone)
    {
        zone = bound.Tag("zone") == "zone" ? bound.TextOf("zone") : null;
        if (zone?.Constant is not { } text || Offset(text) is not null) return true;
        bound.Fail($"'{text}' is no time zone of the form +hhmm");
        return false;
    }

    // RFC 5322 dates, and where a field is a trace field, the date behind the last semicolon (RFC 5260 §4).
    private static DateTimeOffset? Parse(string value)
    {
        var semicolon = value.LastIndexOf(';');
        return MimeKit.Utils.DateUtils.TryParse(semicolon < 0 ? value : value[(semicolon + 1)..].Trim(), out var found) ? found : null;
    }

    private static DateTimeOffset In(DateTimeOffset moment, string? zone, ScriptRun run) => moment.ToOffset(zone is not null && Offset(zone) is { } offset ? offset : run.Host.Now.Offset);

    private static TimeSpan? Offset(string zone)
    {
        if (zone.Length != 5 || zone[0] is not ('+' or '-') || !zone.AsSpan(1).ContainsAnyExceptInRange('0', '9') is false) return null;
        var minutes = (int.Parse(zone.AsSpan(1, 2), CultureInfo.InvariantCulture) * 60) + int.Parse(zone.AsSpan(3, 2), CultureInfo.InvariantCulture);
        return minutes >= 14 * 60 ? null : TimeSpan.FromMinutes(zone[0] == '-' ? -minutes : minutes);
    }

    private static string? Part(DateTimeOffset moment, string part) => part.ToLowerInvariant() switch
    {
        "year" => moment.ToString("yyyy", CultureInfo.InvariantCulture),
        "month" => moment.ToString("MM", CultureInfo.InvariantCulture),
        "day" => moment.ToString("dd", CultureInfo.InvariantCulture),
        "date" => moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        // Modified Julian Day: days since 1858-11-17, of the date as it reads.
        "julian" => ((int)(moment.Date - new DateTime(1858, 11, 17)).TotalDays).ToString(CultureInfo.InvariantCulture),
        "hour" => moment.ToString("HH", CultureInfo.InvariantCulture),
        "minute" => moment.ToString("mm", CultureInfo.InvariantCulture),
        "second" => moment.ToString("ss", CultureInfo.InvariantCulture),
        "time" => moment.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        "iso8601" => moment.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        "std11" => moment.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + ZoneOf(moment),
        "zone" => ZoneOf(moment),
        "weekday" => ((int)moment.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string ZoneOf(DateTimeOffset moment) => moment.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
}
