using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions that know how large providers' mail looks, and so what is forged in their name.</summary>
internal static partial class ForgeryFunctions
{
    private const int LongGoogleField = 60;

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_for_fake_aol_relay_in_rcvd", AolRelay),
        ("check_for_forged_hotmail_received_headers", (scan, _) => Hotmail(scan).Forged),
        ("check_for_no_hotmail_received_headers", (scan, _) => Hotmail(scan).Missing),
        ("check_for_msn_groups_headers", (scan, _) => IsMsnGroup(scan)),
        ("check_for_forged_eudoramail_received_headers", Eudoramail),
        ("check_for_forged_yahoo_received_headers", Yahoo),
        ("check_for_forged_juno_received_headers", Juno),
        ("check_for_forged_gmail_received_headers", Gmail),
        ("check_for_forged_gw05_received_headers", (scan, _) => Gateway().Match(scan.Header.Text("Received")) is { Success: true } match && !match.Groups[2].Value.Contains('.', StringComparison.Ordinal)),
        ("check_outlook_message_id", OutlookId),
    ];

    private static string Received(MessageScan scan) => scan.Note("received", () => Blanks().Replace(scan.Header.Text("Received"), " "));

    private static bool EndsWith(string address, string domain) =>
        address.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (address.Length == domain.Length || !char.IsAsciiLetterOrDigit(address[^(domain.Length + 1)]));

    private static bool HasAddress(string text) => AddressLike().Matches(text).Any(match => HostNames.IsAddress(match.Value));

    private static bool AolRelay(MessageScan scan, string[] arguments)
    {
        var received = Received(scan);
        return AolInternal().IsMatch(received) && !AolVersion().IsMatch(received) && !AolId().IsMatch(received);
    }

    private sealed record HotmailFindings(bool Forged, bool Missing);

    private static HotmailFindings Hotmail(MessageScan scan) => scan.Note("hotmail", () => FindHotmail(scan));

    private static HotmailFindings FindHotmail(MessageScan scan)
    {
        var honest = new HotmailFindings(false, false);
        var received = Received(scan);
        if (HotmailPickup().IsMatch(received) || IsMsnGroup(scan)) return honest;
        var byAddress = HasAddress(scan.Header.Text("X-Originating-Ip"));
        var byOrganisation = HotmailOrganisation().IsMatch(scan.Header.Text("X-OriginatorOrg"));
        if (HeaderFunctions.IsGated(scan)) return honest;
        if (byAddress && (HotmailServer().IsMatch(received) || HotmailBracketed().IsMatch(received) || HotmailWeb().IsMatch(received) || YahooRelay().IsMatch(received))) return honest;
        if (byOrganisation && (OutlookProtection().IsMatch(received) || OutlookProduction().IsMatch(received))) return honest;
        return HotmailClaimed().IsMatch(received) ? new HotmailFindings(true, false) : new HotmailFindings(false, EndsWith(scan.Header.Text("From:addr"), "hotmail.com"));
    }

    private static bool IsMsnGroup(MessageScan scan)
    {
        if (MsnGroupAddress().Match(scan.Header.Text("To")) is not { Success: true } group) return false;
        if (MsnGroupServer().Match(scan.Header.Text("Received")) is not { Success: true } server) return false;
        var (list, id) = (Regex.Escape(group.Groups[1].Value), scan.Header.Text("Message-Id"));
        if (group.Groups[1].Value == "notifications") return Found($@"^<\S+@{Regex.Escape(server.Groups[1].Value)}>", id);
        return Found($@"^<{list}-\S+@groups\.msn\.com>", id) && Found($@"{list}-bounce@groups\.msn\.com", scan.Header.Text("EnvelopeFrom:addr"));
    }

    // Made for one message of very many; linear in what a stranger wrote.
    private static bool Found(string pattern, string text) => new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch(text);

    private static bool Eudoramail(MessageScan scan, string[] arguments) =>
        EndsWith(scan.Header.Text("From:addr"), "eudoramail.com") && !HeaderFunctions.IsGated(scan) && !(Whowhere().IsMatch(Received(scan)) && HasAddress(scan.Header.Text("X-Sender-Ip")));

    private static bool Yahoo(MessageScan scan, string[] arguments)
    {
        var from = scan.Header.Text("From:addr");
        if (!EndsWith(from, "yahoo.com")) return false;
        var received = Received(scan);
        if (scan.Header.Text("Resent-From").Length > 0 && scan.Header.Text("Resent-To").Length > 0 && scan.Header.Text("X-Received") is { Length: > 0 } earlier) received = Blanks().Replace(earlier, " ");
        if (HeaderFunctions.IsGated(scan) || YahooName().IsMatch(scan.Relays.TrustedText) || YahooFirstName().IsMatch(scan.Relays.UntrustedText)) return false;
        return !YahooReceived().IsMatch(received) && !(YahooBulk().IsMatch(received) && EndsWith(from, "@reply.yahoo.com"));
    }

    private static bool Juno(MessageScan scan, string[] arguments)
    {
        if (!EndsWith(scan.Header.Text("From:addr"), "juno.com") || HeaderFunctions.IsGated(scan)) return false;
        var (origin, mailer, received) = (scan.Header.Text("X-Originating-IP"), scan.Header.Text("X-Mailer"), scan.Header.Text("Received"));
        if (origin.Length > 0) return (!JunoServer().IsMatch(received) && !JunoCookie().IsMatch(received)) || !mailer.Contains("Juno ", StringComparison.Ordinal);
        // Without an originating address one of the checks below always fails.
        return true;
    }

    private static bool Gmail(MessageScan scan, string[] arguments)
    {
        if (!EndsWith(scan.Header.Text("From:addr"), "gmail.com")) return false;
        var earlier = scan.Header.Text("X-Received");
        if (GoogleReceived().IsMatch(earlier) || GoogleSubmission().IsMatch(scan.Header.Text("Received"))) return false;
        return scan.Header.Text("X-Gm-Message-State").Length < LongGoogleField || scan.Header.Text("X-Google-Smtp-Source").Length < LongGoogleField;
    }

    // Outlook's identifiers hold the time of writing in units of 2^32 × 100 ns.
    private static bool OutlookId(MessageScan scan, string[] arguments)
    {
        if (OutlookShape().Match(scan.Header.Text("MESSAGEID")) is not { Success: true } match) return false;
        var written = Convert.ToInt64(match.Groups[1].Value, 16);
        if (IsNear(written, MailDate.Parse(scan.Header.Text("Date")) ?? 0)) return false;
        return !IsNear(written, MailDate.Parse(scan.Header.Text("Received")) ?? 0);
    }

    private static bool IsNear(long written, long seconds) => Math.Abs(written - (long)((seconds * 0.0023283064365387) + 27111902.8329849)) < 250;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("[0-9A-Fa-f.:]{3,45}")]
    private static partial Regex AddressLike();

    [GeneratedRegex(@" rly-[a-z][a-z]\d\d\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AolInternal();

    [GeneratedRegex(@"/AOL-\d+\.\d+\.\d+\)")]
    private static partial Regex AolVersion();

    [GeneratedRegex("ESMTP id (?:RELAY|MAILRELAY|MAILIN)")]
    private static partial Regex AolId();

    [GeneratedRegex(@"from mail pickup service by hotmail\.com with Microsoft SMTPSVC;")]
    private static partial Regex HotmailPickup();

    [GeneratedRegex(@"hotmail\.com|msonline-outlook")]
    private static partial Regex HotmailOrganisation();

    [GeneratedRegex(@"from (?:\S*\.)?hotmail.com \(\S+\.hotmail(?:\.msn)?\.com[ )]")]
    private static partial Regex HotmailServer();

    [GeneratedRegex(@"from \S*\.hotmail.com \(\[[0-9A-Fa-f.:]+\][ ):]")]
    private static partial Regex HotmailBracketed();

    [GeneratedRegex(@"from \S+ by \S+\.hotmail(?:\.msn)?\.com with HTTP;")]
    private static partial Regex HotmailWeb();

    [GeneratedRegex(@"from \[66\.218.\S+\] by \S+\.yahoo\.com")]
    private static partial Regex YahooRelay();

    [GeneratedRegex(@"from \S*\.outbound\.protection\.outlook\.com \(\S+\.outbound\.protection\.outlook\.com[ )]")]
    private static partial Regex OutlookProtection();

    [GeneratedRegex(@"from \S*\.(?:eur|nam)prd\d+\.prod\.outlook\.com \([0-9A-Fa-f.:]+\)")]
    private static partial Regex OutlookProduction();

    [GeneratedRegex(@"(?:from |HELO |helo=)\S*hotmail\.com\b")]
    private static partial Regex HotmailClaimed();

    [GeneratedRegex(@"<(\S+)@groups\.msn\.com>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MsnGroupAddress();

    [GeneratedRegex(@"from mail pickup service by ((?:p\d\d\.)groups\.msn\.com)\b")]
    private static partial Regex MsnGroupServer();

    [GeneratedRegex(@"by \S*whowhere.com;")]
    private static partial Regex Whowhere();

    [GeneratedRegex(@" rdns=\S+\.yahoo\.com ")]
    private static partial Regex YahooName();

    [GeneratedRegex(@"^[^\]]+ rdns=\S+\.yahoo\.com ")]
    private static partial Regex YahooFirstName();

    [GeneratedRegex(@"by web\S+\.mail\S*\.yahoo\.com via HTTP|by sonic\S+\.consmr\.mail\S*\.yahoo\.com with HTTP|by smtp\S+\.yahoo\.com with SMTP|from \[[0-9A-Fa-f.:]+\] by \S+\.(?:groups|scd|dcn)\.yahoo\.com with NNFMP|by \w+\.\w+\.yahoo\.com \(\d+\.\d+\.\d+/\d+\.\d+\.\d+\)(?: with ESMTP)? id \w+")]
    private static partial Regex YahooReceived();

    [GeneratedRegex(@"\bmailer\d+\.bulk\.scd\.yahoo\.com\b")]
    private static partial Regex YahooBulk();

    [GeneratedRegex(@"from.*\b(?:juno|untd)\.com.*[\[(][0-9A-Fa-f.:]+[\])].*by")]
    private static partial Regex JunoServer();

    [GeneratedRegex(@" cookie\.(?:juno|untd)\.com ")]
    private static partial Regex JunoCookie();

    [GeneratedRegex(@"by (?:10\.\S+|2002:a\d\d:\w+:\S+) with SMTP id \S+")]
    private static partial Regex GoogleReceived();

    [GeneratedRegex(@"by smtp\.googlemail\.com with ESMTPSA id \S+")]
    private static partial Regex GoogleSubmission();

    [GeneratedRegex(@"\nfrom\s(\S+)\sby\s(\S+)\swith\sESMTP;\s+\S\S\S,\s+\d+\s+\S\S\S\s+\d{4}\s+\d\d:\d\d:\d\d\s+[-+]*\d{4}\n$")]
    private static partial Regex Gateway();

    [GeneratedRegex(@"^<[0-9a-f]{4}([0-9a-f]{8})\$[0-9a-f]{8}\$[0-9a-f]{8}@")]
    private static partial Regex OutlookShape();
}
