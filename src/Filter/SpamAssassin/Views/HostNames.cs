using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Host names and addresses as rules compare them.</summary>
internal static partial class HostNames
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>A host in its ASCII form and in lower case; what is no name is only put in lower case.</summary>
    internal static string ToAscii(string host)
    {
        if (!ByteText.HasHigh(host) || host.Length > 1000) return ByteText.Lower(host);
        var octets = ByteText.Octets(host);
        var text = Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : Encoding.Latin1.GetString(octets);
        // UTS #46: other scripts' full stops separate labels too.
        text = text.Replace('\u3002', '.').Replace('\uFF0E', '.').Replace('\uFF61', '.');
        try
        {
            return Idn.GetAscii(text.Normalize(NormalizationForm.FormC).ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return ByteText.Lower(host);
        }
    }

    /// <summary>Two labels or more, each of letters, digits, hyphens and underscores (none in the last two).</summary>
    internal static bool IsFullName(string host)
    {
        host = host.TrimEnd('.');
        if (host.Length is 0 or > 253) return false;
        var labels = host.Split('.');
        if (labels.Length < 2) return false;
        for (var i = 0; i < labels.Length; i++)
        {
            var label = labels[i];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-') return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
            }
            if (i >= labels.Length - 2 && label.Contains('_', StringComparison.Ordinal)) return false;
        }
        return true;
    }

    internal static bool IsIPv4(string text) => IPv4Only().IsMatch(text);

    /// <summary>An address alone, IPv6 without brackets.</summary>
    internal static bool IsAddress(string text) => IsIPv4(text) || (text.Contains(':', StringComparison.Ordinal) && AddressOnly().IsMatch(text));

    /// <summary>Private use, this host, link-local and carrier-grade NAT (RFC 1918, RFC 6890, RFC 6598), also mapped into IPv6.</summary>
    internal static bool IsPrivate(string text)
    {
        if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) text = text[5..];
        if (!IPAddress.TryParse(text, out var address)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var octets = address.GetAddressBytes();
        if (octets.Length == 16) return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal;
        return octets[0] is 10 or 127 || (octets[0], octets[1]) is (169, 254) or (192, 168) || (octets[0] == 172 && octets[1] is >= 16 and <= 31) || (octets[0] == 100 && octets[1] is >= 64 and <= 127);
    }

    /// <summary>Part of a pattern: an address of either kind, with an optional "IPv6:".</summary>
    internal const string Address =
        @"(?:\b(?<!:)(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\b"
        + @"|(?:[Ii][Pp][Vv]6:|(?<![A-Fa-f0-9:]))(?:" + MappedAddress + "|" + PureAddress + @")(?![A-Fa-f0-9:]))";

    private const string Hex = "[A-Fa-f0-9]{1,4}";

    private const string MappedAddress =
        $"(?:(?:{Hex}:){{6}}|::(?:{Hex}:){{0,5}}|(?:{Hex}:){{1,5}}:|{Hex}::(?:{Hex}:){{1,4}}|(?:{Hex}:){{2}}:(?:{Hex}:){{1,3}}|(?:{Hex}:){{3}}:(?:{Hex}:){{1,2}}|(?:{Hex}:){{4}}:{Hex}:)"
        + @"(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)";

    private const string PureAddress =
        $"(?:{Hex}:){{7}}{Hex}|:(?::{Hex}){{1,7}}|(?:{Hex}:){{1,7}}:|{Hex}:(?::{Hex}){{1,6}}|(?:{Hex}:){{2}}(?::{Hex}){{1,5}}|(?:{Hex}:){{3}}(?::{Hex}){{1,4}}"
        + $"|(?:{Hex}:){{4}}(?::{Hex}){{1,3}}|(?:{Hex}:){{5}}(?::{Hex}){{1,2}}|(?:{Hex}:){{6}}:{Hex}|::";

    [GeneratedRegex(@"^(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)(?:\.(?:1\d\d|2[0-4]\d|25[0-5]|[1-9]\d|\d)){3}$")]
    private static partial Regex IPv4Only();

    [GeneratedRegex("^" + Address + "$")]
    private static partial Regex AddressOnly();
}
