using System.Globalization;
using System.Net;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>One setting after another, put into the book.</summary>
internal sealed class RuleSettings(RuleBook book)
{
    private static readonly char[] Blank = [' ', '\t'];

    // Settings that say how SpamAssassin reports, learns and asks, which is none of the rules' business.
    private static readonly string[] ElsewherePrefixes =
        ["bayes_", "report", "unsafe_report", "clear_", "dns_", "use_", "rewrite_", "add_header", "remove_header", "fold_headers", "adsp_", "uridns", "urirhs", "urifullns", "askdns", "url_shortener", "pyzor_", "razor_", "dcc_", "txrep_", "auto_welcomelist", "loadplugin", "tryplugin", "lock_", "allow_", "shortcircuit", "ok_languages", "fns_", "hashbl_", "spf_", "dkim_", "asn_", "rbl_"];

    internal void Apply(string key, string value, string place)
    {
        switch (key)
        {
            case "header": AddRule(value, place, RuleKind.Header); break;
            case "body": AddRule(value, place, RuleKind.Body); break;
            case "rawbody": AddRule(value, place, RuleKind.RawBody); break;
            case "uri": AddRule(value, place, RuleKind.Uri); break;
            case "full": AddRule(value, place, RuleKind.Full); break;
            case "meta": AddRule(value, place, RuleKind.Meta); break;
            case "mimeheader": AddRule(value, place, RuleKind.MimeHeader); break;
            case "uri_detail": AddRule(value, place, RuleKind.UriDetail); break;
            case "score": Score(value, place); break;
            case "describe": Named(value, book.Descriptions); break;
            case "tflags": Named(value, book.Flags); break;
            case "replace_tag": Named(value, book.Replacements.Tags); break;
            case "replace_pre": Named(value, book.Replacements.Before); break;
            case "replace_inter": Named(value, book.Replacements.Between); break;
            case "replace_post": Named(value, book.Replacements.After); break;
            case "replace_rules": book.Replacements.Rules.UnionWith(Words(value)); break;
            case "redirector_pattern": book.RedirectorPatterns.Add(value); break;
            case "util_rb_tld": AddLower(value, book.TopLevels); break;
            case "util_rb_2tld": AddLower(value, book.SecondLevels); break;
            case "util_rb_3tld": AddLower(value, book.ThirdLevels); break;
            case "clear_util_rb":
                book.TopLevels.Clear();
                book.SecondLevels.Clear();
                book.ThirdLevels.Clear();
                break;
            case "freemail_domains": FreeMailDomains(value); break;
            case "freemail_welcomelist" or "freemail_whitelist": AddLower(value, book.FreeMailExceptions); break;
            case "originating_ip_headers": book.OriginatingHeaders.AddRange(Words(value)); break;
            case "clear_originating_ip_headers": book.OriginatingHeaders.Clear(); break;
            case "enlist_addrlist": Enlist(value, place, (list, address) => book.AddressList("list:" + list).Add(address)); break;
            case "enlist_uri_host": Enlist(value, place, AddUriHost); break;
            case "delist_uri_host": Enlist(value, place, (list, host) => book.UriHostList(list).Remove(host.TrimStart('!').ToLowerInvariant())); break;
            case "trusted_networks" or "internal_networks" or "msa_networks": Networks(key, value, place); break;
            case "clear_trusted_networks" or "clear_internal_networks" or "clear_msa_networks": book.Networks.Remove(key["clear_".Length..]); break;
            // Priorities change the order, which changes no hit; test lines are for SpamAssassin's authors.
            case "priority" or "test" or "reuse" or "required_score" or "report_safe" or "version_tag" or "enable_compat": break;
            case "normalize_charset" or "ok_locales" or "body_part_scan_size" or "rawbody_part_scan_size" or "envelope_sender_header" or "parse_dkim_uris"
                or "freemail_max_body_emails" or "freemail_max_body_freemails" or "freemail_skip_when_over_max" or "freemail_skip_bulk_envfrom":
                book.Values[key] = value;
                break;
            default: ApplyList(key, value, place); break;
        }
    }

    // The names before 4.0 are read as well.
    private void ApplyList(string key, string value, string place)
    {
        var name = key.Replace("whitelist", "welcomelist", StringComparison.Ordinal).Replace("blacklist", "blocklist", StringComparison.Ordinal);
        switch (name)
        {
            case "welcomelist_from" or "blocklist_from" or "welcomelist_to" or "blocklist_to" or "more_spam_to" or "all_spam_to" or "welcomelist_allows_relays" or "welcomelist_bounce_relays":
                foreach (var address in Words(value)) book.AddressList(name).Add(address);
                break;
            case "unwelcomelist_from" or "unblocklist_from" or "unwelcomelist_to" or "unblocklist_to":
                foreach (var address in Words(value)) book.AddressList(name[2..]).Remove(address);
                break;
            case "welcomelist_from_rcvd" or "def_welcomelist_from_rcvd":
                if (Words(value) is [var pattern, var from]) book.HostList(name).Add(pattern, from);
                else book.Refuse(key, "an address and a host name are needed", place);
                break;
            case "unwelcomelist_from_rcvd":
                foreach (var address in Words(value))
                {
                    book.HostList("welcomelist_from_rcvd").Remove(address);
                    book.HostList("def_welcomelist_from_rcvd").Remove(address);
                }
                break;
            case "welcomelist_subject" or "blocklist_subject": book.SubjectLists.Add((name, value)); break;
            case "blocklist_uri_host": foreach (var host in Words(value)) AddUriHost("BLOCK", host); break;
            case "welcomelist_uri_host": foreach (var host in Words(value)) AddUriHost("WELCOME", host); break;
            case "welcomelist_auth" or "def_welcomelist_auth" or "unwelcomelist_auth" or "welcomelist_from_dkim" or "def_welcomelist_from_dkim"
                or "welcomelist_from_spf" or "def_welcomelist_from_spf":
                book.Ignore(key, "what SPF, DKIM and DMARC prove is judged elsewhere", place);
                break;
            default:
                var elsewhere = ElsewherePrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));
                book.Ignore(key, elsewhere ? "concerns reports, learning or the network, which are not the rules' business here" : "is not known", place);
                break;
        }
    }

    private void AddRule(string value, string place, RuleKind kind)
    {
        var (name, text) = SplitFirst(value);
        if (name.Length is 0 or > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
        {
            book.Refuse(name.Length > 100 ? name[..100] : name, "the name is malformed", place);
            return;
        }
        if (text.Length == 0)
        {
            book.Refuse(name, "the rule says nothing", place);
            return;
        }
        if (book.Rules.Count >= RuleBook.MostRules && !book.Rules.ContainsKey(name))
        {
            book.Refuse(name, "there are too many rules", place);
            return;
        }
        var markup = kind == RuleKind.RawBody;
        if (kind is RuleKind.Header or RuleKind.Body or RuleKind.RawBody or RuleKind.Full && FunctionCall(text) is { } call)
        {
            kind = text.StartsWith("rbleval:", StringComparison.Ordinal) || call.StartsWith("check_rbl", StringComparison.Ordinal) || call.StartsWith("check_dns", StringComparison.Ordinal) ? RuleKind.Network : RuleKind.Function;
            text = call;
        }
        book.Rules[name] = new RuleDefinition(name, kind, text, place, markup && kind == RuleKind.Function);
    }

    private static string? FunctionCall(string text) =>
        text.StartsWith("eval:", StringComparison.Ordinal) ? text["eval:".Length..] : text.StartsWith("rbleval:", StringComparison.Ordinal) ? text["rbleval:".Length..] : null;

    private void Score(string value, string place)
    {
        var words = Words(value);
        if (words.Length is not (2 or 5))
        {
            book.Refuse(words.Length > 0 ? words[0] : "score", "a score is one number or four", place);
            return;
        }
        // Four scores are for: neither network nor Bayes, network, Bayes, both. These rules ask nothing.
        var text = words[1];
        var relative = text.StartsWith('(') && text.EndsWith(')');
        if (!double.TryParse(text.Trim('(', ')'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) || Math.Abs(score) > 10_000)
        {
            book.Refuse(words[0], $"the score '{text}' is no number", place);
            return;
        }
        if (relative && !book.Scores.ContainsKey(words[0])) book.Refuse(words[0], "a score that adds to another needs one before it", place);
        else book.Scores[words[0]] = relative ? book.Scores[words[0]] + score : score;
    }

    private void FreeMailDomains(string value)
    {
        foreach (var word in Words(value))
        {
            var domain = ByteText.Lower(word);
            if (domain.AsSpan().IndexOfAny('*', '?') >= 0) book.FreeMailPatterns.Add(domain);
            else book.FreeMailDomains.Add(domain);
        }
    }

    private void AddUriHost(string list, string host)
    {
        var lower = ByteText.Lower(host);
        book.UriHostList(list)[lower.TrimStart('!')] = !lower.StartsWith('!');
    }

    private void Enlist(string value, string place, Action<string, string> add)
    {
        var end = value.IndexOf(')', StringComparison.Ordinal);
        if (!value.StartsWith('(') || end < 2)
        {
            book.Refuse("enlist", "a list's name in parentheses is needed", place);
            return;
        }
        var list = value[1..end].Trim();
        foreach (var word in Words(value[(end + 1)..])) add(list, word);
    }

    private void Networks(string key, string value, string place)
    {
        if (!book.Networks.TryGetValue(key, out var networks)) book.Networks.Add(key, networks = []);
        foreach (var word in Words(value))
        {
            if (TryNetwork(word.TrimStart('!'), out var network)) networks.Add((network, word.StartsWith('!')));
            else book.Refuse(key, $"'{word}' is no network", place);
        }
    }

    // "10.", "10.1", "10/8", "192.168.1.2" and IPv6 are all in use.
    private static bool TryNetwork(string word, out IPNetwork network)
    {
        network = default;
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        var text = (slash < 0 ? word : word[..slash]).Trim('[', ']');
        var bits = -1;
        if (slash >= 0 && !int.TryParse(word.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits)) return false;
        if (!text.Contains(':', StringComparison.Ordinal))
        {
            var parts = text.TrimEnd('.').Split('.');
            if (parts.Length > 4) return false;
            if (bits < 0) bits = parts.Length * 8;
            text = string.Join('.', parts.Concat(Enumerable.Repeat("0", 4 - parts.Length)));
        }
        if (!IPAddress.TryParse(text, out var address)) return false;
        var width = address.GetAddressBytes().Length * 8;
        if (bits < 0) bits = width;
        if (bits > width) return false;
        var octets = address.GetAddressBytes();
        for (var bit = bits; bit < width; bit++) octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        network = new IPNetwork(new IPAddress(octets), bits);
        return true;
    }

    private static void Named(string value, Dictionary<string, string> table)
    {
        var (name, text) = SplitFirst(value);
        if (name.Length > 0 && text.Length > 0) table[name] = text;
    }

    private static void AddLower(string value, HashSet<string> set)
    {
        foreach (var word in Words(value)) set.Add(ByteText.Lower(word));
    }

    private static (string First, string Remainder) SplitFirst(string value)
    {
        var end = value.AsSpan().IndexOfAny(' ', '\t');
        return end < 0 ? (value, "") : (value[..end], value[end..].TrimStart(Blank));
    }

    private static string[] Words(string value) => value.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
}
