using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Forwarding;

/// <summary>
/// The Sender Rewriting Scheme: the reverse-path of mail that an alias passes on becomes an address of ours, so that SPF passes at the
/// next server, and bounces find their way back through us. <c>SRS0=hash=day=domain=local@ours</c> stands for a sender,
/// <c>SRS1=hash=forwarder==rest@ours</c> for a path that another server has rewritten already. The hash is an HMAC: nobody but us can
/// make such an address, so that it is no way through us for strangers.
/// </summary>
internal static class SrsAddress
{
    /// <summary>How long a bounce may take: mail waits five days in a queue, and there may be several queues on its way.</summary>
    internal static readonly TimeSpan GoodFor = TimeSpan.FromDays(21);

    // RFC 5321 §4.5.3.1.1.
    private const int MaxLocalPart = 64;
    // RFC 4648 §6, because some servers change the case of what they bounce.
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    // 40 bits; each guess costs a RCPT, and there are limits on those.
    private const int HashLength = 8;
    private const int DayLength = 2, DayCycle = 32 * 32;
    private const string First = "SRS0", Again = "SRS1", Stored = "~";

    /// <summary>Whether an address is of the form at all; cheap.</summary>
    internal static bool HasForm(EmailAddress address) =>
        address.LocalPart.Length > First.Length && address.LocalPart[First.Length] is '=' or '+' or '-' && IsPrefix(address.LocalPart[..First.Length]);

    /// <summary>The address of ours that stands for <paramref name="sender"/>; null where it would be too long.</summary>
    internal static EmailAddress? Rewrite(EmailAddress sender, DomainName own, byte[] key, DateTimeOffset now)
    {
        if (!HasForm(sender)) return WithDay(own, key, now, sender.Domain.Ascii, sender.LocalPart);
        // Rewritten before: only the first forwarder's domain is kept, so that the address does not grow with each.
        string forwarder, rest;
        if (sender.LocalPart.StartsWith(Again, StringComparison.OrdinalIgnoreCase))
        {
            var parts = sender.LocalPart[(Again.Length + 1)..].Split('=', 3);
            if (parts.Length < 3 || !DomainName.TryParse(parts[1], out var first)) return WithDay(own, key, now, sender.Domain.Ascii, sender.LocalPart);
            (forwarder, rest) = (first.Ascii, parts[2]);
        }
        else
        {
            (forwarder, rest) = (sender.Domain.Ascii, sender.LocalPart[First.Length..]);
        }
        return Fitting($"{Again}={Hash(key, own, forwarder, rest)}={forwarder}={rest}", own);
    }

    /// <summary>The address of ours that stands for a sender that is kept under a number, because it is too long itself.</summary>
    internal static EmailAddress RewriteStored(long id, DomainName own, byte[] key, DateTimeOffset now) =>
        WithDay(own, key, now, Stored, id.ToString(CultureInfo.InvariantCulture))!;

    /// <summary>What an address of ours stands for; false where we did not make it, or too long ago.</summary>
    /// <param name="address">The address.</param>
    /// <param name="key">The installation's key.</param>
    /// <param name="now">The time.</param>
    /// <param name="sender">The sender; null where it is kept under <paramref name="id"/>.</param>
    /// <param name="id">The number of a sender that is kept.</param>
    internal static bool TryRestore(EmailAddress address, byte[] key, DateTimeOffset now, out EmailAddress? sender, out long id)
    {
        (sender, id) = (null, 0);
        if (!HasForm(address)) return false;
        var own = address.Domain;
        var body = address.LocalPart[(First.Length + 1)..];
        if (address.LocalPart.StartsWith(Again, StringComparison.OrdinalIgnoreCase))
        {
            var parts = body.Split('=', 3);
            return parts.Length == 3 && IsHash(parts[0], Hash(key, own, parts[1], parts[2]))
                && DomainName.TryParse(parts[1], out var forwarder) && TryAddress(First + parts[2], forwarder, out sender);
        }
        var fields = body.Split('=', 4);
        if (fields.Length < 4 || !IsHash(fields[0], Hash(key, own, fields[1], fields[2], fields[3])) || !IsRecent(fields[1], now)) return false;
        if (fields[2] == Stored) return long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out id);
        return DomainName.TryParse(fields[2], out var domain) && TryAddress(fields[3], domain, out sender);
    }

    private static EmailAddress? WithDay(DomainName own, byte[] key, DateTimeOffset now, string domain, string local)
    {
        var day = Day(now);
        var text = string.Create(DayLength, day, static (span, day) => (span[0], span[1]) = (Base32[day / 32], Base32[day % 32]));
        return Fitting($"{First}={Hash(key, own, text, domain, local)}={text}={domain}={local}", own);
    }

    // As it will be written, with quotes where the sender's local-part needs them: others count those as well.
    private static EmailAddress? Fitting(string local, DomainName own)
    {
        var address = EmailAddress.Of(local, own);
        var text = address.ToString();
        return Encoding.UTF8.GetByteCount(text.AsSpan(0, text.LastIndexOf('@'))) <= MaxLocalPart ? address : null;
    }

    private static bool TryAddress(string local, DomainName domain, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        // What the hash covers we made ourselves from an address; it is looked at all the same.
        return local.Length > 0 && !local.AsSpan().ContainsAny('\r', '\n', '\0') && EmailAddress.TryParse(EmailAddress.Of(local, domain).ToString(), out address);
    }

    private static bool IsPrefix(string text) => text.Equals(First, StringComparison.OrdinalIgnoreCase) || text.Equals(Again, StringComparison.OrdinalIgnoreCase);

    private static int Day(DateTimeOffset now) => (int)(now.ToUnixTimeSeconds() / (24 * 60 * 60) % DayCycle);

    private static bool IsRecent(string text, DateTimeOffset now)
    {
        if (text.Length != DayLength) return false;
        var (high, low) = (Base32.IndexOf(char.ToLowerInvariant(text[0]), StringComparison.Ordinal), Base32.IndexOf(char.ToLowerInvariant(text[1]), StringComparison.Ordinal));
        if (high < 0 || low < 0) return false;
        var age = (Day(now) - ((high * 32) + low) + DayCycle) % DayCycle;
        return age <= GoodFor.TotalDays;
    }

    private static bool IsHash(string said, string made) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said.ToLowerInvariant()), Encoding.UTF8.GetBytes(made));

    // Over all of it in lower case, and over our own domain, so that what was made at one of our domains is worth nothing at another.
    private static string Hash(byte[] key, DomainName own, params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder(own.Ascii);
        foreach (var part in parts) text.Append('\0').Append(part.ToLowerInvariant());
        var mac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToString()));
        var bits = ((ulong)mac[0] << 32) | ((ulong)mac[1] << 24) | ((ulong)mac[2] << 16) | ((ulong)mac[3] << 8) | mac[4];
        return string.Create(HashLength, bits, static (span, bits) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = Base32[(int)((bits >> (5 * i)) & 31)];
        });
    }
}
