using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Dns;

namespace Sternpost.Abuse.Limits;

/// <summary>
/// One layer of who sends: the account, the app password, the domain, the address it comes from, the whole server. Each counts by
/// itself and has limits of its own. Another way to identify a sender is another layer, and nothing else.
/// </summary>
/// <param name="Kind">Its kind, one of <see cref="Kinds"/>: the configuration has standards for each.</param>
/// <param name="Scope">Under what it is counted, and the last word on its limits.</param>
/// <param name="Name">For people.</param>
public sealed record SendingLayer(string Kind, string Scope, string Name)
{
    /// <summary>The kinds there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["account", "app-password", "site", "domain", "source", "server"];

    /// <summary>Subjects whose limits this layer inherits, the most general first.</summary>
    public IReadOnlyList<string> Inherits { get; init; } = [];

    /// <summary>The whole server.</summary>
    public static SendingLayer Server { get; } = new("server", "server", "this server");

    /// <summary>An account; it inherits what its domain lays down for each account.</summary>
    public static SendingLayer Of(Account account) => new("account", "account:" + account.Id.ToString(CultureInfo.InvariantCulture), account.Address.ToString()) { Inherits = [OfEachAccount(account.Address.Domain)] };

    /// <summary>An app password.</summary>
    public static SendingLayer Of(AppPassword password, Account account) =>
        new("app-password", "app-password:" + password.Id.ToString(CultureInfo.InvariantCulture), $"the app password '{password.Name}' of {account.Address}");

    /// <summary>A domain as a whole.</summary>
    public static SendingLayer Of(DomainName domain) => new("domain", "domain:" + domain.Ascii, domain.Ascii);

    /// <summary>Where it comes from: an IPv4 address, or the IPv6 /64 that one household has.</summary>
    public static SendingLayer Of(IPAddress source)
    {
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        if (source.AddressFamily != AddressFamily.InterNetworkV6) return new("source", "source:" + source, source.ToString());
        var octets = source.GetAddressBytes();
        octets.AsSpan(8).Clear();
        var network = new IPAddress(octets) + "/64";
        return new("source", "source:" + network, network);
    }

    /// <summary>The subject of limits that hold for each account of a domain.</summary>
    public static string OfEachAccount(DomainName domain) => "accounts:" + domain.Ascii;
}
