using System.Globalization;

namespace Sternpost.Imap.Responses;

/// <summary>objectid = 1*255(ALPHA / DIGIT / "_" / "-") (RFC 8474 §4), from the store's ids. The letter keeps kinds apart and numbers from looking like numbers.</summary>
internal static class ObjectIds
{
    internal static string Mailbox(long id) => string.Create(CultureInfo.InvariantCulture, $"F{id}");

    internal static string Thread(long id) => string.Create(CultureInfo.InvariantCulture, $"T{id}");

    internal static string Email(long id) => string.Create(CultureInfo.InvariantCulture, $"M{id}");
}
