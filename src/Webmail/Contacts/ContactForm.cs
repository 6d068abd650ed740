using System.Text.Json.Nodes;
using Sternpost.Webmail.Compose;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Contacts;

/// <summary>What is typed about a person. Only what was changed is sent, so that what another program wrote beside it stays.</summary>
public sealed class ContactForm
{
    private readonly Contact? before;

    public ContactForm(Contact? contact)
    {
        before = contact;
        if (contact is null) return;
        (Name, Organization, Note) = (contact.Name, contact.Organization, contact.Note);
        (Emails, Phones) = (string.Join("\n", contact.Emails), string.Join("\n", contact.Phones));
    }

    public string Name { get; set; } = "";

    public string Organization { get; set; } = "";

    /// <summary>One a line.</summary>
    public string Emails { get; set; } = "";

    /// <inheritdoc cref="Emails"/>
    public string Phones { get; set; } = "";

    public string Note { get; set; } = "";

    /// <summary>What to mend; null where it can be saved.</summary>
    public string? Problem()
    {
        if (Lines(Emails).FirstOrDefault(email => !AddressList.IsAddress(email)) is { } bad) return Words.Now.BadAddress(bad);
        return Name.Trim().Length == 0 && Organization.Trim().Length == 0 && Lines(Emails).Length == 0 && Lines(Phones).Length == 0 ? Words.Now.ContactEmpty : null;
    }

    public JsonObject ToJson()
    {
        var card = new JsonObject();
        Put("name", Name.Trim() == (before?.Name ?? ""), Name.Trim().Length == 0 ? null : new JsonObject { ["full"] = Name.Trim() });
        Put("emails", Lines(Emails).SequenceEqual(before?.Emails ?? []), Map("e", "address", Lines(Emails)));
        Put("phones", Lines(Phones).SequenceEqual(before?.Phones ?? []), Map("p", "number", Lines(Phones)));
        Put("organizations", Organization.Trim() == (before?.Organization ?? ""), Map("o", "name", Organization.Trim().Length == 0 ? [] : [Organization.Trim()]));
        Put("notes", Note.Trim() == (before?.Note ?? ""), Map("n", "note", Note.Trim().Length == 0 ? [] : [Note.Trim()]));
        // Whoever edits a collected card means it.
        if (before?.IsCollected == true) card["keywords/collected"] = null;
        return card;

        void Put(string name, bool isSame, JsonObject? value)
        {
            if (!isSame) card[name] = value;
        }
    }

    private static JsonObject? Map(string letter, string member, string[] values)
    {
        if (values.Length == 0) return null;
        var map = new JsonObject();
        for (var i = 0; i < values.Length; i++) map[letter + (i + 1)] = new JsonObject { [member] = values[i] };
        return map;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
