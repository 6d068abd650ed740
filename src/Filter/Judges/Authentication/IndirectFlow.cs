using System.Text;
using Sternpost.Filter.Views;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Spf;

namespace Sternpost.Filter.Judges.Authentication;

/// <summary>How far something other than forgery explains that DMARC fails (RFC 7960).</summary>
internal enum Explanation
{
    /// <summary>Nothing does.</summary>
    None,
    /// <summary>It has the outward signs of list mail, which anybody can put on: not to be refused, but not to be believed either.</summary>
    Claimed,
    /// <summary>A list that authenticates itself passed on what the author had signed, or a forwarder we trust did.</summary>
    Plausible,
}

/// <summary>Looks for the ways in which honest mail comes to fail DMARC.</summary>
internal static class IndirectFlow
{
    public static Explanation Explain(MessageUnderJudgement message, AuthenticationOutcome outcome, FilterOptions options)
    {
        if (IsTrustedForwarder(message, outcome, options)) return Explanation.Plausible;
        if (outcome.FromDomain is { } author && ArcTrust.Explains(outcome.Arc, author, options.TrustedSealers) is not null) return Explanation.Plausible;
        if (!HasListSigns(message.Header)) return Explanation.None;
        // RFC 7960 §3.2.3: a list has its own bounce address, and what it changed breaks the signature its author had made.
        return IsAuthenticatedByAnother(outcome) && outcome.Dkim.Any(signature => IsBrokenOfAuthor(signature, outcome)) ? Explanation.Plausible : Explanation.Claimed;
    }

    /// <summary>The way that explains it, in the words of aggregate reports (RFC 9990 §3.1.6).</summary>
    public static string Way(MessageUnderJudgement message, AuthenticationOutcome outcome, FilterOptions options) =>
        IsTrustedForwarder(message, outcome, options) ? "trusted_forwarder"
        : HasListSigns(message.Header) ? "mailing_list"
        : "other";

    // The name is forward-confirmed (SessionFacts), and SPF proves the bounce domain, so the forwarder's owner stands behind either.
    private static bool IsTrustedForwarder(MessageUnderJudgement message, AuthenticationOutcome outcome, FilterOptions options) =>
        options.TrustedForwarders.Any(forwarder =>
            message.Session.ReverseName?.IsWithin(forwarder) == true
            || (outcome.Spf is { Kind: SpfKind.Pass, Domain: not null } && outcome.Spf.Domain.IsWithin(forwarder)));

    private static bool HasListSigns(HeaderFields header) =>
        header.Has("List-Id"u8) || header.Has("List-Post"u8) || header.Has("Mailing-List"u8)
        || (header.TryGet("Precedence"u8, out var precedence) && Ascii.EqualsIgnoreCase(precedence, "list"u8));

    private static bool IsAuthenticatedByAnother(AuthenticationOutcome outcome) =>
        outcome.Spf is { Kind: SpfKind.Pass, Identity: SpfIdentity.MailFrom } || outcome.Dkim.Any(signature => signature.Kind == DkimKind.Pass);

    private static bool IsBrokenOfAuthor(DkimResult signature, AuthenticationOutcome outcome) =>
        signature is { Kind: DkimKind.Fail, Domain: not null } && outcome.Dmarc.OrganisationalDomain is { } organisation && signature.Domain.IsWithin(organisation);
}
