using Sternpost.Dns;

namespace Sternpost.Composition;

/// <summary>What differs between a server for the world and the demo, apart from the configuration.</summary>
internal sealed record HostOptions
{
    /// <summary>Name resolution; null for that of the configuration.</summary>
    public IDnsResolver? Resolver { get; init; }

    /// <summary>Mail never leaves this computer.</summary>
    public bool LoopbackOnly { get; init; }
}
