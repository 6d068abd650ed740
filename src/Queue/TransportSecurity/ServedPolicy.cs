using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>Fetches the policy of a domain of ours as senders do, from outside, and compares it with the one this server means to serve (RFC 8461 §3.3).</summary>
public sealed class ServedPolicy
{
    private const int HttpsPort = 443;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly StsHttpsFetch fetch;

    /// <summary>Certificates are verified by the authorities of the operating system, as senders' are.</summary>
    public ServedPolicy(IDnsResolver dns, TimeProvider time) : this(dns, time, HttpsPort, null)
    {
    }

    internal ServedPolicy(IDnsResolver dns, TimeProvider time, int port, X509Certificate2Collection? roots) =>
        fetch = new StsHttpsFetch(new StrictHttps(dns, roots), port, Patience, time);

    /// <summary>What is found, and what follows from it.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="host">This server.</param>
    /// <param name="meant">The document it means to serve.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<PolicyFinding> CheckAsync(DomainName domain, DomainName host, string meant, CancellationToken cancellation)
    {
        var place = $"https://mta-sts.{domain.Ascii}/.well-known/mta-sts.txt";
        var fetched = await fetch.FetchAsync(domain, cancellation).ConfigureAwait(false);
        if (fetched.Policy is not { } policy)
            return new PolicyFinding(false, [$"Senders fetch the policy from {place}, and that fails: {fetched.Reason}. Those that do not know it yet act as if there were none; those that do keep to what they know until it expires."]);
        if (!StsPolicy.TryParse(meant, out var own, out _)) return new PolicyFinding(true, []);
        var remarks = new List<string>();
        if (policy.Mode != own.Mode) remarks.Add($"The policy at {place} says \"mode: {Word(policy.Mode)}\", and this server's configuration says \"{Word(own.Mode)}\": it is not this server that answers there, or it has not read its configuration again.");
        if (policy.MaxAge != own.MaxAge) remarks.Add($"The policy at {place} may be kept for {policy.MaxAge.TotalSeconds:0} seconds, and the configuration says {own.MaxAge.TotalSeconds:0}.");
        // RFC 8461 §4.1.
        if (policy.Mode != StsMode.None && !policy.Names(host)) remarks.Add($"The policy at {place} names {string.Join(", ", policy.Hosts)} and not {host}{(policy.Mode == StsMode.Enforce ? ": senders that obey it do not deliver here" : "")}.");
        var others = policy.Hosts.Except(own.Hosts).ToList();
        if (others.Count > 0 && policy.Names(host)) remarks.Add($"The policy at {place} also names {string.Join(", ", others)}.");
        return new PolicyFinding(remarks.Count == 0, remarks);
    }

    private static string Word(StsMode mode) => mode.ToString().ToLowerInvariant();
}
