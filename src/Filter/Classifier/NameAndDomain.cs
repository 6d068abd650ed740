using System.Numerics;

namespace Sternpost.Filter.Classifier;

/// <summary>
/// Whether a display name and the domain under it speak of the same sender. A shop writes from a domain of its name; who borrows a
/// known name can put it before the @ only, and the domain was bought in bulk.
/// </summary>
internal static class NameAndDomain
{
    private const int MaxName = 64;
    private const int ShortestWord = 4;

    internal static void Add(ReadOnlySpan<char> name, ReadOnlySpan<char> address, ReadOnlySpan<char> registered, FeatureSet set)
    {
        var dot = registered.IndexOf('.');
        var label = dot < 0 ? registered : registered[..dot];
        if (label.IsEmpty) return;
        AddShape(label, set);
        if (name.IsEmpty) return;
        var at = address.LastIndexOf('@');
        var local = at < 0 ? default : address[..at];
        var inDomain = Matches(name, label);
        var inLocal = Matches(name, local);
        set.Add(Token(inDomain ? inLocal ? "name-in-both" : "name-in-domain" : inLocal ? "name-in-local-part-only" : "name-in-neither"));
    }

    // "La Palmera" and lapalmera.example, "Temu" and temuofficial.example, "Ember" and ember.example.
    private static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> part)
    {
        Span<char> compactName = stackalloc char[MaxName];
        Span<char> compactPart = stackalloc char[MaxName];
        ReadOnlySpan<char> joined = compactName[..Compact(name, compactName)];
        ReadOnlySpan<char> whole = compactPart[..Compact(part, compactPart)];
        if (joined.Length < 3 || whole.Length < 3) return false;
        if (joined.IndexOf(whole) >= 0 || whole.IndexOf(joined) >= 0) return true;
        for (var position = 0; Words.Next(name, ref position, out var word);)
        {
            if (word.Length >= ShortestWord && part.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0) return true;
        }
        return false;
    }

    private static int Compact(ReadOnlySpan<char> text, Span<char> target)
    {
        var length = 0;
        foreach (var c in text)
        {
            if (length == target.Length) break;
            if (char.IsLetterOrDigit(c)) target[length++] = char.ToLowerInvariant(c);
        }
        return length;
    }

    private static void AddShape(ReadOnlySpan<char> label, FeatureSet set)
    {
        int digits = 0, hyphens = 0, vowels = 0;
        foreach (var c in label)
        {
            if (char.IsAsciiDigit(c)) digits++;
            else if (c == '-') hyphens++;
            else if (c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y' or 'A' or 'E' or 'I' or 'O' or 'U' or 'Y') vowels++;
        }
        set.Add(Token("domain-length") + (uint)BitOperations.Log2((uint)label.Length));
        set.Add(Token(digits == 0 ? "domain-digits:none" : digits == 1 ? "domain-digits:one" : "domain-digits:many"));
        if (hyphens > 0) set.Add(Token(hyphens == 1 ? "domain-hyphen" : "domain-hyphens"));
        if (label.Length >= 5 && vowels * 5 < label.Length) set.Add(Token("domain-unpronounceable"));
    }

    private static uint Token(string name) => WordHash.Of(FeatureField.Relation, name);
}
