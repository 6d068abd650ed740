using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Sternpost.Jmap.Protocol;

/// <summary>The methods by name, each with the capability that a request must use to have it.</summary>
internal sealed class MethodTable
{
    private readonly Dictionary<string, (string Capability, Method Method)> methods = new(StringComparer.Ordinal);

    internal void Add(string capability, string name, Method method) => methods.Add(name, (capability, method));

    internal IEnumerable<string> Names => methods.Keys;

    internal Method? Find(string name, IReadOnlyList<string> used) =>
        methods.TryGetValue(name, out var found) && used.Contains(found.Capability) ? found.Method : null;
}

/// <summary>Runs a request's calls one after the other (RFC 8620 §3.3) and gathers the answers.</summary>
internal sealed class RequestProcessor(MethodTable methods, ILogger log)
{
    internal async ValueTask<JsonObject> RunAsync(JmapRequest request, RequestScope scope, string sessionState, CancellationToken cancellation)
    {
        foreach (var (creation, id) in request.CreatedIds ?? new Dictionary<string, string>()) scope.CreatedIds[creation] = id;
        var answers = new List<Invocation>(request.Calls.Count);
        foreach (var invocation in request.Calls)
        {
            cancellation.ThrowIfCancellationRequested();
            await RunAsync(invocation, request.Using, scope, answers, cancellation).ConfigureAwait(false);
        }
        var response = new JsonObject { ["methodResponses"] = new JsonArray([.. answers.Select(answer => answer.ToJson())]) };
        // RFC 8620 §3.4: told only to who asked by giving some.
        if (request.CreatedIds is not null)
        {
            var created = new JsonObject();
            foreach (var (creation, id) in scope.CreatedIds) created[creation] = id;
            response["createdIds"] = created;
        }
        response["sessionState"] = sessionState;
        return response;
    }

    private async ValueTask RunAsync(Invocation invocation, IReadOnlyList<string> used, RequestScope scope, List<Invocation> answers, CancellationToken cancellation)
    {
        if (methods.Find(invocation.Name, used) is not { } method)
        {
            Refuse(new MethodError("unknownMethod", $"There is no method {Short(invocation.Name)} in the capabilities that this request uses"));
            return;
        }
        try
        {
            var call = new MethodCall(scope, ResultReferences.Resolve(invocation.Arguments, answers), cancellation);
            answers.Add(new Invocation(invocation.Name, await method(call).ConfigureAwait(false), invocation.CallId));
            foreach (var next in call.ImplicitCalls)
            {
                var (name, answer) = await next().ConfigureAwait(false);
                answers.Add(new Invocation(name, answer, invocation.CallId));
            }
        }
        catch (MethodError error)
        {
            Refuse(error);
        }
#pragma warning disable CA1031 // RFC 8620 §3.6.2: what a method trips over is that call's serverFail, not the request's; it is logged.
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.MethodFailed(failure, invocation.Name, scope.Account.Address.ToString());
            Refuse(new MethodError("serverFail", "The server failed at this call; its log says why"));
        }
#pragma warning restore CA1031

        void Refuse(MethodError error) => answers.Add(new Invocation("error", error.ToJson(), invocation.CallId));
    }

    private static string Short(string name) => name.Length > 100 ? name[..100] : name;
}
