using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sternpost.Queue.Routing;

/// <summary>Which addresses lead back to this computer, and which lead nowhere a mail server can be.</summary>
internal sealed class OwnAddresses(QueueOptions options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private HashSet<IPAddress> interfaces = [];
    private DateTimeOffset readAgain = DateTimeOffset.MinValue;

    /// <summary>A connection there would be one to ourselves.</summary>
    internal bool Contains(IPAddress address)
    {
        // Several servers on one computer tell themselves apart by name only.
        if (options.LoopbackDestinations) return false;
        if (IPAddress.IsLoopback(address)) return true;
        lock (gate)
        {
            if (readAgain <= time.GetUtcNow())
            {
                interfaces = [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)];
                readAgain = time.GetUtcNow() + Kept;
            }
            return interfaces.Contains(address);
        }
    }

    /// <summary>An address one can connect to: DNS may say anything.</summary>
    internal static bool IsUsable(IPAddress address) =>
        !address.IsIPv6Multicast && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is 0 or >= 224);
}
