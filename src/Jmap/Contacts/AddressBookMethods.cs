using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Contacts;

/// <summary>AddressBook/get, /changes and /set (RFC 9610 §2): one book, always there, that holds every card.</summary>
internal sealed class AddressBookMethods(JmapOptions options)
{
    /// <summary>The book.</summary>
    internal const string Id = "B1";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "name", "description", "sortOrder", "isDefault", "isSubscribed", "shareWith", "myRights" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Contacts, "AddressBook/get", call => ValueTask.FromResult(Get(call)));
        table.Add(Capability.Contacts, "AddressBook/changes", call => ValueTask.FromResult(Changes(call)));
        table.Add(Capability.Contacts, "AddressBook/set", call => ValueTask.FromResult(Set(call)));
    }

    private JsonObject Get(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        return GetMethod.Answer(call, State.Of(0), ids, [Book()], properties, options);
    }

    private static JsonObject Changes(MethodCall call)
    {
        var (text, since, _) = ChangesMethod.Read(call);
        return since == 0 ? ChangesMethod.Answer(call, text, 0, false, [], [], []) : throw ChangesMethod.CannotCalculate();
    }

    private JsonObject Set(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.Flag("onDestroyRemoveContents");
        call.Arguments.Text("onSuccessSetIsDefault");
        call.Arguments.End();
        State.Check(set.IfInState, 0);
        foreach (var (creation, _) in set.Create) set.TryCreate(creation, () => throw One());
        foreach (var (id, _) in set.Update) set.TryUpdate(id, () => throw (id == Id ? One() : SetError.NotFound()));
        foreach (var id in set.Destroy) set.TryDestroy(id, () => throw (id == Id ? One() : SetError.NotFound()));
        return set.Answer(0, 0);
    }

    private static SetError One() => new("forbidden", "There is one address book, which is neither made, changed nor destroyed");

    private static JsonObject Book() => new()
    {
        ["id"] = Id,
        ["name"] = "Contacts",
        ["description"] = null,
        ["sortOrder"] = 0,
        ["isDefault"] = true,
        ["isSubscribed"] = true,
        ["shareWith"] = null,
        ["myRights"] = new JsonObject { ["mayRead"] = true, ["mayWrite"] = true, ["mayShare"] = false, ["mayDelete"] = false },
    };
}
