using System.Net;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the administrator's lists.</summary>
internal static partial class ListFunctions
{
    private const int MostKeys = 11;

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_from_in_blocklist", (scan, _) => scan.Header.FromAddresses().Exists(address => IsIn(scan, "blocklist_from", address))),
        ("check_to_in_blocklist", (scan, _) => scan.Header.ToAddresses().Exists(address => IsIn(scan, "blocklist_to", address))),
        ("check_to_in_welcomelist", (scan, _) => scan.Header.ToAddresses().Exists(address => IsIn(scan, "welcomelist_to", address))),
        ("check_to_in_more_spam", (scan, _) => scan.Header.ToAddresses().Exists(address => IsIn(scan, "more_spam_to", address))),
        ("check_to_in_all_spam", (scan, _) => scan.Header.ToAddresses().Exists(address => IsIn(scan, "all_spam_to", address))),
        ("check_from_in_list", (scan, arguments) => scan.Header.FromAddresses().Exists(address => IsIn(scan, "list:" + arguments.At(0), address))),
        ("check_to_in_list", (scan, arguments) => scan.Header.ToAddresses().Exists(address => IsIn(scan, "list:" + arguments.At(0), address))),
        ("check_replyto_in_list", (scan, arguments) => scan.Header.Text("Reply-To:addr") is { Length: > 0 } address && IsIn(scan, "list:" + arguments.At(0), address)),
        ("check_from_in_welcomelist", (scan, _) => Welcome(scan) == Welcomed.Yes),
        ("check_forged_in_welcomelist", (scan, _) => Welcome(scan) == Welcomed.Forged && DefaultWelcome(scan) == Welcomed.No),
        ("check_from_in_default_welcomelist", (scan, _) => DefaultWelcome(scan) == Welcomed.Yes),
        ("check_forged_in_default_welcomelist", (scan, _) => DefaultWelcome(scan) == Welcomed.Forged && Welcome(scan) == Welcomed.No),
        ("check_uri_host_listed", (scan, arguments) => IsHostListed(scan, arguments.At(0))),
        ("check_uri_host_in_blocklist", (scan, _) => IsHostListed(scan, "BLOCK")),
        ("check_uri_host_in_welcomelist", (scan, _) => IsHostListed(scan, "WELCOME")),
    ];

    private enum Welcomed
    {
        No,
        Yes,
        // The address is listed, but came from elsewhere.
        Forged,
    }

    private static bool IsIn(MessageScan scan, string list, string address) => scan.Data.Addresses.TryGetValue(list, out var patterns) && patterns.Contains(address);

    private static Welcomed Welcome(MessageScan scan)
    {
        var from = scan.Header.FromAddresses();
        return from.Exists(address => IsIn(scan, "welcomelist_from", address)) ? Welcomed.Yes : FromHost(scan, "welcomelist_from_rcvd", from);
    }

    private static Welcomed DefaultWelcome(MessageScan scan) => FromHost(scan, "def_welcomelist_from_rcvd", scan.Header.FromAddresses());

    private static Welcomed FromHost(MessageScan scan, string setting, List<string> from)
    {
        if (!scan.Data.AddressesFromHosts.TryGetValue(setting, out var list)) return Welcomed.No;
        List<Relay> relays = scan.Relays.Untrusted.Count > 0 ? [scan.Relays.Untrusted[0]] : scan.Relays.Trusted;
        if (relays.Count == 0) return Welcomed.No;
        var forged = false;
        foreach (var address in from.Select(ByteText.Lower))
        {
            foreach (var host in list.HostsOf(address))
            {
                if (relays.Exists(relay => Fits(relay, host))) return Welcomed.Yes;
                forged |= !IsIn(scan, "welcomelist_allows_relays", address);
            }
        }
        return forged ? Welcomed.Forged : Welcomed.No;
    }

    private static bool Fits(Relay relay, string host)
    {
        if (!host.StartsWith('[')) return relay.ReverseName.Equals(host, StringComparison.OrdinalIgnoreCase) || relay.ReverseName.EndsWith("." + host, StringComparison.OrdinalIgnoreCase);
        var close = host.IndexOf(']', StringComparison.Ordinal);
        if (close < 0) return false;
        var (literal, prefix) = (host[1..close], host[(close + 1)..]);
        if (prefix.Length == 0 && HostNames.IsIPv4(literal)) return literal == relay.Address;
        if (prefix.Length == 0 && DottedBegin().IsMatch(literal)) return relay.Address.StartsWith(literal.TrimEnd('.') + ".", StringComparison.Ordinal);
        return IPNetwork.TryParse(literal + (prefix.Length == 0 && !literal.Contains('/', StringComparison.Ordinal) ? "/128" : prefix), out var network) && IPAddress.TryParse(relay.Address, out var address) && network.Contains(address);
    }

    private static bool IsHostListed(MessageScan scan, string list) => scan.Note("uri hosts", () => ListedIn(scan)).Contains(list);

    private static HashSet<string> ListedIn(MessageScan scan)
    {
        var result = new HashSet<string>(StringComparer.Ordinal);
        if (scan.Data.UriHosts.Count == 0) return result;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (uri, link) in scan.Links.Links)
        {
            if (uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) continue;
            foreach (var host in link.Hosts.Keys.Where(seen.Add))
            {
                var keys = Keys(host);
                foreach (var (name, hosts) in scan.Data.UriHosts)
                {
                    // The most exact entry decides, also against the list.
                    if (keys.FirstOrDefault(hosts.ContainsKey) is { } key && hosts[key]) result.Add(name);
                }
            }
        }
        return result;
    }

    // sub.example.com, example.com, com.
    private static List<string> Keys(string host)
    {
        if (host.StartsWith('[') || HostNames.IsIPv4(host)) return [host.Trim('[', ']')];
        var keys = new List<string>();
        for (var name = host; ;)
        {
            keys.Add(name);
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0) break;
            name = name[(dot + 1)..];
        }
        return keys.Count > MostKeys ? keys[^MostKeys..] : keys;
    }

    [GeneratedRegex(@"^[\d.]+$")]
    private static partial Regex DottedBegin();
}
