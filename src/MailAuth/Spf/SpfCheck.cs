using System.Net;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Spf;

/// <summary>SPF (RFC 7208): may this client send for this domain? Promises an answer for any input, within the budgets of §4.6.4.</summary>
public static class SpfCheck
{
    /// <summary>Checks the reverse-path, or HELO where that is null.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="helo">The HELO or EHLO argument as sent.</param>
    /// <param name="mailFrom">The reverse-path as <c>local@domain</c>; null or empty for the null reverse-path.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="time">The clock, for the macro t.</param>
    /// <param name="cancellation">Ends the check with an exception; a caller with a deadline turns that into a temporary error.</param>
    public static async ValueTask<SpfResult> EvaluateAsync(
        IPAddress client, string helo, string? mailFrom, IDnsResolver resolver, TimeProvider time, CancellationToken cancellation)
    {
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        // RFC 7208 §2.4: a null reverse-path is taken for postmaster at the HELO name.
        var identity = string.IsNullOrEmpty(mailFrom) ? SpfIdentity.Helo : SpfIdentity.MailFrom;
        var sender = identity == SpfIdentity.Helo ? "postmaster@" + helo : mailFrom!;
        var at = sender.LastIndexOf('@');
        var domain = sender[(at + 1)..];
        // RFC 7208 §4.3: no domain, no dot, or not a name at all: none. A missing local-part is "postmaster".
        if (!domain.Contains('.', StringComparison.Ordinal) || domain.StartsWith('[') || !DomainName.TryParseForQuery(domain, out var name))
            return new SpfResult(SpfKind.None, identity, null);
        var local = at > 0 ? sender[..at] : "postmaster";
        var evaluation = new SpfEvaluation(client, helo, local, name, resolver, time);
        var outcome = await evaluation.CheckHostAsync(name, cancellation).ConfigureAwait(false);
        var explanation = outcome.Kind == SpfKind.Fail ? await evaluation.ExplainAsync(outcome, cancellation).ConfigureAwait(false) : null;
        return new SpfResult(outcome.Kind, identity, name, outcome.Mechanism, explanation, outcome.Problem);
    }
}
