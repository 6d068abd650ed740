using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// What this reader claims to be when a rule file asks with <c>if</c>: the SpamAssassin whose files it reads, with the plugins Debian
/// turns on, unless <c>.pre</c> files beside the rules say which. Rules of plugins that ask the network are read and never run.
/// </summary>
internal sealed partial class Capabilities
{
    /// <summary>4.0.1, as SpamAssassin writes versions in conditions.</summary>
    private const string Version = "4.000001";

    private const string PerlVersion = "5.036000";
    private const string Prefix = "Mail::SpamAssassin::Plugin::";

    private static readonly string[] Usual =
    [
        "URIDNSBL", "SPF", "Pyzor", "Razor2", "SpamCop", "AutoLearnThreshold", "WelcomeListSubject", "MIMEHeader", "ReplaceTags", "DKIM", "Check",
        "HTTPSMismatch", "URIDetail", "Bayes", "BodyEval", "DNSEval", "HTMLEval", "HeaderEval", "MIMEEval", "RelayEval", "URIEval", "WLBLEval",
        "VBounce", "ImageInfo", "FreeMail", "AskDNS", "HashBL", "DMARC",
    ];

    private static readonly HashSet<string> Features = new(StringComparer.Ordinal)
    {
        "originating_ip_headers", "dns_local_ports_permit_avoid", "bayes_auto_learn_on_error", "uri_host_listed", "yesno_takes_args",
        "bug6558_free", "edns", "dns_query_restriction", "registryboundaries", "geodb", "dns_block_rule", "compile_regexp", "meta_rules_matching",
        "subjprefix", "bayes_stopwords", "get_host", "blocklist_welcomelist", "welcomelist_blocklist", "header_address_parser", "local_tests_only",
        "header_first_last", "header_match_many", "capture_rules",
    };

    private static readonly HashSet<string> PluginFeatures = new(StringComparer.Ordinal)
    {
        "BodyEval::has_check_body_length", "BodyEval::has_plaintext_body_sig_ratio", "MIMEEval::has_check_for_ascii_text_illegal",
        "MIMEEval::has_check_abundant_unicode_ratio", "MIMEEval::has_check_qp_ratio", "MIMEHeader::has_all_header", "MIMEHeader::has_tflags_range",
        "MIMEHeader::has_tflags_concat", "MIMEHeader::has_tflags_multiple", "MIMEHeader::has_capture_rules", "URIDetail::has_host_key", "DKIM::has_arc",
        "SPF::has_check_for_spf_errors", "SPF::has_check_spf_skipped_noenvfrom", "URIDNSBL::has_tflags_domains_only", "URIDNSBL::has_subtest_for_ranges",
        "URIDNSBL::has_uridnsbl_for_a", "URIDNSBL::has_uridnsbl_a_ns", "URIDNSBL::has_tflags_notrim", "URIDNSBL::has_uridnsbl_skip_mailto",
        "AskDNS::has_tag_header", "DNSEval::has_tflags_domains_only", "DNSEval::has_tflags_ips_only", "HashBL::has_hashbl_bodyre", "HashBL::has_hashbl_emails",
        "HashBL::has_hashbl_uris", "HashBL::has_hashbl_ignore", "HashBL::has_hashbl_tag", "HashBL::has_hashbl_sha256", "HashBL::has_hashbl_attachments",
    };

    private HashSet<string>? loaded;
    private bool compatible = true;

    /// <summary>Takes a <c>.pre</c> file's word for which plugins are on.</summary>
    internal void ReadPreamble(string text)
    {
        if (loaded is null)
        {
            loaded = new(StringComparer.Ordinal);
            compatible = false;
        }
        foreach (var raw in text.Split('\n'))
        {
            var words = raw.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            if (words[0] is "loadplugin" or "tryplugin") loaded.Add(Simple(words[1]));
            else if (words is ["enable_compat", "welcomelist_blocklist"]) compatible = true;
        }
    }

    private static string Simple(string plugin) =>
        plugin.StartsWith(Prefix, StringComparison.Ordinal) ? plugin[Prefix.Length..] switch { "Dmarc" => "DMARC", "WhiteListSubject" => "WelcomeListSubject", var name => name } : plugin;

    private bool HasPlugin(string plugin) => Simple(plugin) is "RaciallyCharged" || (loaded?.Contains(Simple(plugin)) ?? Usual.Contains(Simple(plugin), StringComparer.Ordinal));

    private bool Can(string method)
    {
        const string Configuration = "Mail::SpamAssassin::Conf::";
        if (method.StartsWith(Configuration, StringComparison.Ordinal))
        {
            var name = method[Configuration.Length..];
            return name switch
            {
                "compat_welcomelist_blocklist" => compatible,
                "perl_min_version_5010000" or "has_tflags_nosubject" or "has_tflags_nolog" => true,
                _ => name.StartsWith("feature_", StringComparison.Ordinal) && Features.Contains(name["feature_".Length..]),
            };
        }
        var simple = Simple(method);
        var plugin = simple.IndexOf("::", StringComparison.Ordinal);
        return plugin > 0 && HasPlugin(simple[..plugin]) && PluginFeatures.Contains(simple);
    }

    /// <summary>Whether a condition holds; null where it cannot be read.</summary>
    internal bool? Holds(string condition)
    {
        var plain = Question().Replace(condition, match => (match.Groups[1].Value == "plugin" ? HasPlugin(match.Groups[2].Value) : Can(match.Groups[2].Value)) ? " 1 " : " 0 ");
        plain = PerlVersionWord().Replace(plain, PerlVersion);
        plain = VersionWord().Replace(plain, Version);
        // Nothing is ever asked of the network.
        plain = LocalOnly().Replace(plain, "1");
        var unknown = false;
        var expression = Expression.Parse(plain, _ =>
        {
            unknown = true;
            return 0;
        });
        return expression is null || unknown ? null : expression.Evaluate([]) != 0;
    }

    [GeneratedRegex(@"\b(plugin|can|has)\s*\(\s*([\w:]+)\s*\)")]
    private static partial Regex Question();

    [GeneratedRegex(@"\bperl_version\b")]
    private static partial Regex PerlVersionWord();

    [GeneratedRegex(@"\bversion\b")]
    private static partial Regex VersionWord();

    [GeneratedRegex(@"\blocal_tests_only\b")]
    private static partial Regex LocalOnly();
}
