using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Jmap;

/// <summary>JMAP for Contacts (RFC 9610) by curl.</summary>
public sealed class ContactsTests(OneDemo demo) : IClassFixture<OneDemo>
{
    [Fact]
    public async Task Cards_are_made_changed_found_and_destroyed_and_states_tell_of_it()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        Assert.Equal(jmap.AccountId, jmap.Session["primaryAccounts"]!["urn:ietf:params:jmap:contacts"]!.GetValue<string>());
        var book = (await jmap.CallAsync("AddressBook/get", "\"ids\": null"))["list"]![0]!;
        Assert.True(book["isDefault"]!.GetValue<bool>());
        var state = await jmap.StateAsync("ContactCard");
        var made = (await jmap.CallAsync("ContactCard/set", """
            "create": {"a": {"addressBookIds": {"B1": true}, "name": {"components": [{"kind": "given", "value": "Vivian"}, {"kind": "surname", "value": "Zeta"}]}, "emails": {"e": {"address": "vivian@zeta.example"}}, "x.example:y": 1},
                       "b": {"emails": {"e": {"address": 7}}}}
            """));
        Assert.Equal("invalidProperties", made["notCreated"]!["b"]!["type"]!.GetValue<string>());
        var id = made["created"]!["a"]!["id"]!.GetValue<string>();
        foreach (var filter in new[] { """{"text": "zeta viv"}""", """{"name/surname": "Zeta"}""", """{"email": "vivian@"}""", """{"operator": "AND", "conditions": [{"inAddressBook": "B1"}, {"kind": "individual"}]}""" })
            Assert.Contains(id, (await jmap.CallAsync("ContactCard/query", $"\"filter\": {filter}, \"sort\": [{{\"property\": \"name/surname\"}}]"))["ids"]!.AsArray().Select(each => each!.GetValue<string>()));
        Assert.DoesNotContain(id, (await jmap.CallAsync("ContactCard/query", "\"filter\": {\"note\": \"zeta\"}"))["ids"]!.AsArray().Select(each => each!.GetValue<string>()));
        await jmap.CallAsync("ContactCard/set", $"\"update\": {{\"{id}\": {{\"emails/e/address\": \"v@zeta.example\", \"kind\": \"individual\"}}}}");
        var card = (await jmap.CallAsync("ContactCard/get", $"\"ids\": [\"{id}\"]"))["list"]![0]!;
        Assert.Equal("v@zeta.example", card["emails"]!["e"]!["address"]!.GetValue<string>());
        Assert.Equal(1, card["x.example:y"]!.GetValue<int>());
        var changes = await jmap.CallAsync("ContactCard/changes", $"\"sinceState\": \"{state}\"");
        Assert.Contains(id, changes["created"]!.AsArray().Select(each => each!.GetValue<string>()));
        var bob = await JmapClient.OpenAsync(demo.Server, "bob@demo.test");
        Assert.Single((await bob.CallAsync("ContactCard/get", $"\"ids\": [\"{id}\"]"))["notFound"]!.AsArray());
        var since = changes["newState"]!.GetValue<string>();
        Assert.Equal(id, (await jmap.CallAsync("ContactCard/set", $"\"destroy\": [\"{id}\"]"))["destroyed"]![0]!.GetValue<string>());
        Assert.Equal(id, (await jmap.CallAsync("ContactCard/changes", $"\"sinceState\": \"{since}\""))["destroyed"]![0]!.GetValue<string>());
    }
}
