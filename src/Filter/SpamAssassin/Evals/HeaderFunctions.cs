using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the form of header fields.</summary>
internal static partial class HeaderFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_illegal_chars", IllegalCharacters),
        ("subject_is_all_caps", SubjectIsUpper),
        ("check_for_to_in_subject", ToInSubject),
        ("check_messageid_not_usable", MessageIdNotUsable),
        ("check_header_count_range", FieldCount),
        ("check_unresolved_template", UnresolvedTemplate),
        ("check_ratware_name_id", RatwareNameId),
        ("check_ratware_envelope_from", RatwareEnvelopeFrom),
        ("gated_through_received_hdr_remover", (scan, _) => IsGated(scan)),
        ("check_equal_from_domains", DifferentFromDomains),
        ("check_for_matching_env_and_hdr_from", (scan, _) => ByteText.Lower(scan.Header.Text("EnvelopeFrom:addr")) == ByteText.Lower(scan.Header.Text("From:addr"))),
        ("check_for_unique_subject_id", (_, _) => false),
        // Locales are "all" here: no charset is far away.
        ("check_for_faraway_charset_in_headers", (_, _) => false),
        ("check_msg_parse_flags", (scan, arguments) => scan.Message.Faults.Contains(arguments.At(0))),
        ("check_subject_in_welcomelist", (scan, _) => SubjectListed(scan, "welcomelist_subject")),
        ("check_subject_in_blocklist", (scan, _) => SubjectListed(scan, "blocklist_subject")),
    ];

    private static bool IllegalCharacters(MessageScan scan, string[] arguments)
    {
        var field = arguments.At(0);
        if (!field.EndsWith(":raw", StringComparison.Ordinal)) field += ":raw";
        var text = scan.Header.Text(field);
        if (string.IsNullOrWhiteSpace(text)) return false;
        var controls = text.Count(c => c is < '\t' or '\v' or '\f' or (> '\r' and < ' '));
        if (ByteText.HasHigh(text) && System.Text.Unicode.Utf8.IsValid(ByteText.Octets(text)) && controls == 0) return false;
        var illegal = controls + text.Count(c => c is '\x7F' || ByteText.IsHigh(c));
        // One sign for cent, pound or registered is common.
        if (illegal > 0 && field.Equals("subject:raw", StringComparison.OrdinalIgnoreCase) && text.Count(c => ByteText.Octet(c) is 0xA2 or 0xA3 or 0xAE) == 1) illegal--;
        return (double)illegal / text.Length >= (arguments.NumberAt(1) ?? 0) && illegal >= (arguments.NumberAt(2) ?? 0);
    }

    private static bool SubjectIsUpper(MessageScan scan, string[] arguments)
    {
        var subject = ReplyPrefixes().Replace(scan.Header.Text("Subject").Trim(MessagePart.Blank), "");
        if (subject.AsSpan().IndexOfAny(MessagePart.Blank) < 0 || subject.Length < 10) return false;
        // Some charsets are written in capitals.
        if (CapitalCharset().IsMatch(scan.Header.Text("Subject:raw"))) return false;
        var letters = subject.Where(char.IsAsciiLetter).ToList();
        return letters.Count > 0 && letters.TrueForAll(char.IsAsciiLetterUpper);
    }

    private static bool ToInSubject(MessageScan scan, string[] arguments)
    {
        var to = scan.Header.Text("To:addr");
        if (to.Length is 0 or > 320) return false;
        var subject = scan.Header.Text("Subject");
        if (arguments.At(0) == "address") return IsWithin(to, subject);
        if (arguments.At(0) != "user") return false;
        var sign = to.IndexOf('@', StringComparison.Ordinal);
        return Addresses(sign < 0 ? to : to[..sign], subject.AsSpan());
    }

    // \bADDRESS\b without case.
    private static bool IsWithin(string word, string text)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (IsEdge(text, at) && IsEdge(text, at + word.Length)) return true;
        }
        return false;
    }

    private static bool IsEdge(string text, int at) => (at > 0 && IsWord(text[at - 1])) != (at < text.Length && IsWord(text[at]));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    // The subject is the name alone; or begins with it and a sign; or ends with it between a comma and a sign; or is an answer to it.
    private static bool Addresses(string user, ReadOnlySpan<char> subject)
    {
        // $ stands before a line end as well.
        var whole = subject.EndsWith("\n") ? subject[..^1] : subject;
        if (Is(whole, user)) return true;
        if (subject.StartsWith(user, StringComparison.Ordinal))
        {
            var rest = subject[user.Length..].TrimStart(Space);
            if (rest.Length > 0 && ",:;!?-".Contains(rest[0], StringComparison.Ordinal) && (rest.Length == 1 || Space.Contains(rest[1]))) return true;
        }
        if (subject.StartsWith(",") && whole.Length > 1 && ",:;!?-".Contains(whole[^1], StringComparison.Ordinal) && Is(whole[1..^1].TrimStart(Space), user)) return true;
        if (!subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) && !subject.StartsWith("fw:", StringComparison.OrdinalIgnoreCase)) return false;
        var answer = whole[3..].TrimStart(Space);
        if (Is(answer, user)) return true;
        var length = 0;
        while (length < answer.Length && IsWord(answer[length])) length++;
        var last = answer[length..].TrimStart(Space);
        return length > 0 && last.Length < answer.Length - length && Is(last, user);
    }

    private static bool Is(ReadOnlySpan<char> text, string user) => text.Equals(user, StringComparison.OrdinalIgnoreCase);

    private static readonly char[] Space = [' ', '\t', '\n', '\r', '\f', '\v'];

    private static bool MessageIdNotUsable(MessageScan scan, string[] arguments)
    {
        var received = scan.Header.Text("Received");
        return UnsubscribeAddress().IsMatch(scan.Header.Text("List-Unsubscribe")) || IsGated(scan) || received.Contains("/CWT/DCE)", StringComparison.Ordinal) || received.Contains("iPlanet Messaging Server", StringComparison.Ordinal);
    }

    private static bool FieldCount(MessageScan scan, string[] arguments)
    {
        var count = scan.Message.Root.FieldsOf(arguments.At(0).ToLowerInvariant()).Select(field => field.Decoded).Distinct(StringComparer.Ordinal).Count();
        return count >= (arguments.NumberAt(1) ?? 0) && count <= (arguments.NumberAt(2) ?? double.MaxValue);
    }

    private static bool UnresolvedTemplate(MessageScan scan, string[] arguments) =>
        scan.Header.All("ALL").Any(field => Template().IsMatch(field) && !MayHoldTemplate().IsMatch(field));

    private static bool RatwareNameId(MessageScan scan, string[] arguments) =>
        CapitalId().Match(scan.Header.Text("MESSAGEID")) is { Success: true } id && NamedAs(id.Groups[1].Value).IsMatch(scan.Header.Text("From"));

    // Made for one message of very many; linear in what a stranger wrote.
    private static Regex NamedAs(string address) => new($@"""[^""]+""\s*<{Regex.Escape(address)}>", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static bool RatwareEnvelopeFrom(MessageScan scan, string[] arguments)
    {
        var (to, from) = (scan.Header.Text("To:addr"), scan.Header.Text("EnvelopeFrom:addr"));
        if (from.Length == 0 || to.Length == 0 || RewrittenSender().IsMatch(from)) return false;
        var sign = to.IndexOf('@', StringComparison.Ordinal);
        if (sign <= 0 || sign == to.Length - 1) return false;
        var domain = scan.Data.Domains.Trim(to[(sign + 1)..]);
        return scan.Data.Domains.IsValid(domain) && HasTurnedRound(from, domain, to[..sign] + "@");
    }

    // The recipient's domain, any sign, and what stands before it in his address.
    private static bool HasTurnedRound(string from, string domain, string user)
    {
        for (var at = from.IndexOf(domain, StringComparison.OrdinalIgnoreCase); at >= 0; at = from.IndexOf(domain, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var sign = at + domain.Length;
            if (IsEdge(from, at) && sign < from.Length && from[sign] != '\n' && from.AsSpan(sign + 1).StartsWith(user, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Mail that came by a list or service that takes the Received fields away.</summary>
    internal static bool IsGated(MessageScan scan)
    {
        if (EzmlmContact().IsMatch(scan.Header.Text("Mailing-List")) && MailingList().IsMatch(scan.Header.Text("Delivered-To")) && QmailInvoked().IsMatch(scan.Header.Text("Received"))) return true;
        var received = scan.Header.Joined("Received");
        return received is null || MsnGroups().IsMatch(received);
    }

    private static bool DifferentFromDomains(MessageScan scan, string[] arguments)
    {
        var (from, envelope) = (LastTwoLabels(scan.Header.Text("From:addr")), LastTwoLabels(scan.Header.Text("EnvelopeFrom:addr")));
        return from.Length > 0 && envelope.Length > 0 && !from.Equals(envelope, StringComparison.OrdinalIgnoreCase);
    }

    private static string LastTwoLabels(string address)
    {
        var sign = address.LastIndexOf('@');
        return sign < 0 ? "" : LastLabels().Replace(address[(sign + 1)..], "$1");
    }

    private static bool SubjectListed(MessageScan scan, string list)
    {
        var subject = ByteText.Lower(scan.Header.Text("Subject"));
        return subject.Length > 0 && scan.Data.SubjectLists.TryGetValue(list, out var patterns) && patterns.Exists(pattern => Rules.Glob.Matches(pattern, subject));
    }

    [GeneratedRegex(@"^(?:(?:Re|Fwd|Fw|Aw|Antwort|WG|SV|VB|VS|VL):\s*)+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ReplyPrefixes();

    [GeneratedRegex(@"=\?[-_a-z0-9]*(?:koi|jp|jis|euc|gb|big5|isoir|cp1251|windows-1251|georgianps|pt154|tis)[-_a-z0-9]*\?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CapitalCharset();

    [GeneratedRegex(@"<mailto:(?:leave-\S+|\S+-unsubscribe)@\S+>$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UnsubscribeAddress();

    [GeneratedRegex("%[A-Z][A-Z_-]")]
    private static partial Regex Template();

    [GeneratedRegex("^(?:X-VMS-To|X-UIDL|X-Face|To|Cc|From|Subject|References|In-Reply-To|(?:X-|Resent-|X-Original-)?Message-Id):", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MayHoldTemplate();

    [GeneratedRegex(@"<[A-Z]{28}\.([^>]+?)>")]
    private static partial Regex CapitalId();

    [GeneratedRegex(@"^SRS\d[=+-]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RewrittenSender();

    [GeneratedRegex(@"^contact \S+@\S+; run by ezmlm$", RegexOptions.Multiline)]
    private static partial Regex EzmlmContact();

    [GeneratedRegex(@"^mailing list \S+@\S+", RegexOptions.Multiline)]
    private static partial Regex MailingList();

    [GeneratedRegex(@"qmail \d+ invoked (?:from network|by .{3,20})\); \d+ ... \d+")]
    private static partial Regex QmailInvoked();

    [GeneratedRegex(@"from groups\.msn\.com \(\S+\.msn\.com ")]
    private static partial Regex MsnGroups();

    [GeneratedRegex(@"^.+\.([^.]+\.[^.]+)$")]
    private static partial Regex LastLabels();
}
