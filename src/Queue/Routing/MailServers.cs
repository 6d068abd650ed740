using System.Net;
using Sternpost.Dns;

namespace Sternpost.Queue.Routing;

/// <summary>Finds the servers of a next hop and remembers which could not be reached.</summary>
internal sealed class MailServers(IDnsResolver dns, QueueOptions options, TimeProvider time, Random random)
{
    private readonly OwnAddresses own = new(options, time);
    private readonly AddressMemory memory = new(time);

    internal ServerSearch Search(NextHop hop) => new(dns, options, own, memory, random, hop);

    internal void Failed(IPAddress address) => memory.Failed(address);

    internal void Reached(IPAddress address) => memory.Reached(address);
}
