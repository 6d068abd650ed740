using System.Globalization;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>Hosts written with letters of several scripts, as in a Latin name with one Cyrillic letter (UTS #39 §5.1).</summary>
internal sealed class LookalikeHostJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol MixedScript = new("HOST_MIXED_SCRIPT", 3.0, "A link or the sender's domain mixes look-alike letters of different scripts.");

    private static readonly IdnMapping Idn = new();

    public override string Name => "lookalike-hosts";

    public override IReadOnlyList<Symbol> Symbols => [MixedScript];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (Mixes(message.From.Domain)) return [MixedScript.Found()];
        for (var i = 0; i < message.Text.Links.Count; i++)
        {
            if (Mixes(message.Text.Links[i].Host)) return [MixedScript.Found()];
        }
        foreach (var link in message.Carried(options.Attachments).Links)
        {
            if (Mixes(link.Host)) return [MixedScript.Found()];
        }
        return [];
    }

    internal static bool Mixes(ReadOnlySpan<char> host)
    {
        if (host.Length is 0 or > 255) return false;
        if (!host.Contains("xn--", StringComparison.OrdinalIgnoreCase)) return !System.Text.Ascii.IsValid(host) && MixesScripts(host);
        foreach (var label in host.ToString().Split('.'))
        {
            if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) && TryDecode(label) is { } text && MixesScripts(text)) return true;
        }
        return false;
    }

    private static string? TryDecode(string label)
    {
        try
        {
            return Idn.GetUnicode(label);
        }
        catch (ArgumentException)
        {
            // Not punycode: a name no resolver will find.
            return null;
        }
    }

    private static bool MixesScripts(ReadOnlySpan<char> text)
    {
        bool latin = false, cyrillicOrGreek = false;
        foreach (var c in text)
        {
            if (c == '.') (latin, cyrillicOrGreek) = (false, false);
            latin |= char.IsAsciiLetter(c) || c is >= '\u00C0' and <= '\u024F';
            cyrillicOrGreek |= c is >= '\u0370' and <= '\u052F';
            if (latin && cyrillicOrGreek) return true;
        }
        return false;
    }
}
