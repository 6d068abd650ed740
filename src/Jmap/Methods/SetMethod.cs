using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>What every /set shares (RFC 8620 §5.3): its arguments, and the answer as it grows.</summary>
internal sealed class SetMethod
{
    private readonly MethodCall call;

    private SetMethod(MethodCall call, JmapOptions options, bool hasAccount)
    {
        this.call = call;
        if (hasAccount) call.CheckAccount();
        IfInState = hasAccount ? call.Arguments.Text("ifInState") : null;
        Create = Objects("create");
        Update = Objects("update");
        Destroy = call.Arguments.Texts("destroy")?.Distinct(StringComparer.Ordinal).ToList() ?? [];
        if (Create.Count + Update.Count + Destroy.Count > options.MaxObjectsInSet)
            throw new MethodError("requestTooLarge", $"At most {options.MaxObjectsInSet} objects are changed at once");
        foreach (var (creation, _) in Create)
        {
            if (!ObjectId.IsWellFormed(creation)) throw MethodError.InvalidArguments("A creation id is 1 to 255 of A-Z a-z 0-9 - _");
        }
    }

    /// <summary>Reads the arguments; those that the method adds are for the caller to read before <see cref="Arguments.End"/>.</summary>
    internal static SetMethod Read(MethodCall call, JmapOptions options, bool hasAccount = true) => new(call, options, hasAccount);

    internal string? IfInState { get; }

    internal IReadOnlyList<KeyValuePair<string, JsonObject>> Create { get; }

    internal IReadOnlyList<KeyValuePair<string, JsonObject>> Update { get; }

    internal IReadOnlyList<string> Destroy { get; }

    internal Dictionary<string, JsonObject> Created { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, JsonObject?> Updated { get; } = new(StringComparer.Ordinal);

    internal List<string> Destroyed { get; } = [];

    internal Dictionary<string, SetError> NotCreated { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, SetError> NotUpdated { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, SetError> NotDestroyed { get; } = new(StringComparer.Ordinal);

    /// <summary>Notes a new object; later calls can name it by its creation id.</summary>
    internal void Made(string creation, JsonObject properties)
    {
        Created[creation] = properties;
        call.Scope.CreatedIds[creation] = properties["id"]!.GetValue<string>();
    }

    /// <summary>Runs one creation; what it throws is its error.</summary>
    internal void TryCreate(string creation, Func<JsonObject> make)
    {
        try
        {
            Made(creation, make());
        }
        catch (SetError error)
        {
            NotCreated[creation] = error;
        }
    }

    /// <summary>Runs one update; answers what the server changed beyond what was asked.</summary>
    internal void TryUpdate(string id, Func<JsonObject?> change)
    {
        try
        {
            // RFC 8620 §5.3: what is to be destroyed as well need not be changed first.
            if (Destroy.Contains(id)) throw new SetError("willDestroy");
            Updated[id] = change();
        }
        catch (SetError error)
        {
            NotUpdated[id] = error;
        }
    }

    /// <summary>Runs one destruction.</summary>
    internal void TryDestroy(string id, Action destroy)
    {
        try
        {
            destroy();
            Destroyed.Add(id);
        }
        catch (SetError error)
        {
            NotDestroyed[id] = error;
        }
    }

    internal JsonObject Answer(long? oldState, long? newState)
    {
        var answer = oldState is null ? [] : call.Answer();
        if (oldState is { } before) answer["oldState"] = State.Of(before);
        if (newState is { } after) answer["newState"] = State.Of(after);
        answer["created"] = Map(Created, item => item);
        answer["updated"] = Map(Updated, item => item);
        answer["destroyed"] = Destroyed.Count == 0 ? null : ChangesMethod.Texts(Destroyed);
        answer["notCreated"] = Map(NotCreated, error => error.ToJson());
        answer["notUpdated"] = Map(NotUpdated, error => error.ToJson());
        answer["notDestroyed"] = Map(NotDestroyed, error => error.ToJson());
        return answer;
    }

    /// <summary>An object with a property for each, or null where there is none.</summary>
    internal static JsonObject? Map<T>(Dictionary<string, T> items, Func<T, JsonNode?> value)
    {
        if (items.Count == 0) return null;
        var map = new JsonObject();
        foreach (var (name, item) in items) map[name] = value(item);
        return map;
    }

    private List<KeyValuePair<string, JsonObject>> Objects(string name)
    {
        var objects = new List<KeyValuePair<string, JsonObject>>();
        foreach (var (key, value) in call.Arguments.Object(name) ?? []) objects.Add(new(key, value as JsonObject ?? throw MethodError.InvalidArguments($"The argument {name} must map ids to objects")));
        return objects;
    }
}
