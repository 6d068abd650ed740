using System.Net;
using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>A name that a certificate is for.</summary>
/// <param name="Type"><c>dns</c>, or <c>ip</c> for an address (RFC 8738).</param>
/// <param name="Value">The name in ASCII and lower case, or the address as text.</param>
public sealed record AcmeIdentifier(string Type, string Value)
{
    /// <summary>A host name or an address.</summary>
    public static AcmeIdentifier Of(string name) => IPAddress.TryParse(name, out var address) ? new("ip", address.ToString()) : new("dns", name.ToLowerInvariant());

    /// <summary>The address; null where it is a host name.</summary>
    public IPAddress? Address => Type == "ip" && IPAddress.TryParse(Value, out var address) ? address : null;

    /// <inheritdoc/>
    public override string ToString() => Value;

    internal static AcmeIdentifier Of(JsonElement json) => new(Json.Text(json, "type"), Json.Text(json, "value").ToLowerInvariant());
}
