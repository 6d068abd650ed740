using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Contacts;

/// <summary>The user's address book (RFC 9610).</summary>
public sealed class AddressBook(JmapConnection connection)
{
    // What the server gives at once.
    private const int AtOnce = 500;

    public IReadOnlyList<Contact> All { get; private set; } = [];

    public bool IsLoaded { get; private set; }

    public async Task LoadAsync()
    {
        var contacts = new List<Contact>();
        var position = 0;
        while (true)
        {
            var answers = await connection.CallAsync(
                ("ContactCard/query", new JsonObject { ["position"] = position, ["limit"] = AtOnce }),
                ("ContactCard/get", new JsonObject { ["#ids"] = ConversationList.Reference("c0", "ContactCard/query", "/ids") }));
            contacts.AddRange(answers[1].Items("list").Select(Contact.Read));
            var count = answers[0].Items("ids").Count();
            position += count;
            if (count < AtOnce) break;
        }
        All = [.. contacts.OrderBy(contact => contact.Shown, StringComparer.OrdinalIgnoreCase)];
        IsLoaded = true;
    }

    public Contact? Find(string id) => All.FirstOrDefault(contact => contact.Id == id);

    public bool Has(string email) => All.Any(contact => contact.Emails.Contains(email, StringComparer.OrdinalIgnoreCase));

    public IReadOnlyList<Contact> Search(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. All.Where(contact => words.All(word => contact.Shown.Contains(word, StringComparison.OrdinalIgnoreCase) || contact.Organization.Contains(word, StringComparison.OrdinalIgnoreCase) || contact.Note.Contains(word, StringComparison.OrdinalIgnoreCase) || contact.Emails.Concat(contact.Phones).Any(value => value.Contains(word, StringComparison.OrdinalIgnoreCase))))];
    }

    /// <summary>Whom somebody may mean who typed this: the beginning of a name, of a word in it, or of an address.</summary>
    public IReadOnlyList<Address> Complete(string typed, IEnumerable<Address> seen, int most)
    {
        var text = typed.Trim();
        if (text.Length == 0) return [];
        // Cards that the user made come before those that were collected, and these before whom the page has only seen.
        return [.. All.Where(contact => !contact.IsCollected).SelectMany(contact => contact.Addresses).Concat(All.Where(contact => contact.IsCollected).SelectMany(contact => contact.Addresses)).Concat(seen)
            .Where(address => Begins(address.Email, text) || (address.Name is { } name && (Begins(name, text) || name.Split(' ', '-', ',').Any(word => Begins(word, text)))) || address.Email.Contains("@" + text, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(address => address.Email, StringComparer.OrdinalIgnoreCase).Take(most)];

        static bool Begins(string value, string with) => value.StartsWith(with, StringComparison.CurrentCultureIgnoreCase);
    }

    public async Task<Contact> CreateAsync(JsonObject card)
    {
        var answer = await connection.SetAsync("ContactCard/set", new JsonObject { ["create"] = new JsonObject { ["c"] = card } });
        await LoadAsync();
        return Find(answer.GetProperty("created").GetProperty("c").Text("id")!)!;
    }

    public async Task UpdateAsync(string id, JsonObject patch)
    {
        await connection.SetAsync("ContactCard/set", new JsonObject { ["update"] = new JsonObject { [id] = patch } });
        await LoadAsync();
    }

    public async Task DeleteAsync(string id)
    {
        await connection.SetAsync("ContactCard/set", new JsonObject { ["destroy"] = new JsonArray(id) });
        await LoadAsync();
    }
}
