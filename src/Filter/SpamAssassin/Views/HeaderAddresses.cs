using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A mailbox of an address field: the phrase before it, and the address; either may be absent.</summary>
internal readonly record struct HeaderAddress(string? Phrase, string? Address);

/// <summary>Reads address fields with the tolerance that rules count on.</summary>
internal static partial class HeaderAddresses
{
    private const int LongestField = 8192;
    private const int MostAddresses = 1000;
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(50);

    private const string Quoted = @"""(?>(?:[^""\\]+|\\.)*)""";
    private const string Mailbox = $@"(?:{Quoted}|[^@\s<>()\[\],:;]+)@(?:[^""\s<>()\[\],:;]+|\[[\d:.]+\])";
    private const string Words = $@"(?:{Quoted}|(?>[^"",;<]+))+";

    private static readonly Regex One = new(
        $@"\G\s*(?:(?:(?<phrase>{Words})\s*)?<\s*(?<angle>[^>@]*\S+|\s*)\s*>(?:\s*<\s*(?:(?:{Quoted})?\S+|\s*)\s*>)*|(?:(?<bare>{Mailbox})|(?<alone>{Words})))(?:\s*\((?<comment>(?>(?:[^()\\]+|\\.)*))\))?\s*(?:[,;]|\z)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTime);

    private static readonly Regex MailboxOnly = new($"^{Mailbox}$", RegexOptions.CultureInvariant, MatchTime);

    private static readonly Regex InAngles = new($"<(?<mailbox>{Mailbox})>", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTime);

    internal static List<HeaderAddress> Of(string field)
    {
        var result = new List<HeaderAddress>();
        var text = field.Length > LongestField ? field[..LongestField] : field;
        text = Group().Replace(text.TrimEnd(MessagePart.Blank).Replace(@"\\", "", StringComparison.Ordinal), "$1");
        if (string.IsNullOrWhiteSpace(text)) return result;
        try
        {
            var at = 0;
            while (at < text.Length && result.Count < MostAddresses && One.Match(text, at) is { Success: true, Length: > 0 } match)
            {
                result.Add(Read(match));
                at += match.Length;
            }
            // What cannot be read may still hold addresses in angle brackets.
            if (at < text.Length && text.IndexOf('@', at) >= 0)
            {
                for (var match = InAngles.Match(text, at); match.Success && result.Count < MostAddresses; match = match.NextMatch())
                {
                    var address = match.Groups["mailbox"].Value;
                    if (IsSound(address)) result.Add(new HeaderAddress(null, WithOneSign(address)));
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return result;
        }
        return result;
    }

    private static HeaderAddress Read(Match match)
    {
        var groups = match.Groups;
        var phrase = groups["phrase"].Success ? groups["phrase"].Value : groups["alone"].Success ? groups["alone"].Value : null;
        var address = groups["angle"].Success ? groups["angle"].Value : groups["bare"].Success ? groups["bare"].Value : null;
        if (groups["angle"].Success)
        {
            address = CommentIn().Replace(address!, "");
            if (!MailboxOnly.IsMatch(address)) address = null;
        }
        if (!IsSound(address)) address = null;
        if (phrase is not null)
        {
            phrase = Unquote(phrase);
            if (address is null && MailboxOnly.IsMatch(phrase) && IsSound(phrase) && HostNames.IsFullName(HostNames.ToAscii(HostOf(phrase))))
            {
                (address, phrase) = (phrase, null);
            }
            else if (phrase.Length == 0 || phrase == address) phrase = null;
        }
        if (phrase is null && groups["comment"].Success) phrase = groups["comment"].Value;
        return new HeaderAddress(phrase, address is null ? null : WithOneSign(address));
    }

    private static bool IsSound(string? address) => address is not null && !address.StartsWith("\"\"@", StringComparison.Ordinal) && address.AsSpan().Count('"') != 1;

    private static string HostOf(string address)
    {
        var first = address.IndexOf('@', StringComparison.Ordinal);
        var second = address.IndexOf('@', first + 1);
        return second < 0 ? address[(first + 1)..] : address[(first + 1)..second];
    }

    private static string WithOneSign(string address)
    {
        var first = address.IndexOf('@', StringComparison.Ordinal);
        var second = first < 0 ? -1 : address.IndexOf('@', first + 1);
        return second < 0 ? address : address[..second];
    }

    private static string Unquote(string phrase)
    {
        var result = new StringBuilder(phrase.Length);
        foreach (Match match in PhrasePiece().Matches(phrase))
        {
            if (match.Groups[1].Success) result.Append(Backslash().Replace(match.Groups[1].Value, "").Replace(@"\\", @"\", StringComparison.Ordinal));
            else result.Append(CommentIn().Replace(match.Groups[2].Value, ""));
        }
        return result.ToString();
    }

    // RFC 5322 §3.4: "group: a, b;".
    [GeneratedRegex(@"^[^""()<>]+:\s*(.*?)\s*(?:;.*)?", RegexOptions.Singleline)]
    private static partial Regex Group();

    [GeneratedRegex(@"\((?>(?:[^()\\]+|\\.)*)\)", RegexOptions.Singleline)]
    private static partial Regex CommentIn();

    [GeneratedRegex(@"""((?>(?:[^""\\]+|\\.)*))""|([^""]+)", RegexOptions.Singleline)]
    private static partial Regex PhrasePiece();

    [GeneratedRegex(@"\\(?!\\)")]
    private static partial Regex Backslash();
}
