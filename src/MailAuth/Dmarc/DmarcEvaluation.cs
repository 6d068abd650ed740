using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Spf;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>
/// DMARC (RFC 9989) in two steps, so that the policy can be looked for while SPF and DKIM are still at work: first whose policy
/// applies, then whether anything authenticated aligns with the author.
/// </summary>
internal sealed class DmarcEvaluation
{
    private readonly IDnsResolver resolver;
    private readonly DomainName? author;
    private readonly AuthorProblem problem;
    private DmarcTreeWalk? walk;
    private DmarcPolicy? policy;
    private DmarcRecordAt? record;
    private string? unanswered;

    private DmarcEvaluation(IDnsResolver resolver, DomainName? author, AuthorProblem problem) =>
        (this.resolver, this.author, this.problem) = (resolver, author, problem);

    /// <summary>Finds the author's domain and the policy that applies to it.</summary>
    public static ValueTask<DmarcEvaluation> DiscoverAsync(RawHeader header, IDnsResolver resolver, CancellationToken cancellation)
    {
        var problem = AuthorDomain.Find(header, out var author);
        return DiscoverAsync(author, problem, resolver, cancellation);
    }

    /// <summary>As above, with the author's domain known.</summary>
    public static async ValueTask<DmarcEvaluation> DiscoverAsync(
        DomainName? author, AuthorProblem problem, IDnsResolver resolver, CancellationToken cancellation)
    {
        var evaluation = new DmarcEvaluation(resolver, author, problem);
        if (author is not null) await evaluation.DiscoverAsync(author, cancellation).ConfigureAwait(false);
        return evaluation;
    }

    /// <summary>Compares what SPF and DKIM proved with the author.</summary>
    public async ValueTask<DmarcResult> ConcludeAsync(SpfResult spf, IReadOnlyList<DkimResult> dkim, CancellationToken cancellation)
    {
        if (author is null)
        {
            return new DmarcResult(DmarcKind.PermError, null, problem switch
            {
                AuthorProblem.Several => "the From field names authors of several domains",
                AuthorProblem.Malformed => "the author's address is malformed",
                _ => "the message names no author",
            })
            { AuthorProblem = problem };
        }
        if (record is not { } found)
        {
            return unanswered is null
                ? new DmarcResult(DmarcKind.None, author, $"{author} publishes no DMARC policy")
                : new DmarcResult(DmarcKind.TempError, author, $"DNS did not answer for {unanswered}");
        }
        if (!found.Record.Applies) return new DmarcResult(DmarcKind.None, author, $"the DMARC record of {found.Domain} asks for nothing");

        var organisation = walk!.OrganisationalDomain();
        var alignment = new Alignment(author, walk, organisation, resolver);
        var byDkim = new DmarcAlignment(found.Record.StrictDkim, await AlignDkimAsync(alignment, found.Record.StrictDkim, dkim, cancellation).ConfigureAwait(false));
        var bySpf = new DmarcAlignment(found.Record.StrictSpf, await AlignSpfAsync(alignment, found.Record.StrictSpf, spf, cancellation).ConfigureAwait(false));
        var (kind, reason) = Conclude(byDkim, bySpf, alignment, spf, dkim);
        return new DmarcResult(kind, author, reason)
        {
            Policy = found.Record.Testing ? Milder(policy!.Value) : policy,
            RecordDomain = found.Domain,
            OrganisationalDomain = organisation,
            Record = found.Record,
            Dkim = byDkim,
            Spf = bySpf,
        };
    }

    private async ValueTask DiscoverAsync(DomainName author, CancellationToken cancellation)
    {
        walk = await DmarcTreeWalk.From(author, resolver, cancellation).ConfigureAwait(false);
        // Where the walk broke off above the author's own record, that record stands, but who belongs to whom is not known.
        if (walk.Unanswered is not null && walk.OwnRecord is null)
        {
            unanswered = walk.Unanswered.Ascii;
            return;
        }
        record = walk.Policy();
        if (record is not { } found) return;
        if (found.Domain == author) policy = found.Record.Policy;
        else if (found.Record.NonexistentPolicy is null) policy = found.Record.SubdomainPolicy ?? found.Record.Policy;
        else
        {
            // RFC 9989 §3.2.13: a name does not exist where DNS says NXDOMAIN, whatever type is asked for (RFC 8020).
            var exists = await resolver.AddressesAsync(author, System.Net.Sockets.AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
            policy = exists.Status == DnsStatus.NameError ? found.Record.NonexistentPolicy : found.Record.SubdomainPolicy ?? found.Record.Policy;
        }
    }

    private static async ValueTask<DomainName?> AlignDkimAsync(Alignment alignment, bool strict, IReadOnlyList<DkimResult> results, CancellationToken cancellation)
    {
        // A signature of the author's own domain needs no lookups, so it is looked for first.
        foreach (var result in results)
        {
            if (result is { Kind: DkimKind.Pass, Domain: not null } && alignment.IsSame(result.Domain)) return result.Domain;
        }
        if (strict) return null;
        foreach (var result in results)
        {
            if (result is { Kind: DkimKind.Pass, Domain: not null } && await alignment.IsRelatedAsync(result.Domain, cancellation).ConfigureAwait(false)) return result.Domain;
        }
        return null;
    }

    private static async ValueTask<DomainName?> AlignSpfAsync(Alignment alignment, bool strict, SpfResult spf, CancellationToken cancellation)
    {
        if (spf is not { Kind: SpfKind.Pass, Domain: not null }) return null;
        return alignment.IsSame(spf.Domain) || (!strict && await alignment.IsRelatedAsync(spf.Domain, cancellation).ConfigureAwait(false)) ? spf.Domain : null;
    }

    private (DmarcKind Kind, string Reason) Conclude(DmarcAlignment byDkim, DmarcAlignment bySpf, Alignment alignment, SpfResult spf, IReadOnlyList<DkimResult> dkim)
    {
        if (byDkim.AlignedDomain is not null) return (DmarcKind.Pass, $"a signature of {byDkim.AlignedDomain} aligns with {author}");
        if (bySpf.AlignedDomain is not null) return (DmarcKind.Pass, $"SPF of {bySpf.AlignedDomain} aligns with {author}");
        if (alignment.Unanswered is not null) return (DmarcKind.TempError, $"DNS did not answer for {alignment.Unanswered}");
        // RFC 9989 §5.3.6: while something that could have aligned is not known, the policy is not applied.
        if (spf is { Kind: SpfKind.TempError, Domain: not null } && alignment.CouldBeRelated(spf.Domain))
            return (DmarcKind.TempError, $"SPF of {spf.Domain} could not be checked now");
        foreach (var result in dkim)
        {
            if (result is { Kind: DkimKind.TempError, Domain: not null } && alignment.CouldBeRelated(result.Domain))
                return (DmarcKind.TempError, $"the signature of {result.Domain} could not be checked now");
        }
        return (DmarcKind.Fail, $"neither SPF nor a signature proves that {author} sent this");
    }

    // RFC 9989 §4.7 t.
    private static DmarcPolicy Milder(DmarcPolicy policy) => policy == DmarcPolicy.Reject ? DmarcPolicy.Quarantine : DmarcPolicy.None;

    /// <summary>Relaxed alignment: two names of one organisation (RFC 9989 §4.10.2).</summary>
    private sealed class Alignment(DomainName author, DmarcTreeWalk authorWalk, DomainName organisation, IDnsResolver resolver)
    {
        private readonly HashSet<DomainName> unrelated = [];

        public DomainName? Unanswered { get; private set; }

        public bool IsSame(DomainName identifier) => identifier == author;

        // An organisational domain is the name itself or an ancestor, so all else can be told without asking.
        public bool CouldBeRelated(DomainName identifier) => identifier.IsWithin(organisation);

        public async ValueTask<bool> IsRelatedAsync(DomainName identifier, CancellationToken cancellation)
        {
            if (identifier == author) return true;
            // The author's own walk broke off: how far its organisation reaches is not known.
            if (authorWalk.Unanswered is not null)
            {
                Unanswered = authorWalk.Unanswered;
                return false;
            }
            if (!CouldBeRelated(identifier) || !unrelated.Add(identifier)) return false;
            var walk = authorWalk.Above(identifier) ?? await DmarcTreeWalk.From(identifier, resolver, cancellation).ConfigureAwait(false);
            if (walk.Unanswered is not null)
            {
                Unanswered = walk.Unanswered;
                return false;
            }
            return walk.OrganisationalDomain() == organisation;
        }
    }
}
