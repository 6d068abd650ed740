using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sternpost.Dns;

/// <summary>
/// A domain name in the form DNS compares: ASCII, lower case, no trailing dot (RFC 5890 A-labels).
/// Made only by parsing, so code past a parser never asks again whether a domain is well formed.
/// </summary>
public sealed class DomainName : IEquatable<DomainName>, IComparable<DomainName>
{
    // RFC 1035 §2.3.4, less the root's length octet and the trailing dot.
    private const int MaxLength = 253;
    private const int MaxLabel = 63;
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = false };

    private DomainName(string ascii) => Ascii = ascii;

    /// <summary>The name as sent to DNS and compared: lower-case A-labels, no trailing dot.</summary>
    public string Ascii { get; }

    /// <summary>The name for people: U-labels where they decode, otherwise <see cref="Ascii"/>.</summary>
    public string Unicode
    {
        get
        {
            if (!Ascii.Contains("xn--", StringComparison.Ordinal)) return Ascii;
            string text;
            try { text = Idn.GetUnicode(Ascii); }
            catch (ArgumentException) { return Ascii; }
            // RFC 5891 §4.2: what does not lead back is no A-label, and would be shown as another name.
            return TryParseForQuery(text, out var back) && back == this ? text : Ascii;
        }
    }

    /// <summary>The labels, leftmost first.</summary>
    public string[] Labels => Ascii.Split('.');

    /// <summary>The name one label shorter, or null for a top-level name.</summary>
    public DomainName? Parent =>
        Ascii.IndexOf('.') is var dot and >= 0 ? new DomainName(Ascii[(dot + 1)..]) : null;

    /// <summary>Parses a host name as SMTP allows it (RFC 5321 §4.1.2, RFC 6531 U-labels, and underscores, which real hosts carry).</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DomainName? name)
    {
        name = null;
        if (!TryParseForQuery(text, out var loose)) return false;
        foreach (var label in loose.Ascii.Split('.'))
        {
            if (label[0] == '-' || label[^1] == '-') return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
            }
        }
        name = loose;
        return true;
    }

    /// <summary>Parses any name DNS can be asked for: only lengths and printable ASCII are demanded (SPF macros make such names, spaces and all).</summary>
    public static bool TryParseForQuery(string? text, [NotNullWhen(true)] out DomainName? name)
    {
        name = null;
        if (string.IsNullOrEmpty(text)) return false;
        if (text[^1] == '.') text = text[..^1];
        if (text.Length is 0 or > 4 * MaxLength) return false;
        foreach (var c in text)
        {
            if (c > 127)
            {
                // The mapping itself does not fold case where the process runs with the invariant culture (RFC 5895 §2.1 asks for it).
                try { text = Idn.GetAscii(text.ToLowerInvariant()); }
                catch (ArgumentException) { return false; }
                break;
            }
        }
        if (text.Length > MaxLength) return false;
        var run = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (run == 0) return false;
                run = 0;
            }
            else if (c is < ' ' or > '~' || ++run > MaxLabel) return false;
        }
        if (run == 0) return false;
        name = new DomainName(text.ToLowerInvariant());
        return true;
    }

    /// <summary>Parses a name the program itself wrote; throws where it is malformed, because that is a bug.</summary>
    public static DomainName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a domain name.");

    /// <summary>True where this name equals <paramref name="other"/> or lies below it.</summary>
    public bool IsWithin(DomainName other) =>
        Ascii.Length == other.Ascii.Length
            ? Ascii == other.Ascii
            : Ascii.Length > other.Ascii.Length && Ascii[^(other.Ascii.Length + 1)] == '.' && Ascii.EndsWith(other.Ascii, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(DomainName? other) => other is not null && Ascii == other.Ascii;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DomainName);

    /// <inheritdoc/>
    public override int GetHashCode() => Ascii.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(DomainName? other) => string.CompareOrdinal(Ascii, other?.Ascii);

    /// <inheritdoc/>
    public override string ToString() => Ascii;

    /// <summary>Equality by <see cref="Ascii"/>.</summary>
    public static bool operator ==(DomainName? left, DomainName? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Inequality by <see cref="Ascii"/>.</summary>
    public static bool operator !=(DomainName? left, DomainName? right) => !(left == right);

    /// <summary>Ordinal order of <see cref="Ascii"/>.</summary>
    public static bool operator <(DomainName left, DomainName right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of <see cref="Ascii"/>.</summary>
    public static bool operator >(DomainName left, DomainName right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of <see cref="Ascii"/>.</summary>
    public static bool operator <=(DomainName left, DomainName right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of <see cref="Ascii"/>.</summary>
    public static bool operator >=(DomainName left, DomainName right) => left.CompareTo(right) >= 0;
}
