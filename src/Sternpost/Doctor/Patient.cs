using System.Net;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Doctor;

/// <summary>The installation under examination.</summary>
/// <param name="Configuration">Its configuration; of a demo, the demo's.</param>
/// <param name="DataFolder">Full path.</param>
/// <param name="Database">Its database, opened beside the running server.</param>
/// <param name="Resolver">DNS.</param>
/// <param name="Addresses">The addresses the world reaches it by; empty where nothing outside may be asked.</param>
/// <param name="IsDemo">True for a demo, which the world has nothing to do with.</param>
internal sealed record Patient(ServerConfiguration Configuration, string DataFolder, Database Database, IDnsResolver Resolver, IReadOnlyList<IPAddress> Addresses, bool IsDemo)
{
    /// <summary>Where the files of this computer begin; another folder in tests.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The same for checks that set-up makes as well.</summary>
    public PreflightSubject Machine => new(Configuration, DataFolder, Addresses, Resolver);

    /// <summary>A path of this computer.</summary>
    public string File(string path) => Path.Combine(Root, path.TrimStart('/'));
}
