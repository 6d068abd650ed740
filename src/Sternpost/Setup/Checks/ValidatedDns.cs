using Sternpost.Dns;

namespace Sternpost.Setup.Checks;

/// <summary>Whether DNS answers are validated by DNSSEC, and by somebody whose word can be believed: DANE (RFC 7672) depends on it.</summary>
internal static class ValidatedDns
{
    private const string Name = "Validated DNS";

    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (subject.Resolver is not DnsResolver resolver) return CheckResult.Ok(Name, "not looked at");
        if (await resolver.ValidatesAsync(cancellation)) return CheckResult.Ok(Name, "answers are validated by DNSSEC, so DANE protects mail to those who publish it");
        var trusted = resolver.Status.Any(upstream => upstream.IsTrusted);
        return CheckResult.Warning(
            Name,
            trusted ? "the resolver here does not validate DNSSEC, so DANE is off" : "the resolver is elsewhere, where its word on DNSSEC could be changed on the way, so DANE is off",
            "Mail goes out all the same. To switch DANE on, run a resolver that validates on this machine (on Debian: apt install unbound) and set dns.resolvers = [\"127.0.0.1\"]; blocklists work better with one, too.");
    }
}
