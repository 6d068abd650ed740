using Sternpost.Dns;

namespace Sternpost.Reports.Received;

/// <summary>Whose mail a source sends, as far as reports tell.</summary>
public enum SourceKind
{
    /// <summary>All of it passes.</summary>
    Yours,
    /// <summary>Some of it passes and some does not: yours, with something to mend.</summary>
    Faulty,
    /// <summary>It passes on what others wrote: a list or a forwarder, which no policy can do right by.</summary>
    Forwarder,
    /// <summary>None of it passes, and it comes again and again: a service of yours that nobody set up for DMARC, or a persistent forger.</summary>
    Regular,
    /// <summary>None of it passes, and there is little of it: as a rule forged.</summary>
    Stranger,
}

/// <summary>What reports say of one source.</summary>
/// <param name="Name">Who stands behind it: the domain its mail is signed or sent as, or its address.</param>
/// <param name="Kind">Whose mail it sends.</param>
/// <param name="Passed">Messages that pass.</param>
/// <param name="Failed">Messages that do not, and would be held back.</param>
public sealed record SourceFinding(string Name, SourceKind Kind, long Passed, long Failed)
{
    /// <summary>Its addresses, those with most messages first.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>On how many days it was seen.</summary>
    public int Days { get; init; }

    /// <summary>What fails and what to do about it, in a sentence; empty where nothing is to be done.</summary>
    public string Advice { get; init; } = "";
}

/// <summary>How far the evidence goes.</summary>
public enum AdviceKind
{
    /// <summary>There is too little to say.</summary>
    TooLittle,
    /// <summary>Something of yours would be held back.</summary>
    NotYet,
    /// <summary>Only you can say whether some sources are yours.</summary>
    Decide,
    /// <summary>Nothing of yours would be held back.</summary>
    Safe,
    /// <summary>The policy is p=reject already.</summary>
    Done,
}

/// <summary>
/// Reads received DMARC reports as an administrator would who wonders whether to ask for more: every source in the domain's name, what of
/// it would fail, and whether the next policy is safe. Only reports whose mail was authenticated are evidence, since anybody can
/// write one.
/// </summary>
public sealed class PolicyAdvice
{
    /// <summary>Days the reports must cover before anything is called safe: mail that goes out once a fortnight is seen once.</summary>
    public const int DaysNeeded = 14;

    /// <summary>Messages that must have passed.</summary>
    public const long MessagesNeeded = 50;

    // A source of one message in two hundred on three days is no accident.
    private const int RegularDays = 3;
    private const double RegularShare = 0.005;

    // What breaks in transit: one message in fifty of a source that otherwise passes.
    private const double Breakage = 0.02;

    private PolicyAdvice(DomainName domain) => Domain = domain;

    /// <summary>The domain.</summary>
    public DomainName Domain { get; }

    /// <summary>The policy of the newest report; empty where there is none.</summary>
    public string Policy { get; private init; } = "";

    /// <summary>The policy to consider next; null at p=reject.</summary>
    public string? Next { get; private init; }

    /// <summary>How far the evidence goes.</summary>
    public AdviceKind Kind { get; private init; }

    /// <summary>It, in plain words.</summary>
    public string Words { get; private init; } = "";

    /// <summary>Every source, those to be looked at first.</summary>
    public IReadOnlyList<SourceFinding> Sources { get; private init; } = [];

    /// <summary>Reports that count.</summary>
    public int Reports { get; private init; }

    /// <summary>Reports set aside, because the mail they came in proved nothing.</summary>
    public int SetAside { get; private init; }

    /// <summary>Different days covered.</summary>
    public int Days { get; private init; }

    /// <summary>Messages that passed.</summary>
    public long Passed { get; private init; }

    /// <summary>Messages that did not.</summary>
    public long Failed { get; private init; }

    /// <summary>Weighs the reports on a domain, newest first.</summary>
    public static PolicyAdvice From(DomainName domain, IReadOnlyList<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)> evidence)
    {
        var counted = evidence.Where(item => item.Report.Authenticated).ToList();
        var passed = counted.Sum(item => item.Report.Passed);
        var failed = counted.Sum(item => item.Report.Failed);
        var days = counted.SelectMany(item => DaysOf(item.Report)).Distinct().Count();
        var policy = counted.Select(item => item.Report).Where(report => report.Domain == domain && report.Policy.Length > 0).MaxBy(report => report.End)?.Policy ?? "";
        var next = policy switch
        {
            "reject" => null,
            "quarantine" => "reject",
            _ => "quarantine",
        };
        var sources = Sort(Weigh(domain, counted, passed + failed));
        var (kind, words) = Conclude(next, sources, days, passed);
        return new PolicyAdvice(domain)
        {
            Policy = policy,
            Next = next,
            Kind = kind,
            Words = words,
            Sources = sources,
            Reports = counted.Count,
            SetAside = evidence.Count - counted.Count,
            Days = days,
            Passed = passed,
            Failed = failed,
        };
    }

    private static List<SourceFinding> Weigh(DomainName domain, List<(ReceivedReport Report, IReadOnlyList<ReceivedRow> Rows)> counted, long all)
    {
        var sightings = counted.SelectMany(item => item.Rows.Select(row => new Sighting(row, DaysOf(item.Report).First()))).ToList();
        // An address that ever sent what passes is known by that; its failing mail is its own, whatever names it bears.
        var groups = sightings.GroupBy(sighting => sighting.Row.Source, StringComparer.Ordinal)
            .GroupBy(address => NameOf(domain, address), StringComparer.Ordinal);
        return [.. groups.Select(group => Finding(domain, group.Key, [.. group.SelectMany(address => address)], all))];
    }

    private static SourceFinding Finding(DomainName domain, string name, List<Sighting> sightings, long all)
    {
        var passed = sightings.Where(sighting => sighting.Row.Passes).Sum(sighting => sighting.Row.Messages);
        var failing = sightings.Where(sighting => !sighting.Row.Passes).ToList();
        var failed = failing.Sum(sighting => sighting.Row.Messages);
        var days = sightings.Select(sighting => sighting.Day).Distinct().Count();
        var kind = failed == 0 ? SourceKind.Yours
            : failing.All(sighting => IsPassedOn(domain, sighting.Row)) ? SourceKind.Forwarder
            : passed > 0 ? failed <= Breakage * (passed + failed) ? SourceKind.Yours : SourceKind.Faulty
            : days >= RegularDays && failed >= RegularShare * all ? SourceKind.Regular
            : SourceKind.Stranger;
        return new SourceFinding(name, kind, passed, failed)
        {
            Addresses = [.. sightings.GroupBy(sighting => sighting.Row.Source, StringComparer.Ordinal).OrderByDescending(address => address.Sum(sighting => sighting.Row.Messages)).Select(address => address.Key)],
            Days = days,
            Advice = Advice(domain, kind, name, failing),
        };
    }

    // The strongest that any of the address's mail proves: a signature, SPF, or nothing.
    private static string NameOf(DomainName domain, IGrouping<string, Sighting> address)
    {
        var signers = address.SelectMany(sighting => Results(sighting.Row.Dkim)).Where(result => result.Result == "pass").Select(result => result.Name.Split('/')[0]).ToList();
        var foreign = signers.FirstOrDefault(signer => !IsOf(signer, domain));
        if (foreign is not null) return foreign;
        if (signers.Count > 0) return signers[0];
        return address.SelectMany(sighting => Results(sighting.Row.Spf)).FirstOrDefault(result => result.Result == "pass").Name ?? address.Key;
    }

    // RFC 7960 §3: what a forwarder passes on fails SPF, or passes it in his own name, and a list breaks the author's signature.
    private static bool IsPassedOn(DomainName domain, ReceivedRow row)
    {
        if (row.Reason.Contains("mailing_list", StringComparison.Ordinal) || row.Reason.Contains("forward", StringComparison.Ordinal) || row.Reason.Contains("arc=pass", StringComparison.Ordinal)) return true;
        return Results(row.Dkim).Any(result => result.Result is "fail" or "neutral" && IsOf(result.Name.Split('/')[0], domain))
            && Results(row.Spf).Any(result => result.Result == "pass" && !IsOf(result.Name, domain));
    }

    private static string Advice(DomainName domain, SourceKind kind, string name, List<Sighting> failing)
    {
        switch (kind)
        {
            case SourceKind.Faulty:
                var unsigned = failing.Count(sighting => sighting.Row.Dkim.Length == 0);
                return unsigned == failing.Count
                    ? $"Some of its mail bears no signature of {domain}. Let all of it go out through the server that signs, or have {name} sign it."
                    : $"Some of its signatures do not hold. Compare the key in DNS with the one it signs with, and see that nothing changes the mail after signing.";
            case SourceKind.Regular:
                return $"If it is yours, have it sign as {domain} (DKIM), which also survives forwarding; if not, a stricter policy is made for it.";
            case SourceKind.Forwarder:
                return "It passes on mail of yours; some of that will be held back where receivers do not know it as a list or forwarder. Your own side is in order.";
            default:
                return "";
        }
    }

    private static (AdviceKind, string) Conclude(string? next, IReadOnlyList<SourceFinding> sources, int days, long passed)
    {
        if (next is null)
        {
            return sources.Any(source => source.Kind == SourceKind.Faulty)
                ? (AdviceKind.Done, "The policy is p=reject, and something of yours fails: see the sources below.")
                : (AdviceKind.Done, "The policy is p=reject, and nothing of yours fails.");
        }
        var faulty = sources.Where(source => source.Kind == SourceKind.Faulty).ToList();
        if (faulty.Count > 0)
            return (AdviceKind.NotYet, $"Not yet: under p={next} {Messages(faulty.Sum(source => source.Failed))} of yours would have been {(next == "reject" ? "refused" : "treated as suspect")}. Mend {Names(faulty)} first.");
        if (days < DaysNeeded || passed < MessagesNeeded)
            return (AdviceKind.TooLittle, $"Too early to say: the reports cover {days} {(days == 1 ? "day" : "days")} and {Messages(passed)} that passed; {DaysNeeded} days and {MessagesNeeded} messages are needed.");
        var regular = sources.Where(source => source.Kind == SourceKind.Regular).ToList();
        if (regular.Count > 0)
            return (AdviceKind.Decide, $"It is up to you: {Names(regular)} {(regular.Count == 1 ? "sends" : "send")} in your name again and again without proof. If none of that is yours, p={next} is safe.");
        return (AdviceKind.Safe, $"Safe: nothing of yours fails. Publish p={next} now, and look again in two weeks.");
    }

    private static List<SourceFinding> Sort(List<SourceFinding> sources)
    {
        SourceKind[] order = [SourceKind.Faulty, SourceKind.Regular, SourceKind.Forwarder, SourceKind.Yours, SourceKind.Stranger];
        return [.. sources.OrderBy(source => Array.IndexOf(order, source.Kind)).ThenByDescending(source => source.Failed + source.Passed).ThenBy(source => source.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<(string Name, string Result)> Results(string text)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.LastIndexOf('=');
            if (equals > 0) yield return (word[..equals], word[(equals + 1)..]);
        }
    }

    private static bool IsOf(string name, DomainName domain) => DomainName.TryParse(name, out var named) && (named.IsWithin(domain) || domain.IsWithin(named));

    // A report covers a day as a rule; one that claims a year counts as its last day.
    private static IEnumerable<DateOnly> DaysOf(ReceivedReport report)
    {
        yield return DateOnly.FromDateTime(report.Begin.AddHours(12).UtcDateTime < report.End.UtcDateTime ? report.Begin.AddHours(12).UtcDateTime : report.Begin.UtcDateTime);
    }

    private static string Messages(long count) => count == 1 ? "1 message" : $"{count} messages";

    private static string Names(List<SourceFinding> sources) =>
        sources.Count <= 3 ? string.Join(" and ", sources.Select(source => source.Name)) : $"{sources[0].Name}, {sources[1].Name} and {sources.Count - 2} more";

    private sealed record Sighting(ReceivedRow Row, DateOnly Day);
}
