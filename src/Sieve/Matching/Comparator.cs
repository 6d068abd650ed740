using System.Globalization;
using System.Text;

namespace Sternpost.Sieve.Matching;

/// <summary>How strings are compared (RFC 4790). One for each name; what it folds is folded before anything is compared.</summary>
internal abstract class Comparator(string name)
{
    internal static readonly Comparator Octet = new OctetComparator();
    internal static readonly Comparator AsciiCasemap = new AsciiCasemapComparator();
    internal static readonly Comparator AsciiNumeric = new AsciiNumericComparator();
    internal static readonly Comparator UnicodeCasemap = new UnicodeCasemapComparator();

    internal string Name => name;

    /// <summary>Whether it can look for a part of a string, which <c>:contains</c> and <c>:matches</c> need.</summary>
    internal virtual bool HasSubstrings => true;

    internal static Comparator? Find(string name) => name switch
    {
        "i;octet" => Octet,
        "i;ascii-casemap" => AsciiCasemap,
        "i;ascii-numeric" => AsciiNumeric,
        "i;unicode-casemap" => UnicodeCasemap,
        _ => null,
    };

    /// <summary>The form in which equal strings are the same; as many characters as before, or match values could not be found again.</summary>
    internal abstract string Fold(string text);

    internal virtual bool AreEqual(string one, string other) => string.Equals(Fold(one), Fold(other), StringComparison.Ordinal);

    /// <summary>Less than, equal to or more than zero.</summary>
    internal virtual int Compare(string one, string other) => string.CompareOrdinal(Fold(one), Fold(other));

    private sealed class OctetComparator() : Comparator("i;octet")
    {
        internal override string Fold(string text) => text;
    }

    private sealed class AsciiCasemapComparator() : Comparator("i;ascii-casemap")
    {
        internal override string Fold(string text) => string.Create(text.Length, text, static (folded, from) =>
        {
            for (var at = 0; at < folded.Length; at++) folded[at] = char.IsAsciiLetterUpper(from[at]) ? (char)(from[at] | 0x20) : from[at];
        });
    }

    // RFC 5051 asks for titlecase and decomposition; one character for one character keeps match values where they are, and differs for
    // the few letters whose forms have more of them.
    private sealed class UnicodeCasemapComparator() : Comparator("i;unicode-casemap")
    {
        internal override string Fold(string text)
        {
            if (Ascii.IsValid(text)) return AsciiCasemap.Fold(text);
            var composed = IsNormal(text) ? text : Normal(text);
            return string.Create(composed.Length, composed, static (folded, from) =>
            {
                for (var at = 0; at < folded.Length; at++) folded[at] = CultureInfo.InvariantCulture.TextInfo.ToLower(from[at]);
            });
        }

        private static bool IsNormal(string text)
        {
            try
            {
                return text.IsNormalized(NormalizationForm.FormC);
            }
            catch (ArgumentException)
            {
                // Octets that are no text have no normal form.
                return true;
            }
        }

        private static string Normal(string text) => text.Normalize(NormalizationForm.FormC);
    }

    // RFC 4790 §9.1: the digits a string begins with are its number; a string without is above all numbers.
    private sealed class AsciiNumericComparator() : Comparator("i;ascii-numeric")
    {
        internal override bool HasSubstrings => false;

        internal override string Fold(string text) => text;

        internal override bool AreEqual(string one, string other) => Compare(one, other) == 0;

        internal override int Compare(string one, string other)
        {
            var first = Digits(one);
            var second = Digits(other);
            if (first.IsEmpty || second.IsEmpty) return first.IsEmpty.CompareTo(second.IsEmpty);
            first = first.TrimStart('0');
            second = second.TrimStart('0');
            return first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
        }

        private static ReadOnlySpan<char> Digits(string text)
        {
            var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
            return end < 0 ? text : text.AsSpan(0, end);
        }
    }
}
