using System.Net;
using System.Text.Json.Nodes;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;

namespace Sternpost.Jmap.Protocol;

/// <summary>Who calls, and what all calls of one request share.</summary>
internal sealed class RequestScope(Account account, IPAddress client, string credential)
{
    /// <summary>The account that signed in; the only one it sees.</summary>
    internal Account Account => account;

    /// <summary>The app password that signed in, whose own limits count; null for the account's password.</summary>
    internal AppPassword? AppPassword { get; init; }

    /// <summary>Where the request came from, for the trace of what is sent.</summary>
    internal IPAddress Client => client;

    /// <summary>What the push subscriptions made here belong to: they are not shown to other credentials (RFC 8620 §7.2).</summary>
    internal string Credential => credential;

    private const string SessionMark = "session-W";

    /// <summary>The credential that a browser's sign-in is.</summary>
    internal static string OfSession(long sessionId) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{SessionMark}{sessionId}");

    /// <summary>Whether a credential is a browser's sign-in.</summary>
    internal static bool IsOfSession(string credential) => credential.StartsWith(SessionMark, StringComparison.Ordinal);

    internal string AccountId { get; } = ObjectId.Of(ObjectId.Account, account.Id);

    /// <summary>Creation ids and what was created (RFC 8620 §3.3).</summary>
    internal Dictionary<string, string> CreatedIds { get; } = new(StringComparer.Ordinal);
}

/// <summary>One call of a method.</summary>
internal sealed class MethodCall(RequestScope scope, JsonObject arguments, CancellationToken cancellation)
{
    private readonly List<Func<ValueTask<(string Name, JsonObject Answer)>>> implicitCalls = [];

    internal RequestScope Scope => scope;

    internal Account Account => scope.Account;

    internal long AccountId => scope.Account.Id;

    internal Arguments Arguments { get; } = new(arguments);

    internal CancellationToken Cancellation => cancellation;

    /// <summary>Calls that follow from this one and answer under its id, in order (RFC 8621 §7.5).</summary>
    internal IReadOnlyList<Func<ValueTask<(string Name, JsonObject Answer)>>> ImplicitCalls => implicitCalls;

    internal void Then(Func<ValueTask<(string Name, JsonObject Answer)>> call) => implicitCalls.Add(call);

    /// <summary>Reads and checks accountId.</summary>
    internal void CheckAccount(string name = "accountId", string error = "accountNotFound")
    {
        if (Arguments.RequiredText(name) != scope.AccountId) throw new MethodError(error, "There is no such account, or you may not see it");
    }

    /// <summary>The id that a text means: "#" and a creation id is what that created; null where nothing was.</summary>
    internal string? Resolve(string id) => id.StartsWith('#') ? scope.CreatedIds.GetValueOrDefault(id[1..]) : id;

    /// <summary>The number of an id of a kind, by creation id too; false where it can be none.</summary>
    internal bool TryResolve(char kind, string text, out long id)
    {
        id = 0;
        return Resolve(text) is { } known && ObjectId.TryRead(kind, known, out id);
    }

    /// <summary>An answer that begins with the account.</summary>
    internal JsonObject Answer() => new() { ["accountId"] = scope.AccountId };
}

/// <summary>A method: answers the arguments of its response, or throws <see cref="MethodError"/>.</summary>
internal delegate ValueTask<JsonObject> Method(MethodCall call);
