using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>What an authority says is wrong (RFC 7807, RFC 8555 §6.7).</summary>
/// <param name="Type">The last part of its URN, such as <c>rateLimited</c>; empty where it gave none.</param>
/// <param name="Detail">Its own words, for people.</param>
/// <param name="Status">HTTP status; 0 where it is about a challenge.</param>
public sealed record AcmeProblem(string Type, string Detail, int Status)
{
    private const string Namespace = "urn:ietf:params:acme:error:";
    private const int MaxDetail = 1000;

    /// <summary>What is wrong with single names (RFC 8555 §6.7.1).</summary>
    public IReadOnlyList<(AcmeIdentifier Name, AcmeProblem Problem)> ByName { get; init; } = [];

    internal static AcmeProblem Of(JsonElement json, int status)
    {
        if (json.ValueKind != JsonValueKind.Object) return new AcmeProblem("", "", status);
        var type = Json.Text(json, "type");
        var detail = Json.Text(json, "detail");
        List<(AcmeIdentifier, AcmeProblem)> single = [];
        foreach (var sub in Json.List(json, "subproblems"))
        {
            if (sub.ValueKind == JsonValueKind.Object && sub.TryGetProperty("identifier", out var identifier)) single.Add((AcmeIdentifier.Of(identifier), Of(sub, 0) with { ByName = [] }));
        }
        return new AcmeProblem(type.StartsWith(Namespace, StringComparison.Ordinal) ? type[Namespace.Length..] : type, detail.Length > MaxDetail ? detail[..MaxDetail] : detail, status) { ByName = single };
    }
}

/// <summary>The authority did not do what was asked.</summary>
public sealed class AcmeException : Exception
{
    /// <summary>Of a problem the authority named.</summary>
    public AcmeException(AcmeProblem problem, TimeSpan? retryAfter = null) : base($"{(problem.Type.Length > 0 ? problem.Type : "HTTP " + problem.Status)}: {problem.Detail}")
    {
        Problem = problem;
        RetryAfter = retryAfter;
    }

    /// <summary>Of something that hinders the conversation itself.</summary>
    public AcmeException(string message, Exception? inner = null) : base(message, inner) => Problem = new AcmeProblem("", message, 0);

    /// <summary>What is wrong.</summary>
    public AcmeProblem Problem { get; }

    /// <summary>When the authority wants to be asked again at the earliest; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; }
}
