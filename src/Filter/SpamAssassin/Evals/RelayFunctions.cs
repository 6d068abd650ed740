using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the way the message came.</summary>
internal static partial class RelayFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_for_numeric_helo", (scan, _) => NumericHelo().Match(scan.Relays.UntrustedText) is { Success: true } match && HostNames.IsIPv4(match.Groups[1].Value) && !HostNames.IsPrivate(match.Groups[1].Value)),
        ("check_for_illegal_ip", (_, _) => false),
        ("check_all_trusted", (scan, _) => scan.Relays.Trusted.Count > 0 && scan.Relays.Untrusted.Count == 0 && scan.Relays.Unparseable == 0),
        ("check_no_relays", (scan, _) => scan.Relays.Trusted.Count == 0 && scan.Relays.Untrusted.Count == 0 && scan.Relays.Unparseable == 0),
        ("check_relays_unparseable", (scan, _) => scan.Relays.Unparseable > 0),
        ("check_for_sender_no_reverse", (scan, _) => scan.Relays.Untrusted is [.., var last] && last.ReverseName.Contains('.', StringComparison.Ordinal) && !last.IsPrivate),
        ("check_for_from_domain_in_received_headers", FromDomainInReceived),
        ("check_for_forged_received_trail", (scan, _) => Forged(scan).Trail > 1),
        ("check_for_forged_received_ip_helo", (scan, _) => Forged(scan).Helo > 0),
        ("helo_ip_mismatch", (scan, _) => scan.Relays.Untrusted.Exists(HeloMismatch)),
        ("check_for_no_rdns_dotcom_helo", NoNameForDotCom),
        ("have_any_bounce_relays", (scan, _) => BounceRelays(scan) is not null),
        ("check_welcomelist_bounce_relays", OwnBounce),
        ("check_mailfrom_matches_rcvd", MailFromMatches),
    ];

    private static bool HeloMismatch(Relay relay)
    {
        if (!HostNames.IsIPv4(relay.Helo) || HostNames.IsPrivate(relay.Helo) || !HostNames.IsIPv4(relay.Address) || HostNames.IsPrivate(relay.Address)) return false;
        return !relay.Address.StartsWith(relay.Helo[..(relay.Helo.LastIndexOf('.') + 1)], StringComparison.Ordinal);
    }

    private static bool FromDomainInReceived(MessageScan scan, string[] arguments)
    {
        var from = scan.Header.Text("From:addr");
        if (!from.Contains(arguments.At(0), StringComparison.OrdinalIgnoreCase)) return false;
        var (sender, relay) = NamesOf.GetOrAdd(arguments.At(0), static domain => (
            new Regex($@"\b{Regex.Escape(domain)}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking),
            new Regex($@" rdns=\S*\b{Regex.Escape(domain)} [^\]]*by=\S*\b{Regex.Escape(domain)} ", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)));
        if (!sender.IsMatch(from)) return false;
        var found = relay.IsMatch(scan.Relays.TrustedText + "\n" + scan.Relays.UntrustedText);
        return found == (arguments.At(1) == "true");
    }

    // A backtracking engine takes exponential time over this one, and the host names are a stranger's.
    private static readonly Regex FullName = new(@"^\w+(?:[\w.-]+\.)+\w+$", RegexOptions.NonBacktracking);

    // By the domains that rules name.
    private static readonly ConcurrentDictionary<string, (Regex Sender, Regex Relay)> NamesOf = new(StringComparer.Ordinal);

    private static bool NoNameForDotCom(MessageScan scan, string[] arguments)
    {
        var found = false;
        foreach (var relay in scan.Relays.Untrusted)
        {
            if (!relay.IsPrivate) found = relay.HasNoReverseName && DotCom().IsMatch(relay.Helo);
        }
        return found;
    }

    private sealed record Forgeries(int Trail, int Helo);

    private static Forgeries Forged(MessageScan scan) => scan.Note("forged relays", () =>
    {
        var (trail, mismatched) = (0, 0);
        var relays = scan.Relays.Untrusted;
        string? previous = null;
        for (var i = 0; i < relays.Count; i++)
        {
            var relay = relays[i];
            string? from = DomainOf(relay.ReverseName.ToLowerInvariant());
            if (from is "localhost" or "localhost.localdomain" && relay.Address == "127.0.0.1") from = null;
            var by = DomainOf(relay.By.ToLowerInvariant());
            if (FullName.IsMatch(by))
            {
                if (HostNames.IsIPv4(relay.Helo) && HostNames.IsIPv4(relay.Address) && relay.Helo != relay.Address && FirstTwo(relay.Helo) != FirstTwo(relay.Address) && !HostNames.IsPrivate(relay.Helo)) mismatched++;
                if (i > 0 && previous is not null && FullName.IsMatch(previous) && by != previous && (by, previous) != ("msn.com", "hotmail.com")) trail++;
            }
            else from = DomainOf(relay.ReverseName.ToLowerInvariant());
            previous = from;
        }
        return new Forgeries(trail, mismatched);
    });

    private static string FirstTwo(string address) => string.Join('.', address.Split('.').Take(2));

    // Two labels, or three under a country's short domain.
    private static string DomainOf(string host)
    {
        if (!host.Any(char.IsAsciiLetter)) return host;
        var labels = host.Split('.');
        if (labels.Length > 1 && (labels[^1].Length >= 3 || labels[^1] is "ie" or "fr" or "de")) return string.Join('.', labels[^2..]);
        return labels.Length > 2 ? string.Join('.', labels[^3..]) : host;
    }

    private static Rules.AddressPatterns? BounceRelays(MessageScan scan) => scan.Data.Addresses.TryGetValue("welcomelist_bounce_relays", out var list) && !list.IsEmpty ? list : null;

    private static bool OwnBounce(MessageScan scan, string[] arguments)
    {
        if (BounceRelays(scan) is not { } relays) return false;
        foreach (var line in scan.Body.Concat(scan.Message.Body.Split('\n').Take(2000)))
        {
            if (QuotedReceived().IsMatch(line) && DottedWord().Matches(line).Any(match => relays.Contains(match.Groups[1].Value))) return true;
        }
        return false;
    }

    private static bool MailFromMatches(MessageScan scan, string[] arguments)
    {
        var sender = scan.Header.Text("EnvelopeFrom:addr");
        var sign = sender.LastIndexOf('@');
        if (sign < 0 || !sender.AsSpan(sign + 1).Contains('.')) return false;
        var domain = scan.Data.Domains.Trim(sender[(sign + 1)..]);
        IEnumerable<Relay> relays = scan.Relays.Untrusted.Count > 0 ? scan.Relays.Untrusted.Take(1) : scan.Relays.Trusted;
        return relays.Any(relay => relay.ReverseName.Length > 0 && scan.Data.Domains.Trim(relay.ReverseName) == domain);
    }

    [GeneratedRegex(@"\bhelo=(\d+\.\d+\.\d+\.\d+)(?=[\x00-\x20,;\[()<>]|\z)")]
    private static partial Regex NumericHelo();

    [GeneratedRegex(@"(?:\.|^)(?:lycos\.com|lycos\.co\.uk|hotmail\.com|localhost\.com|excite\.com|caramail\.com|cs\.com|aol\.com|msn\.com|yahoo\.com|drizzle\.com)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DotCom();

    [GeneratedRegex("^[> ]*Received:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex QuotedReceived();

    [GeneratedRegex(@"\s(\S+\.\S+)(?=\s)")]
    private static partial Regex DottedWord();
}
