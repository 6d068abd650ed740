using Sternpost.Dns;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>What the TLSA records of a host come to.</summary>
internal enum DaneState
{
    /// <summary>There are none that secure DNS vouches for: DANE says nothing about the host.</summary>
    None,
    /// <summary>The host must prove itself by them.</summary>
    Usable,
    /// <summary>There are some, all of kinds that cannot be used: TLS is demanded, a proof is not (RFC 7672 §2.2).</summary>
    Unusable,
    /// <summary>Whether there are any cannot be found out now, so the host must not be used (RFC 7672 §2.1.2): an attacker may be the reason.</summary>
    Failed,
}

/// <summary>The state, and with <see cref="DaneState.Usable"/> the records.</summary>
internal sealed record DaneFinding(DaneState State, DaneAuthentication? Authentication = null)
{
    internal static DaneFinding None { get; } = new(DaneState.None);

    internal static DaneFinding Failed { get; } = new(DaneState.Failed);
}

/// <summary>Finds the TLSA records of a mail server whose name and addresses came by secure DNS (RFC 7672 §2.2).</summary>
internal static class DaneLookup
{
    private const int MaxAliases = 8;

    internal static async ValueTask<DaneFinding> FindAsync(IDnsResolver dns, DomainName host, DomainName nextHop, int port, CancellationToken cancellation)
    {
        // RFC 7672 §2.2.2, §2.2.3: where the host is an alias, the name at its end is asked first, then its own.
        var end = host;
        for (var hops = 0; hops < MaxAliases; hops++)
        {
            var alias = await dns.CnameAsync(end, cancellation).ConfigureAwait(false);
            if (alias.Status == DnsStatus.TemporaryFailure) return DaneFinding.Failed;
            if (alias is not { Status: DnsStatus.Success, Authenticated: true, Records: [var target, ..] }) break;
            end = target;
        }
        foreach (var name in end == host ? [host] : (DomainName[])[end, host])
        {
            if (!DomainName.TryParseForQuery($"_{port}._tcp.{name.Ascii}", out var owner)) continue;
            var answer = await dns.TlsaAsync(owner, cancellation).ConfigureAwait(false);
            // RFC 7672 §2.1.2: SERVFAIL is not "none".
            if (answer.Status == DnsStatus.TemporaryFailure) return DaneFinding.Failed;
            if (answer is not { Status: DnsStatus.Success, Authenticated: true }) continue;
            List<TlsaRecord> usable = [.. answer.Records.Where(DaneAuthentication.IsUsable)];
            return usable.Count == 0 ? new DaneFinding(DaneState.Unusable) : new DaneFinding(DaneState.Usable, new DaneAuthentication(usable, [.. new[] { name, host, nextHop }.Distinct()]));
        }
        return DaneFinding.None;
    }
}
