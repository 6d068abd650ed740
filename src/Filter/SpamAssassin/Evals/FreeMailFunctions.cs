using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on addresses at providers where anybody gets one.</summary>
internal static partial class FreeMailFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_freemail_header", InHeader),
        ("check_freemail_from", (scan, arguments) => Any(scan.Header.FromAddresses().Select(ByteText.Lower), arguments.At(0), scan)),
        ("check_freemail_body", (scan, arguments) => InBody(scan) is { } body && Any(body, arguments.At(0), scan)),
        ("check_freemail_replyto", ReplyTo),
    ];

    private static bool InHeader(MessageScan scan, string[] arguments) => Any(scan.Header.All(arguments.At(0) + ":addr").Select(ByteText.Lower), arguments.At(1), scan);

    private static bool Any(IEnumerable<string> addresses, string pattern, MessageScan scan)
    {
        foreach (var address in addresses)
        {
            if (!IsFreeMail(address, scan)) continue;
            if (pattern.Length == 0) return true;
            if (PerlPattern.Parse(pattern) is { Root: { } root } && new RuleRegex(root).IsMatch(address, scan.Budget)) return true;
        }
        return false;
    }

    private static bool IsFreeMail(string address, MessageScan scan)
    {
        if (address.Length == 0) return false;
        var domain = address[(address.LastIndexOf('@') + 1)..];
        if (scan.Data.FreeMailExceptions.Contains(address) || scan.Data.FreeMailExceptions.Contains(domain) || NotPersonal().IsMatch(address)) return false;
        return scan.Data.FreeMailDomains.Contains(domain) || (scan.Data.FreeMailPattern?.IsMatch(address) ?? false);
    }

    private static bool ReplyTo(MessageScan scan, string[] arguments)
    {
        var what = arguments.At(0) is "" ? "replyto" : arguments.At(0);
        if (what is not ("replyto" or "reply")) return false;
        if (scan.Data.Number("freemail_skip_bulk_envfrom", 1) != 0 && scan.Header.EnvelopeFrom() is { } envelope && BulkSender().IsMatch(envelope)) return false;
        var from = scan.Header.All("From:addr").Select(ByteText.Lower).ToList();
        var replyTo = scan.Header.All("Reply-To:addr").Select(ByteText.Lower).ToList();
        var fromIsFree = from.Exists(address => IsFreeMail(address, scan));
        var replyIsFree = replyTo.Exists(address => IsFreeMail(address, scan));
        if (fromIsFree && replyIsFree && !from.Exists(replyTo.Contains)) return true;
        if (what == "replyto" ? !replyIsFree : (replyTo.Count > 0 && !replyIsFree) || !fromIsFree) return false;
        if (InBody(scan) is not { } body) return false;
        var replies = what == "replyto" || replyIsFree ? replyTo : from;
        return body.Exists(address => replies.Exists(reply => reply != address));
    }

    /// <summary>The free addresses in the text; null where there are so many that it is a list.</summary>
    private static List<string>? InBody(MessageScan scan)
    {
        var found = scan.Note("freemail body", () => Find(scan));
        return found.TooMany ? null : found.Addresses;
    }

    private sealed record BodyAddresses(bool TooMany, List<string> Addresses);

    private static BodyAddresses Find(MessageScan scan)
    {
        var addresses = new List<string>();
        foreach (var (uri, link) in scan.Links.Links)
        {
            if (addresses.Count >= 20) break;
            if (!link.Types.Contains("a") || link.Types.Contains("parsed") || !uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) continue;
            if (AddressesIn(uri["mailto:".Length..], scan) is [{ Start: 0 } first, ..] && !addresses.Contains(first.Text)) addresses.Add(first.Text);
        }
        for (var i = 0; i < scan.Body.Count && addresses.Count < 40; i++)
        {
            var line = scan.Body[i];
            if (!line.Contains('@', StringComparison.Ordinal) && !line.Contains("%40", StringComparison.Ordinal)) continue;
            // Addresses in links and in quoted headers are not the writer's; rules that run later do not see them either.
            line = scan.Body[i] = WithoutQuoted(LinkWithSign().Replace(line, " "), scan);
            foreach (var (_, _, text) in AddressesIn(line, scan))
            {
                if (addresses.Count >= 40) break;
                if (!addresses.Contains(text)) addresses.Add(text);
            }
        }
        return Choose(addresses, scan);
    }

    private static BodyAddresses Choose(List<string> addresses, MessageScan scan)
    {
        var free = new List<string>();
        var skip = scan.Data.Number("freemail_skip_when_over_max", 1) != 0;
        for (var i = 0; i < addresses.Count; i++)
        {
            if (skip && i + 1 == scan.Data.Number("freemail_max_body_emails", 5)) return new BodyAddresses(true, []);
            if (!IsFreeMail(addresses[i], scan)) continue;
            free.Add(addresses[i]);
            if (skip && free.Count == scan.Data.Number("freemail_max_body_freemails", 3)) return new BodyAddresses(true, []);
        }
        return new BodyAddresses(false, free);
    }

    private static string WithoutQuoted(string line, MessageScan scan)
    {
        var found = AddressesIn(line, scan);
        for (var i = found.Count - 1; i >= 0; i--)
        {
            var (start, end, _) = found[i];
            if (start >= 7 && line.AsSpan(start - 7, 7).SequenceEqual("mailto:")) continue;
            var after = HeaderAfter().Match(line, end);
            if (!after.Success || after.Index != end) continue;
            if (start > 0 && line[start - 1] == '<') start--;
            line = string.Concat(line.AsSpan(0, start), " ", line.AsSpan(end + after.Length));
        }
        return line;
    }

    private static List<(int Start, int End, string Text)> AddressesIn(string text, MessageScan scan)
    {
        var result = new List<(int, int, string)>();
        for (var sign = text.IndexOf('@', StringComparison.Ordinal); sign >= 0 && result.Count < 100; sign = text.IndexOf('@', sign + 1))
        {
            var start = sign;
            while (start > 0 && sign - start < 65 && IsAtom(text[start - 1])) start--;
            while (start < sign && text[start] == '.') start++;
            if (start == sign || sign - start > 64 || text[sign - 1] == '.' || text.AsSpan(start, sign - start).Contains("..", StringComparison.Ordinal)) continue;
            var end = DomainEnd(text, sign + 1, scan);
            if (end > 0) result.Add((start, end, ByteText.Lower(text[start..end])));
        }
        return result;
    }

    private static bool IsAtom(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+/=?^_`{|}~-.".Contains(c, StringComparison.Ordinal);

    // Two to five labels, the last a top-level domain that the name ends with.
    private static int DomainEnd(string text, int start, MessageScan scan)
    {
        var end = start;
        while (end < text.Length && end - start < 255 && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '.')) end++;
        var name = text[start..end].TrimEnd('.');
        if (name.EndsWith('-') || name.Contains("..", StringComparison.Ordinal)) return 0;
        var labels = name.Split('.');
        if (labels.Length is < 2 or > 5 || labels.Any(label => label.Length is 0 or > 61 || label[0] == '-' || label[^1] == '-')) return 0;
        return scan.Data.Domains.IsTopLevel(labels[^1].ToLowerInvariant()) ? start + name.Length : 0;
    }

    [GeneratedRegex(@"^(?:abuse|support|sales|info|helpdesk|contact|kontakt|(?:post|host|domain)master|undisclosed.*|request-[a-f0-9]{16}|bounced?-|[a-f0-9]{8}(?:\.[a-f0-9]{8}|-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})|.+=.+=.+)@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NotPersonal();

    [GeneratedRegex(@"(?:^(?:post|host|domain)master|^double-bounce|^(?:sentto|owner|return|(?:gr)?bounced?)-.+|-(?:request|bounces?|admin|owner)|\b(?:do[._-t]?)?no[._-t]?repl(?:y|ies)|.+=.+)@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BulkSender();

    [GeneratedRegex(@"<?https?://\S{0,255}(?:@|%40)\S{0,255}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LinkWithSign();

    [GeneratedRegex(@"\G(?:>|\s{1,10}(?!(?:fa(?:x|csi)|tel|phone|e?-?mail))[a-z]{2,11}:)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HeaderAfter();
}
