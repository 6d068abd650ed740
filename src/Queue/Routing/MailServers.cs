using System.Net;
using Sternpost.Dns;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Queue.Routing;

/// <summary>Finds the servers of a next hop and remembers which could not be reached.</summary>
internal sealed class MailServers(IDnsResolver dns, QueueOptions options, TimeProvider time, Random random, Func<IEnumerable<IPAddress>> ownAddresses, StsPolicies? policies = null)
{
    private readonly OwnAddresses own = new(options, time, ownAddresses);
    private readonly AddressMemory memory = new(time);

    internal ServerSearch Search(NextHop hop, TransportNeed need = TransportNeed.Usual) => new(dns, options, own, memory, random, policies, hop, need);

    internal void Failed(IPAddress address) => memory.Failed(address);

    internal void Reached(IPAddress address) => memory.Reached(address);
}
