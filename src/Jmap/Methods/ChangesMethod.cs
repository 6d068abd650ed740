using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>What every /changes shares (RFC 8620 §5.2).</summary>
internal static class ChangesMethod
{
    private const int Most = 5000;

    internal static (string SinceState, long Since, int Most) Read(MethodCall call)
    {
        call.CheckAccount();
        var text = call.Arguments.RequiredText("sinceState");
        var most = call.Arguments.Count("maxChanges");
        if (most == 0) throw MethodError.InvalidArguments("maxChanges is greater than 0");
        call.Arguments.End();
        return (text, State.Read(text) ?? throw CannotCalculate(), (int)Math.Min(most ?? Most, Most));
    }

    internal static MethodError CannotCalculate() => new("cannotCalculateChanges", "This state is too old, or none of this account");

    internal static JsonObject Answer(MethodCall call, string oldState, long newState, bool hasMore, IEnumerable<string> created, IEnumerable<string> updated, IEnumerable<string> destroyed)
    {
        var answer = call.Answer();
        answer["oldState"] = oldState;
        answer["newState"] = State.Of(newState);
        answer["hasMoreChanges"] = hasMore;
        answer["created"] = Texts(created);
        answer["updated"] = Texts(updated);
        answer["destroyed"] = Texts(destroyed);
        return answer;
    }

    internal static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
