using System.Net;
using Sternpost.Configuration;
using Sternpost.Network;

namespace Sternpost.Composition;

/// <summary>Every door of the configuration with the protocol behind it.</summary>
internal static class Doors
{
    public static IEnumerable<ListenerDefinition> All(ServerConfiguration configuration, ServerParts parts)
    {
        yield break;
    }
    public static ListenerDefinition Proxied(string name, ServerParts parts, IPEndPoint p) => throw new NotImplementedException();
}
