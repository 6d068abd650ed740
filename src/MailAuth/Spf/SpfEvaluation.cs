using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Spf;

/// <summary>One evaluation of check_host() with its includes and redirects, and the budgets they share (RFC 7208 §4.6.4).</summary>
internal sealed class SpfEvaluation(IPAddress client, string helo, string local, DomainName senderDomain, IDnsResolver resolver, TimeProvider time)
{
    private const int MaxTermLookups = 10;
    private const int MaxVoidLookups = 2;
    private const int MaxNames = 10;
    private const int MaxExplanation = 500;

    private readonly AddressFamily family = client.AddressFamily;
    private int termLookups;
    private int voidLookups;
    private IReadOnlyList<DomainName>? clientNames;

    /// <summary>A result, and for a fail where its explanation is to be found.</summary>
    internal sealed record Outcome(SpfKind Kind, string? Mechanism = null, string? Problem = null)
    {
        public DomainName? Domain { get; init; }
        public string? ExplanationSpec { get; init; }
    }

    /// <summary>A budget or DNS ended the evaluation; unwinds includes and redirects to the caller in this file, never further.</summary>
    private sealed class Aborted(SpfKind kind, string problem) : Exception(problem)
    {
        public SpfKind Kind => kind;
    }

    public async ValueTask<Outcome> CheckHostAsync(DomainName domain, CancellationToken cancellation)
    {
        try
        {
            return await CheckAsync(domain, cancellation).ConfigureAwait(false);
        }
        catch (Aborted aborted)
        {
            return new Outcome(aborted.Kind, null, aborted.Message);
        }
    }

    /// <summary>RFC 7208 §6.2. Any trouble means no explanation, never another result.</summary>
    public async ValueTask<string?> ExplainAsync(Outcome outcome, CancellationToken cancellation)
    {
        if (outcome.ExplanationSpec is null || outcome.Domain is null) return null;
        try
        {
            var name = await TargetAsync(outcome.ExplanationSpec, outcome.Domain, cancellation).ConfigureAwait(false);
            if (name is null) return null;
            var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
            if (answer.Records is not [var text] || !IsExplanation(text)) return null;
            var shown = await SpfMacro.ExpandAsync(text, ValuesAt(outcome.Domain), cancellation).ConfigureAwait(false);
            return shown is null ? null : shown.Length > MaxExplanation ? shown[..MaxExplanation] : shown;
        }
        catch (Aborted)
        {
            // A budget ran out while explaining: the fail stands without its words.
            return null;
        }
    }

    private async ValueTask<Outcome> CheckAsync(DomainName domain, CancellationToken cancellation)
    {
        var answer = await resolver.TxtAsync(domain, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return new Outcome(SpfKind.TempError, null, $"DNS did not answer for {domain}");
        var records = answer.Records.Where(SpfRecord.IsSpf).ToList();
        // RFC 7208 §4.5.
        if (records.Count == 0) return new Outcome(SpfKind.None);
        if (records.Count > 1) return new Outcome(SpfKind.PermError, null, $"{domain} publishes {records.Count} SPF records");
        if (!SpfRecord.TryParse(records[0], out var record, out var problem)) return new Outcome(SpfKind.PermError, null, $"in the record of {domain}, {problem}");

        foreach (var term in record.Terms)
        {
            if (term.AsksDns) CountTerm();
            if (await MatchesAsync(term, domain, cancellation).ConfigureAwait(false))
                return new Outcome(term.Meaning, term.Text) { Domain = domain, ExplanationSpec = record.Explanation };
        }
        // RFC 7208 §6.1; an "all" before would have matched.
        if (record.Redirect is null) return new Outcome(SpfKind.Neutral, "default");
        CountTerm();
        var target = await TargetAsync(record.Redirect, domain, cancellation).ConfigureAwait(false);
        var redirected = target is null ? new Outcome(SpfKind.None) : await CheckAsync(target, cancellation).ConfigureAwait(false);
        return redirected.Kind == SpfKind.None
            ? new Outcome(SpfKind.PermError, null, $"{domain} redirects to a domain without an SPF record")
            : redirected;
    }

    private ValueTask<bool> MatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation) => term.Mechanism switch
    {
        SpfMechanism.All => ValueTask.FromResult(true),
        SpfMechanism.Ip4 or SpfMechanism.Ip6 => ValueTask.FromResult(Covers(term.Network!, term)),
        SpfMechanism.Include => IncludeMatchesAsync(term, domain, cancellation),
        SpfMechanism.A => AddressMatchesAsync(term, domain, cancellation),
        SpfMechanism.Mx => ExchangeMatchesAsync(term, domain, cancellation),
        SpfMechanism.Pointer => PointerMatchesAsync(term, domain, cancellation),
        _ => ExistsMatchesAsync(term, domain, cancellation),
    };

    // RFC 7208 §5.2.
    private async ValueTask<bool> IncludeMatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation)
    {
        var target = await TargetAsync(term.DomainSpec!, domain, cancellation).ConfigureAwait(false);
        var inner = target is null ? new Outcome(SpfKind.None) : await CheckAsync(target, cancellation).ConfigureAwait(false);
        return inner.Kind switch
        {
            SpfKind.Pass => true,
            SpfKind.TempError => throw new Aborted(SpfKind.TempError, inner.Problem ?? "DNS did not answer"),
            SpfKind.PermError or SpfKind.None => throw new Aborted(SpfKind.PermError, inner.Problem ?? $"'{term.Text}' names a domain without an SPF record"),
            _ => false,
        };
    }

    private async ValueTask<bool> AddressMatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation) =>
        await TargetAsync(term.DomainSpec, domain, cancellation).ConfigureAwait(false) is { } target
        && (await AddressesAsync(target, family, cancellation).ConfigureAwait(false)).Any(address => Covers(address, term));

    private async ValueTask<bool> ExchangeMatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation)
    {
        if (await TargetAsync(term.DomainSpec, domain, cancellation).ConfigureAwait(false) is not { } target) return false;
        var exchanges = Usable(await resolver.MxAsync(target, cancellation).ConfigureAwait(false), target);
        // RFC 7208 §4.6.4: more than ten names to look up is an error, not a cut.
        if (exchanges.Count > MaxNames) throw new Aborted(SpfKind.PermError, $"{target} has more than {MaxNames} MX records");
        foreach (var exchange in exchanges)
        {
            if (exchange.Exchange is null) continue;
            if ((await AddressesAsync(exchange.Exchange, family, cancellation).ConfigureAwait(false)).Any(address => Covers(address, term))) return true;
        }
        return false;
    }

    // RFC 7208 §5.7: always an A record, also for IPv6 clients.
    private async ValueTask<bool> ExistsMatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation) =>
        await TargetAsync(term.DomainSpec, domain, cancellation).ConfigureAwait(false) is { } target
        && (await AddressesAsync(target, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false)).Count > 0;

    private async ValueTask<bool> PointerMatchesAsync(SpfTerm term, DomainName domain, CancellationToken cancellation) =>
        await TargetAsync(term.DomainSpec, domain, cancellation).ConfigureAwait(false) is { } target
        && (await ClientNamesAsync(cancellation).ConfigureAwait(false)).Any(name => name.IsWithin(target));

    /// <summary>RFC 7208 §5.5: the client's reverse names that lead back to it. Errors make names missing, not the check fail.</summary>
    private async ValueTask<IReadOnlyList<DomainName>> ClientNamesAsync(CancellationToken cancellation)
    {
        if (clientNames is not null) return clientNames;
        var validated = new List<DomainName>();
        var reverse = await resolver.PtrAsync(client, cancellation).ConfigureAwait(false);
        if (reverse.Status is DnsStatus.NoData or DnsStatus.NameError) CountVoid();
        foreach (var name in reverse.Records.Take(MaxNames))
        {
            var answer = await resolver.AddressesAsync(name, family, cancellation).ConfigureAwait(false);
            if (answer.Records.Contains(client)) validated.Add(name);
        }
        return clientNames = validated;
    }

    private async ValueTask<IReadOnlyList<IPAddress>> AddressesAsync(DomainName name, AddressFamily wanted, CancellationToken cancellation) =>
        Usable(await resolver.AddressesAsync(name, wanted, cancellation).ConfigureAwait(false), name);

    private IReadOnlyList<T> Usable<T>(DnsAnswer<T> answer, DomainName name)
    {
        // RFC 7208 §5: a DNS error in a mechanism ends the check.
        if (answer.Status == DnsStatus.TemporaryFailure) throw new Aborted(SpfKind.TempError, $"DNS did not answer for {name}");
        if (answer.Status is DnsStatus.NoData or DnsStatus.NameError) CountVoid();
        return answer.Records;
    }

    private void CountTerm()
    {
        if (++termLookups > MaxTermLookups) throw new Aborted(SpfKind.PermError, $"more than {MaxTermLookups} terms that need DNS");
    }

    private void CountVoid()
    {
        if (++voidLookups > MaxVoidLookups) throw new Aborted(SpfKind.PermError, $"more than {MaxVoidLookups} lookups came back empty");
    }

    private bool Covers(IPAddress network, SpfTerm term)
    {
        if (network.AddressFamily != family) return false;
        var prefix = family == AddressFamily.InterNetwork ? term.Prefix4 : term.Prefix6;
        Span<byte> left = stackalloc byte[16], right = stackalloc byte[16];
        network.TryWriteBytes(left, out _);
        client.TryWriteBytes(right, out _);
        var whole = prefix / 8;
        if (!left[..whole].SequenceEqual(right[..whole])) return false;
        return prefix % 8 is var bits && (bits == 0 || (left[whole] ^ right[whole]) >> (8 - bits) == 0);
    }

    private async ValueTask<DomainName?> TargetAsync(string? domainSpec, DomainName domain, CancellationToken cancellation)
    {
        if (domainSpec is null) return domain;
        var text = await SpfMacro.ExpandAsync(domainSpec, ValuesAt(domain), cancellation).ConfigureAwait(false);
        if (text is null) return null;
        // RFC 7208 §7.3: too long a name loses labels from the left until it fits.
        text = text.TrimEnd('.');
        if (text.Length > 253 && text.IndexOf('.', text.Length - 254) is var dot and >= 0) text = text[(dot + 1)..];
        return DomainName.TryParseForQuery(text, out var target) ? target : null;
    }

    private SpfMacro.Values ValuesAt(DomainName domain) => async (letter, cancellation) => letter switch
    {
        's' => local + "@" + senderDomain.Ascii,
        'l' => local,
        'o' => senderDomain.Ascii,
        'd' => domain.Ascii,
        'i' => DottedClient(),
        'p' => await PreferredNameAsync(domain, cancellation).ConfigureAwait(false),
        'v' => family == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => helo,
        'c' => client.ToString(),
        // RFC 7208 §7.3: a receiver that does not tell its name says "unknown".
        'r' => "unknown",
        _ => time.GetUtcNow().ToUnixTimeSeconds().ToString(),
    };

    // RFC 7208 §7.3: nibbles with dots for IPv6.
    private string DottedClient() => family == AddressFamily.InterNetwork
        ? client.ToString()
        : string.Join('.', Convert.ToHexString(client.GetAddressBytes()).ToCharArray());

    // RFC 7208 §7.3: the domain itself, then a name below it, then any.
    private async ValueTask<string> PreferredNameAsync(DomainName domain, CancellationToken cancellation)
    {
        var names = await ClientNamesAsync(cancellation).ConfigureAwait(false);
        return (names.FirstOrDefault(name => name == domain) ?? names.FirstOrDefault(name => name.IsWithin(domain)) ?? (names is [var any, ..] ? any : null))?.Ascii ?? "unknown";
    }

    private static bool IsExplanation(string text) =>
        // explain-string = *( macro-string / SP )
        text.Split(' ').All(part => SpfMacro.IsMacroString(part, SpfMacro.AnyLetter));
}
