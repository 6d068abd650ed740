using System.Text.Json.Nodes;
using Sternpost.Accounts.Contacts;
using Sternpost.Jmap.Contacts;
using Sternpost.Jmap.Protocol;
using Sternpost.Messages.Addresses;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Jmap;

/// <summary>Cards of the address book: what is taken, how states move, who is collected.</summary>
public sealed class ContactTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_card_is_completed_and_what_is_not_known_stays()
    {
        var card = Read("""{"name": {"full": "Clara Winter"}, "emails": {"e": {"address": "Clara@Wanted.example", "pref": 1}}, "example.com:x": {"a": [1]}, "addressBookIds": {"B1": true}, "kind": null}""");
        Assert.Equal(("Card", "1.0"), (card["@type"]!.GetValue<string>(), card["version"]!.GetValue<string>()));
        Assert.StartsWith("urn:uuid:", card["uid"]!.GetValue<string>());
        Assert.Equal("2026-05-01T12:00:00Z", card["updated"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"a": [1]}"""), card["example.com:x"]));
        Assert.False(card.ContainsKey("addressBookIds"));
        Assert.Equal(["clara@wanted.example"], CardReader.Addresses(card));
    }

    [Theory]
    [InlineData("""{"@type": "Group"}""")]
    [InlineData("""{"version": "2.0"}""")]
    [InlineData("""{"id": "C1"}""")]
    [InlineData("""{"uid": 7}""")]
    [InlineData("""{"uid": ""}""")]
    [InlineData("""{"name": "Clara"}""")]
    [InlineData("""{"name": {"components": [{"kind": "given"}]}}""")]
    [InlineData("""{"emails": [{"address": "a@b.example"}]}""")]
    [InlineData("""{"emails": {"e": {"address": ""}}}""")]
    [InlineData("""{"emails": {"e e": {"address": "a@b.example"}}}""")]
    [InlineData("""{"keywords": {"a": false}}""")]
    [InlineData("""{"addressBookIds": {"B2": true}}""")]
    [InlineData("""{"addressBookIds": {}}""")]
    public void What_is_no_card_is_refused(string text) => Assert.Throws<SetError>(() => Read(text));

    [Fact]
    public void A_card_that_is_made_to_hurt_is_refused()
    {
        Assert.Throws<SetError>(() => Read("{\"notes\": {\"n\": {\"note\": \"" + new string('x', 17_000) + "\"}}}"));
        Assert.Throws<SetError>(() => Read("{\"x\": \"" + new string('x', 70_000) + "\"}"));
        Assert.Throws<SetError>(() => Read("{\"x\": " + string.Concat(Enumerable.Repeat("{\"a\":", 30)) + "1" + new string('}', 30) + "}"));
        var many = new JsonObject();
        for (var i = 0; i < 500; i++) many["e" + i] = new JsonObject { ["address"] = "a@b.example" };
        Assert.Throws<SetError>(() => CardReader.Read(new JsonObject { ["emails"] = many }, "B1", null, Now));
    }

    [Fact]
    public async Task Changes_tell_what_came_changed_and_went_and_nothing_of_other_accounts()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Database.WriteAsync(
            sql =>
            {
                var alice = TestStore.Alice;
                Assert.True(ContactCards.TryAdd(sql, alice, new ContactCard(1, "a", "{}"), ["a@x.example"]));
                Assert.True(ContactCards.TryAdd(sql, alice, new ContactCard(2, "b", "{}"), ["b@x.example"]));
                Assert.True(ContactCards.TryAdd(sql, TestStore.Bob, new ContactCard(3, "c", "{}"), []));
                var state = ContactCards.State(sql, alice);
                Assert.True(ContactCards.TryAdd(sql, alice, new ContactCard(4, "d", "{}"), []));
                ContactCards.Update(sql, alice, new ContactCard(1, "a", "{}"), ["z@x.example"]);
                Assert.True(ContactCards.Delete(sql, alice, 2));
                Assert.False(ContactCards.Delete(sql, alice, 2));
                Assert.False(ContactCards.Delete(sql, alice, 3));
                var changes = ContactCards.Since(sql, alice, state)!;
                Assert.Equal([4L], changes.Created);
                Assert.Equal([1L], changes.Updated);
                Assert.Equal([2L], changes.Destroyed);
                Assert.Equal(ContactCards.State(sql, alice), changes.State);
                Assert.Empty(ContactCards.Since(sql, alice, changes.State)!.Created);
                Assert.Null(ContactCards.Since(sql, alice, changes.State + 1));
                Assert.True(ContactCards.Has(sql, alice, "z@x.example"));
                Assert.False(ContactCards.Has(sql, alice, "a@x.example"));
                Assert.False(ContactCards.Has(sql, alice, "b@x.example"));
                // After a restoration nobody's state is believed.
                ContactCards.MoveOn(sql, 1L << 33);
                Assert.Null(ContactCards.Since(sql, alice, changes.State));
                ContactCards.RemoveAccount(sql, alice);
                Assert.Empty(ContactCards.Of(sql, alice));
                Assert.Single(ContactCards.Of(sql, TestStore.Bob));
                return 0;
            },
            Cancellation);
    }

    [Fact]
    public async Task Somebody_written_to_is_collected_once()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Database.WriteAsync(
            sql =>
            {
                Assert.True(CollectedCard.Add(sql, TestStore.Alice, 1, EmailAddress.Parse("Clara@Wanted.example"), "Clara", Now));
                Assert.False(CollectedCard.Add(sql, TestStore.Alice, 2, EmailAddress.Parse("clara@wanted.example"), "Somebody", Now));
                var card = (JsonObject)JsonNode.Parse(Assert.Single(ContactCards.Of(sql, TestStore.Alice)).Card)!;
                Assert.Equal("Clara", card["name"]!["full"]!.GetValue<string>());
                // It is a card as clients would have to give it.
                card.Remove("addressBookIds");
                CardReader.Read(card, "B1", card, Now);
                return 0;
            },
            Cancellation);
    }

    private static JsonObject Read(string text) => CardReader.Read((JsonObject)JsonNode.Parse(text)!, "B1", null, Now);
}
