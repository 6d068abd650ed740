using Sternpost.Dns;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using MessageAuthentication = Sternpost.MailAuth.Authentication;

namespace Sternpost.Filter.Judges.Authentication;

/// <summary>
/// Finds out who really sent a message, writes it down for the Authentication-Results field, and follows what the author's
/// domain asks for. That a message is authenticated is no sign of goodwill, so passing weighs nothing.
/// </summary>
internal sealed class AuthenticationJudge(FilterOptions options, IDnsResolver resolver, IsLocalDomain? isLocal, TimeProvider time) : IJudge
{
    private static readonly Symbol SpfFail = new("SPF_FAIL", 1.5, "The sending server may not send for the sender's domain.");
    private static readonly Symbol SpfSoftFail = new("SPF_SOFTFAIL", 0.6, "The sending server probably may not send for the sender's domain.");
    private static readonly Symbol SpfBroken = new("SPF_PERMERROR", 0.3, "The sender's domain publishes an SPF record that cannot be understood.");
    private static readonly Symbol DkimInvalid = new("DKIM_INVALID", 0.3, "The message bears signatures, and none of them is good.");
    private static readonly Symbol DkimPartial = new("DKIM_PARTIAL", 2.0, "The signature leaves a part of the body uncovered, which anyone may have added.");
    private static readonly Symbol DmarcPass = new("DMARC_PASS", 0, "The message comes from the domain it names as its author.");
    private static readonly Symbol DmarcFail = new("DMARC_FAIL", 0.7, "Nothing proves that the message comes from the domain it names as its author.");
    private static readonly Symbol DmarcQuarantine = new("DMARC_FAIL_QUARANTINE", 3.0, "Nothing proves that the message comes from the domain it names as its author, which wants such mail treated as suspect.");
    private static readonly Symbol DmarcReject = new("DMARC_FAIL_REJECT", 5.0, "Nothing proves that the message comes from the domain it names as its author, which wants such mail refused.");
    private static readonly Symbol DmarcExplained = new("DMARC_FAIL_EXPLAINED", 1.5, "Nothing proves any more that the message comes from the domain it names as its author, but a mailing list or a forwarder would explain it.");
    private static readonly Symbol Ambiguous = new("FROM_AMBIGUOUS", 2.5, "The From field names authors of several domains, so that readers and checks may see different ones.");
    private static readonly Symbol OwnDomain = new("OWN_DOMAIN_FORGED", 3.5, "A stranger writes in the name of a domain served here.");

    // A little less than the panel waits, so that what is known by then is not lost.
    private readonly MessageAuthentication authentication = new(resolver, time, options.NetworkTimeout * 0.9) { VerifyDkim2 = options.VerifyDkim2 };

    public string Name => "authentication";

    public IReadOnlyList<Symbol> Symbols =>
    [
        SpfFail, SpfSoftFail, SpfBroken, DkimInvalid, DkimPartial, DmarcPass, DmarcFail, DmarcQuarantine, DmarcReject, DmarcExplained, Ambiguous, OwnDomain,
    ];

    public bool AsksNetwork => true;

    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        // Without a client SPF has nothing to say, and so neither has DMARC; and our own users are known by their password.
        if (!message.ClientKnown || message.Session.Account is not null || NoDnsResolver.IsOff(resolver)) return [];
        var outcome = await authentication.EvaluateAsync(message.Session, message.Envelope, message.Raw, cancellation).ConfigureAwait(false);
        message.AuthenticationResults = outcome.ToHeaderValue();
        message.Authentication = outcome;

        var findings = new List<Finding>(3);
        AddSpf(findings, outcome);
        AddDkim(findings, outcome);
        AddDmarc(findings, message, outcome);
        if (await IsOwnDomainForgedAsync(message, outcome, cancellation).ConfigureAwait(false))
            findings.Add(OwnDomain.Found($"A stranger writes in the name of {outcome.FromDomain}, which is served here."));
        return findings;
    }

    private static void AddSpf(List<Finding> findings, AuthenticationOutcome outcome)
    {
        // What the author's own signature proves, the way it came does not disprove: forwarding breaks SPF (RFC 7208 §D.1).
        if (outcome.Dmarc is { Kind: DmarcKind.Pass, Dkim.AlignedDomain: not null }) return;
        var domain = outcome.Spf.Domain;
        switch (outcome.Spf.Kind)
        {
            case SpfKind.Fail: findings.Add(SpfFail.Found($"{domain} does not let {outcome.ClientAddress} send for it (SPF).")); break;
            case SpfKind.SoftFail: findings.Add(SpfSoftFail.Found($"{domain} does not expect {outcome.ClientAddress} to send for it (SPF).")); break;
            case SpfKind.PermError: findings.Add(SpfBroken.Found($"The SPF record of {domain} cannot be understood: {outcome.Spf.Problem}.")); break;
        }
    }

    private static void AddDkim(List<Finding> findings, AuthenticationOutcome outcome)
    {
        if (outcome.Dkim.Count == 0) return;
        var passed = false;
        var partial = true;
        foreach (var signature in outcome.Dkim)
        {
            // A key under test proves nothing and disproves nothing (RFC 6376 §3.6.1 t=y); what could not be checked now, neither.
            if (signature.Testing || signature.Kind == DkimKind.TempError) passed = true;
            if (signature.Kind != DkimKind.Pass) continue;
            passed = true;
            partial &= signature.UnsignedOctets > 0;
        }
        if (!passed) findings.Add(DkimInvalid.Found($"The message bears signatures, and none of them is good: {outcome.Dkim[0].Reason}."));
        else if (partial && outcome.Dkim.Any(signature => signature.Kind == DkimKind.Pass)) findings.Add(DkimPartial.Found());
    }

    private void AddDmarc(List<Finding> findings, MessageUnderJudgement message, AuthenticationOutcome outcome)
    {
        var dmarc = outcome.Dmarc;
        if (dmarc.Kind == DmarcKind.Pass) findings.Add(DmarcPass.Found($"The message comes from {dmarc.AuthorDomain}: {dmarc.Reason}."));
        if (dmarc.AuthorProblem == AuthorProblem.Several) findings.Add(Ambiguous.Found(compels: Disposition.Junk));
        if (dmarc.Kind != DmarcKind.Fail) return;
        var data = new Dictionary<string, string> { ["from"] = dmarc.AuthorDomain!.Ascii, ["policy"] = dmarc.Disposition.ToString().ToLowerInvariant(), ["record"] = dmarc.RecordDomain!.Ascii };
        var failed = Failed(message, outcome);
        if (failed.Symbol == DmarcExplained.Name) data["explained"] = IndirectFlow.Way(message, outcome, options);
        findings.Add(failed with { Data = data });
    }

    private Finding Failed(MessageUnderJudgement message, AuthenticationOutcome outcome)
    {
        var author = outcome.Dmarc.AuthorDomain;
        var policy = outcome.Dmarc.Disposition;
        if (policy == DmarcPolicy.None) return DmarcFail.Found($"Nothing proves that the message comes from {author} (DMARC).");
        var explanation = policy == DmarcPolicy.Reject && options.HonourDmarcReject ? Explanation.None : IndirectFlow.Explain(message, outcome, options);
        if (explanation == Explanation.Plausible) return DmarcExplained.Found($"Nothing proves any more that the message comes from {author} (DMARC), but a mailing list or a forwarder explains it.");
        // RFC 9989 §7.4: refusal during the session tells an honest sender at once, and a forger nothing new.
        if (policy == DmarcPolicy.Reject && explanation == Explanation.None)
        {
            return DmarcReject.Found(
                $"{author} asks that mail which neither SPF nor a DKIM signature proves to be its own be refused (DMARC p=reject), and this is such mail.",
                compels: Disposition.Reject);
        }
        return DmarcQuarantine.Found($"{author} asks that mail which neither SPF nor a DKIM signature proves to be its own be treated as suspect (DMARC).", compels: Disposition.Junk);
    }

    private async ValueTask<bool> IsOwnDomainForgedAsync(MessageUnderJudgement message, AuthenticationOutcome outcome, CancellationToken cancellation)
    {
        if (isLocal is null || outcome.FromDomain is not { } author || outcome.Dmarc.Kind is DmarcKind.Pass or DmarcKind.TempError) return false;
        if (outcome.Spf.Kind == SpfKind.TempError || outcome.Dkim.Any(signature => signature.Kind == DkimKind.TempError)) return false;
        // Without a DMARC record nobody has compared them.
        if (outcome.Spf.Kind == SpfKind.Pass && outcome.Spf.Domain == author) return false;
        if (outcome.Dkim.Any(signature => signature.Kind == DkimKind.Pass && signature.Domain == author)) return false;
        // Our users' own letters come back through lists with broken signatures.
        if (IndirectFlow.Explain(message, outcome, options) == Explanation.Plausible) return false;
        return await isLocal(author, cancellation).ConfigureAwait(false);
    }
}
