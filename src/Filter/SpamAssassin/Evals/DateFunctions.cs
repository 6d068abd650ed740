using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on dates.</summary>
internal static partial class DateFunctions
{
    private const double SecondsOfMonth = 31556952.0 / 12;

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_for_shifted_date", Shifted),
        ("received_within_months", ReceivedWithin),
    ];

    /// <summary>Whether the Date field lies so many hours behind or before the nearest Received field.</summary>
    private static bool Shifted(MessageScan scan, string[] arguments)
    {
        var hours = scan.Note("date shift", () => (object)Shift(scan)) is long seconds ? seconds / 3600.0 : 0;
        return (arguments.NumberAt(0) is not { } least || hours >= least) && (arguments.NumberAt(1) is not { } most || hours < most);
    }

    private static long Shift(MessageScan scan)
    {
        var received = ReceivedTimes(scan);
        if (DateOf(scan) is not { } date || received.Count == 0) return 0;
        var differences = received.ConvertAll(time => date - time);
        // The first server's clock may be that of the writer.
        if (differences.Count > 1 && differences[^1] == 0) differences.RemoveAt(differences.Count - 1);
        return differences.MinBy(Math.Abs);
    }

    private static long? DateOf(MessageScan scan)
    {
        foreach (var name in new[] { "resent-date", "date" })
        {
            foreach (var field in scan.Message.Root.FieldsOf(name))
            {
                if (MailDate.Parse(field.Decoded) is { } time) return time;
            }
        }
        return null;
    }

    private static List<long> ReceivedTimes(MessageScan scan)
    {
        var lines = scan.Header.All("Received").Select(field => field.TrimEnd('\n')).Where(field => !string.IsNullOrWhiteSpace(field)).ToList();
        // What a program that fetches mail wrote says nothing about the way.
        string? local = null;
        if (lines.Count > 0 && LocalHop().IsMatch(lines[0]))
        {
            local = lines[0];
            lines.RemoveAt(0);
        }
        if (lines.Count > 0 && Fetched().IsMatch(lines[0])) lines.RemoveAt(0);
        else if (local is not null) lines.Insert(0, local);
        var times = new List<long>();
        foreach (var line in lines)
        {
            if (Time().Match(line) is { Success: true } match && MailDate.Parse(match.Groups[1].Value) is { } time) times.Add(time);
        }
        return times;
    }

    private static bool ReceivedWithin(MessageScan scan, string[] arguments)
    {
        var times = ReceivedTimes(scan);
        var received = times.Count > 0 ? times[0] : DateOf(scan) ?? 0;
        var months = (scan.Now.ToUnixTimeSeconds() - received) / SecondsOfMonth;
        return (arguments.NumberAt(0) is not { } least || months >= least) && (arguments.NumberAt(1) is not { } most || months < most);
    }

    [GeneratedRegex(@"\bfrom (?:localhost\s|(?:\S+ ){1,2}\S*\b127\.0\.0\.1\b)|qmail \d+ invoked by uid \d+")]
    private static partial Regex LocalHop();

    [GeneratedRegex(@"\bby localhost with \w+ \(fetchmail-[\d.]+")]
    private static partial Regex Fetched();

    [GeneratedRegex(@"(\s.?\d+ \S\S\S \d+ \d+:\d+:\d+ \S+)")]
    private static partial Regex Time();
}
