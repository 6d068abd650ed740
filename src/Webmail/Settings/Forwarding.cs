using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Settings;

/// <summary>An address that mail may be sent on to, or that was asked.</summary>
public sealed record ForwardAddress(string Address, bool IsConfirmed, bool IsExpired);

/// <summary>Where the account's mail is sent on to, as the server says.</summary>
/// <param name="To">The address; null for nowhere.</param>
/// <param name="Keeps">A copy stays.</param>
/// <param name="Since">Since when.</param>
/// <param name="Addresses">The addresses it may be, and those that were asked.</param>
public sealed record Forwarding(string? To, bool Keeps, DateTimeOffset Since, IReadOnlyList<ForwardAddress> Addresses)
{
    /// <exception cref="JmapException">It could not be read.</exception>
    public static async Task<Forwarding> LoadAsync()
    {
        var json = await AccountConnection.ReadAsync("forwarding");
        var has = json.Member("forward", out var forward);
        return new Forwarding(has ? forward.Text("to") : null, has && forward.Flag("keeps"), has ? forward.Time("since") : default,
            [.. json.Items("addresses").Select(one => new ForwardAddress(one.Text("address") ?? "", one.Member("confirmed", out _), one.Time("expires") < DateTimeOffset.UtcNow))]);
    }

    /// <exception cref="JmapException">It was not done; the text says why.</exception>
    public static Task<JsonElement> ChangeAsync(string what, string address, JsonObject? more = null)
    {
        var change = more ?? [];
        change["do"] = what;
        change["address"] = address;
        return AccountConnection.ChangeAsync("forwarding", change);
    }
}
