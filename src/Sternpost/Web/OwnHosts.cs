using Sternpost.Configuration;
using Sternpost.Dns;

namespace Sternpost.Web;

/// <summary>The hosts this server answers as on the web: itself, what the configuration adds, and the policy and settings hosts of its domains.</summary>
internal sealed class OwnHosts(ServerConfiguration configuration, Func<DomainName, CancellationToken, ValueTask<bool>> isLocal)
{
    /// <summary>What a domain of ours has below it.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["mta-sts", "autoconfig"];

    /// <summary>The host as it is written in DNS; null where it is none of ours.</summary>
    public async ValueTask<string?> FindAsync(string host, CancellationToken cancellation)
    {
        if (!DomainName.TryParse(host.TrimEnd('.'), out var name)) return null;
        if (name == configuration.Server.Hostname || configuration.Acme.Names.Contains(name.Ascii)) return name.Ascii;
        return name.Parent is { } domain && Labels.Contains(name.Ascii[..name.Ascii.IndexOf('.')]) && await isLocal(domain, cancellation) ? name.Ascii : null;
    }
}
