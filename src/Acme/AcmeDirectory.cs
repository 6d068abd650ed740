using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>Where an authority takes what (RFC 8555 §7.1.1).</summary>
/// <param name="NewNonce">Nonces.</param>
/// <param name="NewAccount">Accounts.</param>
/// <param name="NewOrder">Orders.</param>
public sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder)
{
    /// <summary>Where it tells when to renew (RFC 9773 §4); null where it does not.</summary>
    public Uri? RenewalInfo { get; init; }

    /// <summary>The terms of service; empty where it has none.</summary>
    public string Terms { get; init; } = "";

    /// <summary>Whether only accounts that it gave out elsewhere are taken.</summary>
    public bool NeedsExternalAccount { get; init; }

    /// <summary>The names by which CAA records allow it (RFC 8659); empty where it does not say.</summary>
    public IReadOnlyList<string> CaaIdentities { get; init; } = [];

    /// <exception cref="AcmeException">It is no directory.</exception>
    internal static AcmeDirectory Of(JsonElement json)
    {
        if (Json.Address(json, "newNonce") is not { } nonce || Json.Address(json, "newAccount") is not { } account || Json.Address(json, "newOrder") is not { } order)
            throw new AcmeException("What is at the address of the authority is no ACME directory.");
        var meta = Json.Member(json, "meta");
        return new AcmeDirectory(nonce, account, order)
        {
            RenewalInfo = Json.Address(json, "renewalInfo"),
            Terms = Json.Text(meta, "termsOfService"),
            NeedsExternalAccount = Json.Flag(meta, "externalAccountRequired"),
            CaaIdentities = [.. Json.List(meta, "caaIdentities").Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!.ToLowerInvariant()).Take(32)],
        };
    }
}
