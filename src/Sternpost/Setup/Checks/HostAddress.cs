using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Setup.Checks;

/// <summary>Whether the server's name leads to this machine, and which addresses the world reaches it by.</summary>
internal static class HostAddress
{
    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        var host = subject.Configuration.Server.Hostname;
        var published = await LookUpAsync(host, subject.Resolver, cancellation);
        if (published is null) return CheckResult.Unknown("Host name", $"{host} could not be looked up, because DNS does not answer", "Check the network and the resolver of this machine.");
        if (published.Count == 0) return CheckResult.Warning("Host name", $"{host} has no address in DNS", "Publish its address records; 'sternpost dns show DOMAIN' prints them.");
        var here = subject.PublicAddresses.Concat(OfInterfaces()).ToHashSet();
        return published.Any(here.Contains)
            ? CheckResult.Ok("Host name", $"{host} leads here ({string.Join(", ", published)})")
            : CheckResult.Warning("Host name", $"{host} leads to {string.Join(", ", published)}, which is no address of this machine's interfaces",
                "Right where a router or provider translates addresses; otherwise correct the address records.");
    }

    /// <summary>The addresses the world reaches <paramref name="host"/> by: those published, else those of the interfaces that are not private.</summary>
    public static async Task<IReadOnlyList<IPAddress>> PublicAsync(DomainName host, IDnsResolver resolver, CancellationToken cancellation) =>
        await LookUpAsync(host, resolver, cancellation) is { Count: > 0 } published ? published : [.. OfInterfaces().Where(IsPublic)];

    // Null where DNS does not answer.
    private static async Task<IReadOnlyList<IPAddress>?> LookUpAsync(DomainName host, IDnsResolver resolver, CancellationToken cancellation)
    {
        var four = await resolver.AddressesAsync(host, AddressFamily.InterNetwork, cancellation);
        var six = await resolver.AddressesAsync(host, AddressFamily.InterNetworkV6, cancellation);
        return four.Status == DnsStatus.TemporaryFailure && six.Status == DnsStatus.TemporaryFailure ? null : [.. four.Records, .. six.Records];
    }

    private static IEnumerable<IPAddress> OfInterfaces() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !address.IsIPv6LinkLocal);

    private static readonly IPNetwork[] NotPublic =
    [
        // RFC 6890: private, shared, link-local, loopback; RFC 4193 for IPv6.
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("::1/128"),
    ];

    internal static bool IsPublic(IPAddress address) => !NotPublic.Any(network => network.Contains(address));
}
