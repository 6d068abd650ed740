using System.Buffers;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A link found in plain text.</summary>
/// <param name="Text">The link as it stands.</param>
/// <param name="Kind">By what it was known.</param>
/// <param name="Host">The host of a link without a scheme.</param>
internal readonly record struct TextLink(string Text, TextLinkKind Kind, string? Host);

/// <summary>By what a link in text was known.</summary>
internal enum TextLinkKind
{
    /// <summary>A scheme, or www.</summary>
    Scheme,
    /// <summary>An address with @.</summary>
    Mail,
    /// <summary>Nothing but a host under a known top level.</summary>
    Bare,
}

/// <summary>
/// Finds what mail programs make links of: after Thunderbird's delimiters, as SpamAssassin does. One pass; runs are bounded, and no
/// position looks further than the end of its word.
/// </summary>
internal static class TextLinks
{
    private const int LongestRun = 2048;
    private const int LongestSide = 251;

    private static readonly SearchValues<char> EndOfUri = SearchValues.Create("><\"`}]{[| \t\n\r\f\v\x1b" + ByteText.Of(0xA0));
    private static readonly SearchValues<char> EndOfMail = SearchValues.Create("><\"`}]{[| \t\n\r\f\v\x1b,('" + new string([.. Enumerable.Range(0x80, 0x80).Select(octet => ByteText.Of((byte)octet))]));
    private static readonly SearchValues<char> BeforeUri = SearchValues.Create("><\"'`,{[(| \t\n\r\f\v\x1b" + ByteText.Of(0xA0));
    private static readonly SearchValues<char> BeforeBare = SearchValues.Create("!\"#$&'()*+,/:;<=>?@[\\]^`{|}~ \t\n\r\f\v\x1b" + ByteText.Of(0xA0));

    internal static IEnumerable<TextLink> Find(string text, RegisteredDomains domains)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (!MayBegin(text, at))
            {
                at++;
                continue;
            }
            var length = Known(text, at);
            var kind = TextLinkKind.Scheme;
            string? host = null;
            if (length == 0)
            {
                kind = TextLinkKind.Mail;
                length = Mail(text, at);
            }
            if (length == 0)
            {
                kind = TextLinkKind.Bare;
                length = Bare(text, at, domains, out host);
            }
            if (length == 0)
            {
                at++;
                continue;
            }
            yield return new TextLink(text.Substring(at, length), kind, host);
            at += length;
        }
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool MayBegin(string text, int at)
    {
        var word = IsWord(text[at]);
        if (at == 0) return word;
        var before = text[at - 1];
        // Behind an ISO 2022 shift, ESC ( and a letter, text begins.
        return IsWord(before) != word || BeforeUri.Contains(before) || (at >= 3 && text[at - 3] == '\x1b' && text[at - 2] == '(');
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> end, int longest)
    {
        var window = text.Length > longest + 1 ? text[..(longest + 1)] : text;
        var stop = window.IndexOfAny(end);
        var length = stop < 0 ? window.Length : stop;
        return length > longest ? 0 : length;
    }

    private static int Known(string text, int at)
    {
        var rest = text.AsSpan(at);
        var prefix = Prefix(rest);
        if (prefix == 0) return 0;
        var run = Run(rest[prefix..], EndOfUri, LongestRun);
        return run == 0 ? 0 : prefix + run;
    }

    private static int Prefix(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return 7;
        if (rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) return 8;
        if (rest.StartsWith("ftp://", StringComparison.OrdinalIgnoreCase)) return 6;
        if (rest.StartsWith("ftp.", StringComparison.OrdinalIgnoreCase)) return 4;
        if (!rest.StartsWith("www", StringComparison.OrdinalIgnoreCase)) return 0;
        var dot = 3;
        while (dot < 5 && dot < rest.Length && char.IsAsciiDigit(rest[dot])) dot++;
        return dot < rest.Length && rest[dot] == '.' ? dot + 1 : 0;
    }

    private static int Mail(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            var run = Run(rest[7..], EndOfMail, LongestRun);
            if (run > 0) return 7 + run;
        }
        var word = rest.Length > LongestSide + 1 ? rest[..(LongestSide + 1)] : rest;
        var end = word.IndexOfAny(EndOfMail);
        if (end >= 0) word = word[..end];
        var sign = word.IndexOf('@');
        if (sign <= 0) return 0;
        var domain = Run(rest[(sign + 1)..], EndOfMail, LongestSide);
        return domain == 0 ? 0 : sign + 1 + domain;
    }

    private static int Bare(string text, int at, RegisteredDomains domains, out string? host)
    {
        host = null;
        if (!char.IsAsciiLetterOrDigit(text[at]) || (at > 0 && !BeforeBare.Contains(text[at - 1]))) return 0;
        var end = at;
        var dot = -1;
        while (end < text.Length && end - at <= 300 && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' or '-'))
        {
            if (text[end] == '.') dot = end;
            end++;
        }
        var hostEnd = end;
        // One full stop may end the name.
        if (dot == end - 1)
        {
            hostEnd--;
            dot = text.LastIndexOf('.', Math.Max(at, hostEnd - 1), Math.Max(0, hostEnd - at));
        }
        if (dot <= at || hostEnd - dot is < 2 or > 64) return 0;
        Span<char> top = stackalloc char[64];
        var length = text.AsSpan(dot + 1, hostEnd - dot - 1).ToLowerInvariant(top);
        if (length < 0 || !domains.IsTopLevel(top[..length])) return 0;
        if (end < text.Length && text[end] == ':')
        {
            var digits = end + 1;
            while (digits < text.Length && digits - end <= 5 && char.IsAsciiDigit(text[digits])) digits++;
            if (digits > end + 1) end = digits;
        }
        if (end < text.Length && text[end] == '/' && Run(text.AsSpan(end + 1), EndOfUri, LongestRun) is > 0 and var path) end += 1 + path;
        if (end < text.Length && !EndOfUri.Contains(text[end])) return 0;
        host = text[at..hostEnd];
        return end - at;
    }
}
