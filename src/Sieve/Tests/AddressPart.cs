using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>An address as a test sees it.</summary>
/// <param name="Local">Before the at-sign, without quotes.</param>
/// <param name="Domain">Behind it.</param>
/// <param name="Other">What is no address; then the others are null.</param>
internal readonly record struct SieveAddress(string? Local, string? Domain, string? Other);

/// <summary>What of an address is compared (RFC 5228 §2.7.4, RFC 5233).</summary>
internal sealed class AddressPart(string part)
{
    internal static AddressPart Read(BoundCommand bound) => new(bound.Tag("address-part") ?? "all");

    /// <summary>The part; null where the address has none, which then matches nothing.</summary>
    internal string? Of(ScriptRun run, SieveAddress address)
    {
        if (address.Local is not { } local) return part == "all" ? address.Other : null;
        switch (part)
        {
            case "localpart": return local;
            case "domain": return address.Domain;
            // RFC 5233 §4: without a separator the whole is the user, and there is no detail.
            case "user": return Separator(run, local) is { } before ? local[..before.At] : local;
            case "detail": return Separator(run, local) is { } behind ? local[(behind.At + behind.Length)..] : null;
            default: return address.Domain is { Length: > 0 } domain ? $"{Written(local)}@{domain}" : local;
        }
    }

    private static string Written(string local) =>
        local.Length > 0 && local.All(c => char.IsAsciiLetterOrDigit(c) || c > '\x7f' || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal)) ? local
            : "\"" + local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static (int At, int Length)? Separator(ScriptRun run, string local)
    {
        var at = local.AsSpan().IndexOfAny(run.Host.DetailSeparators);
        return at >= 0 ? (at, 1) : null;
    }
}
