using System.Globalization;
using System.Text.Json.Nodes;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Contacts;

/// <summary>The card of somebody that the account has written to, made by itself. It bears the keyword "collected" until its owner edits it.</summary>
public static class CollectedCard
{
    /// <summary>The keyword.</summary>
    public const string Keyword = "collected";

    private const int MostName = 200;

    /// <summary>Adds a card where the book has none with that address; false where it has, or is full.</summary>
    public static bool Add(Sql sql, long accountId, long id, EmailAddress address, string name, DateTimeOffset now)
    {
        if (ContactCards.Has(sql, accountId, address.Key)) return false;
        var uid = "urn:uuid:" + Guid.CreateVersion7(now);
        var time = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var card = new JsonObject
        {
            ["@type"] = "Card",
            ["version"] = "1.0",
            ["uid"] = uid,
            ["created"] = time,
            ["updated"] = time,
            ["keywords"] = new JsonObject { [Keyword] = true },
            ["emails"] = new JsonObject { ["e1"] = new JsonObject { ["address"] = address.ToString() } },
        };
        var shown = name.Trim();
        if (shown.Length > 0) card["name"] = new JsonObject { ["full"] = shown.Length > MostName ? shown[..MostName] : shown };
        return ContactCards.TryAdd(sql, accountId, new ContactCard(id, uid, card.ToJsonString()), [address.Key]);
    }
}
