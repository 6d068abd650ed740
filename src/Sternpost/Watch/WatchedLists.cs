namespace Sternpost.Watch;

/// <summary>The lists that the server looks itself up on: those large receivers are known to act on. Adding one is a record.</summary>
internal static class WatchedLists
{
    private const string FirstMend = "First find and stop what was sent (sternpost trace; sternpost queue list), or it will be listed again.";

    public static IReadOnlyList<WatchedList> All { get; } =
    [
        new("zen.spamhaus.org", "Spamhaus ZEN", false,
            [
                (2, "SBL: spam or its support was seen from it"), (3, "CSS: it sends what looks like spam, often a stolen account or a new server that sends much at once"), (4, "XBL: it behaves like an infected computer or a stolen site"),
                (9, "DROP: the whole network is given to spam"), (10, "PBL: the provider says that no mail servers are here"), (11, "PBL: a network of home connections by Spamhaus's own view"), (0, "listed"),
            ],
            FirstMend + " CSS and XBL are left by the form on the page, SBL by the provider of the address, PBL by the form where the address is a fixed one with a reverse name of its own.", "https://check.spamhaus.org/results/?query={0}"),
        new("bl.spamcop.net", "SpamCop", false, [(0, "its users reported mail from it in the last day")],
            FirstMend + " The listing ends by itself a day after the last report; there is nobody to ask.", "https://www.spamcop.net/w3m?action=checkblock&ip={0}"),
        new("b.barracudacentral.org", "Barracuda", false, [(0, "it sent spam to Barracuda's customers or traps")],
            FirstMend + " Ask with the form; it is as a rule granted within a day, once.", "https://www.barracudacentral.org/lookups/lookup-reputation?lookup_entry={0}"),
        new("psbl.surriel.com", "PSBL", false, [(0, "it wrote to a spam trap")],
            FirstMend + " The form removes the address at once.", "https://psbl.org/listing?ip={0}"),
        new("dnsbl.dronebl.org", "DroneBL", false, [(3, "an IRC drone"), (5, "a bottler"), (6, "unknown spam"), (7, "a DDoS drone"), (8, "an open SOCKS proxy"), (9, "an open HTTP proxy"), (13, "brute-force attacks come from it"), (14, "an open Wingate proxy"), (15, "a compromised router"), (19, "an abused VPN"), (0, "attacks or spam came from it")],
            "Close the proxy or clean the computer that attacks came from; then ask with the form.", "https://dronebl.org/lookup?ip={0}"),
        new("dnsbl-1.uceprotect.net", "UCEPROTECT level 1", false, [(0, "it wrote to a spam trap in the last week")],
            FirstMend + " It ends by itself seven days after the last hit; few receivers ask, and paying is not needed.", "https://www.uceprotect.net/en/rblcheck.php?ipr={0}"),
        new("bl.mailspike.net", "Mailspike", false, [(10, "worst reputation"), (11, "very bad reputation"), (12, "bad reputation"), (0, "bad reputation")],
            FirstMend + " Reputation grows again by itself with clean mail; the page takes requests.", "https://mailspike.io/ip_verify?ip={0}"),
        new("dbl.spamhaus.org", "Spamhaus DBL", true,
            [(2, "a domain of spam"), (4, "a domain of phishing"), (5, "a domain of malware"), (6, "a domain of a botnet's control"), (102, "a good domain whose site was stolen and is in spam"), (103, "a redirector that spam uses"), (104, "a stolen site used for phishing"), (105, "a stolen site with malware"), (0, "listed")],
            "Look for stolen pages on the web site of the domain and for spam in its name (sternpost report show DOMAIN); then ask with the form.", "https://check.spamhaus.org/results/?query={0}"),
        new("multi.surbl.org", "SURBL", true, [(8, "phishing"), (16, "malware"), (64, "spam or abuse"), (128, "a stolen site"), (0, "it is named in spam")],
            "Look for stolen pages on the web site of the domain; then ask with the form.", "https://surbl.org/surbl-analysis?d={0}"),
        new("multi.uribl.com", "URIBL", true, [(2, "black: it is named in spam"), (4, "grey: in bulk mail that not everybody wants"), (8, "red: under observation"), (0, "listed")],
            "See that its mail goes only to those who asked for it; then ask on the page, after signing up.", "https://lookup.uribl.com/?domain={0}"),
    ];
}
