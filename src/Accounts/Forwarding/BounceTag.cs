using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Forwarding;

/// <summary>
/// Bounce address tags (BATV, draft-levine-smtp-batv): mail leaves with the reverse-path <c>prvs=KDDDSSSSSS=local@ours</c>, so that a bounce
/// without a tag of ours is of mail that was never sent here. K is the number of the key, DDD the last day the tag is good, counted in
/// days since 1970 modulo 1000, SSSSSS the beginning of an HMAC.
/// </summary>
internal static class BounceTag
{
    private const string Prefix = "prvs=";
    private const int TagLength = 10;
    private const int DaysGood = 7;
    private const int DayCycle = 1000;
    // RFC 5321 §4.5.3.1.1.
    private const int MaxLocalPart = 64;

    /// <summary>The address with a tag; the address itself where that would be too long or it has one already.</summary>
    internal static EmailAddress Tag(EmailAddress address, byte[] key, DateTimeOffset now)
    {
        if (TryRemove(address, out _, out _) || Encoding.UTF8.GetByteCount(address.LocalPart) > MaxLocalPart - Prefix.Length - TagLength - 1) return address;
        var day = (Day(now) + DaysGood) % DayCycle;
        var text = string.Create(CultureInfo.InvariantCulture, $"0{day:000}");
        return EmailAddress.Of($"{Prefix}{text}{Sign(key, text, address)}={address.LocalPart}", address.Domain);
    }

    /// <summary>Takes a tag off; false where there is none.</summary>
    /// <param name="address">The address.</param>
    /// <param name="plain">The address without it.</param>
    /// <param name="tag">The ten characters of the tag.</param>
    internal static bool TryRemove(EmailAddress address, out EmailAddress plain, out string tag)
    {
        (plain, tag) = (address, "");
        var local = address.LocalPart;
        if (!local.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || local.Length < Prefix.Length + TagLength + 2 || local[Prefix.Length + TagLength] != '=') return false;
        tag = local.Substring(Prefix.Length, TagLength);
        if (!tag.All(char.IsAsciiHexDigit)) return false;
        plain = EmailAddress.Of(local[(Prefix.Length + TagLength + 1)..], address.Domain);
        return true;
    }

    /// <summary>Whether a tag is one that we made lately.</summary>
    internal static bool IsGood(EmailAddress plain, string tag, byte[] key, DateTimeOffset now)
    {
        if (!int.TryParse(tag.AsSpan(1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var last)) return false;
        var left = (last - (Day(now) % DayCycle) + DayCycle) % DayCycle;
        return left <= DaysGood
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(tag[4..].ToLowerInvariant()), Encoding.ASCII.GetBytes(Sign(key, tag[..4], plain)));
    }

    private static int Day(DateTimeOffset now) => (int)(now.ToUnixTimeSeconds() / (24 * 60 * 60) % DayCycle);

    private static string Sign(byte[] key, string text, EmailAddress address) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text + '\0' + address.Key)).AsSpan(0, 3));
}
