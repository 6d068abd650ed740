using Sternpost.Dns;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Which resolver is asked: DNS lists answer public ones wrongly or not at all.</summary>
internal static class ResolverChoice
{
    public static Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        if (patient.Resolver is not DnsResolver resolver) return Task.FromResult<IReadOnlyList<CheckResult>>([CheckResult.Ok("DNS resolver", "not looked at")]);
        var servers = resolver.Status.Select(upstream => upstream.Server.Address).ToList();
        var open = servers.Where(PublicResolvers.Contains).ToList();
        CheckResult result = servers.Count == 0
            ? CheckResult.Failed("DNS resolver", "none is configured, so nothing can be delivered", "Name one in dns.resolvers, or in /etc/resolv.conf.")
            : open.Count > 0
                ? CheckResult.Warning("DNS resolver", $"{string.Join(", ", open)} is a public one: DNS lists refuse to answer it, and DNSSEC cannot be relied on", "Run a resolver on this computer (on Debian: apt install unbound) and set dns.resolvers = [\"127.0.0.1\"].")
                : CheckResult.Ok("DNS resolver", string.Join(", ", servers));
        return Task.FromResult<IReadOnlyList<CheckResult>>([result]);
    }
}
