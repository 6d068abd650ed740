using System.Net;
using System.Net.Sockets;
using Sternpost.Configuration;
using Sternpost.Dns;

namespace Sternpost.Demo;

/// <summary>The demo's configuration: the defaults, on loopback, with limits that let a load test from this computer through.</summary>
internal static class DemoConfiguration
{
    public const string HostName = "mail.demo.test";

    private static readonly IPNetwork[] Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    public static ServerConfiguration Of(DemoPorts ports, bool refuse)
    {
        var configuration = ConfigurationFile.Defaults();
        configuration.Server.Hostname = DomainName.Parse(HostName);
        foreach (var (listener, port) in ((ListenerSection, int)[])[
            (configuration.Listeners.Mx, ports.Mx), (configuration.Listeners.Submission, ports.Submission), (configuration.Listeners.Submissions, ports.Submissions),
            (configuration.Listeners.Imap, ports.Imap), (configuration.Listeners.Imaps, ports.Imaps), (configuration.Listeners.Pop3, 0),
            (configuration.Listeners.Pop3s, ports.Pop3s), (configuration.Listeners.ManageSieve, ports.ManageSieve),
            (configuration.Listeners.Https, ports.Https), (configuration.Listeners.Http, 0)])
        {
            listener.Addresses = Addresses;
            listener.Port = port;
        }
        configuration.Limits.Exempt = Loopback;
        configuration.Limits.Connections = 20_000;
        configuration.Limits.MessagesPerConnection = 1_000_000;
        configuration.Filter.Refuse = refuse;
        // The scene is played once: nobody in it comes back.
        configuration.Filter.Greylist = false;
        return configuration;
    }

    // Containers often have no IPv6, not even for themselves.
    private static IReadOnlyList<IPAddress> Addresses { get; } = HasIPv6Loopback() ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6) return false;
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
