using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>An order for a certificate (RFC 8555 §7.1.3).</summary>
internal sealed record AcmeOrder(Uri Url, string Status, IReadOnlyList<Uri> Authorizations, Uri? Finalize, Uri? Certificate, AcmeProblem? Problem)
{
    private const int Most = 200;

    internal static AcmeOrder Of(Uri url, JsonElement json) => new(
        url, Json.Text(json, "status"),
        [.. Json.List(json, "authorizations").Take(Most).Select(item => item.ValueKind == JsonValueKind.String && Uri.TryCreate(item.GetString(), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps ? address : null).OfType<Uri>()],
        Json.Address(json, "finalize"), Json.Address(json, "certificate"),
        Json.Member(json, "error") is { ValueKind: JsonValueKind.Object } error ? AcmeProblem.Of(error, 0) : null);
}

/// <summary>What the authority wants shown for one name (RFC 8555 §7.1.4).</summary>
internal sealed record AcmeAuthorization(Uri Url, string Status, AcmeIdentifier Name, IReadOnlyList<AcmeChallenge> Challenges)
{
    private const int Most = 20;

    internal static AcmeAuthorization Of(Uri url, JsonElement json) => new(
        url, Json.Text(json, "status"), AcmeIdentifier.Of(Json.Member(json, "identifier")), [.. Json.List(json, "challenges").Take(Most).Select(AcmeChallenge.Of).OfType<AcmeChallenge>()]);
}

/// <summary>One way to show it (RFC 8555 §8).</summary>
internal sealed record AcmeChallenge(string Type, Uri Url, string Token, string Status, AcmeProblem? Problem)
{
    internal static AcmeChallenge? Of(JsonElement json) => Json.Address(json, "url") is { } url && IsToken(Json.Text(json, "token"))
        ? new(Json.Text(json, "type"), url, Json.Text(json, "token"), Json.Text(json, "status"), Json.Member(json, "error") is { ValueKind: JsonValueKind.Object } error ? AcmeProblem.Of(error, 0) : null)
        : null;

    // RFC 8555 §8.3: base64url and nothing else, since it becomes a path.
    private static bool IsToken(string text) => text.Length is >= 16 and <= 256 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
