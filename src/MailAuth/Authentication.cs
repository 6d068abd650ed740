using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dkim2;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Envelopes;

namespace Sternpost.MailAuth;

/// <summary>
/// Runs SPF, DKIM, ARC and DMARC on a message. SPF, DKIM, ARC and the search for the DMARC policy run at the same time; all of it shares
/// one deadline and one number of DNS questions, after which what is missing counts as a temporary error, so a slow or hostile
/// zone delays a message but never decides it.
/// </summary>
/// <param name="resolver">DNS.</param>
/// <param name="time">The clock.</param>
/// <param name="deadline">How long all lookups for one message may take together; <see cref="Deadline"/> where null.</param>
public sealed class Authentication(IDnsResolver resolver, TimeProvider time, TimeSpan? deadline = null)
{
    /// <summary>How long all lookups for one message may take together, unless told otherwise.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>Whether DKIM2, an IETF draft, is verified as well. Default false.</summary>
    public bool VerifyDkim2 { get; init; }

    /// <summary>Authenticates a message as received; <paramref name="raw"/> holds no header we added.</summary>
    /// <exception cref="OperationCanceledException">Only by the caller's own token.</exception>
    public async ValueTask<AuthenticationOutcome> EvaluateAsync(
        SessionFacts session, Envelope envelope, ReadOnlyMemory<byte> raw, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(deadline ?? Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var lookups = new MessageLookups(resolver, AuthenticationBudget.Lookups, either.Token, cancellation);
        var mailFrom = envelope.ReversePath?.ToString();
        var header = RawHeader.Parse(raw);

        // Each runs up to its first unanswered question before the next one starts.
        var spfAnswer = SpfCheck.EvaluateAsync(session.ClientAddress, session.Helo, mailFrom, lookups, time, cancellation).AsTask();
        var dmarcAnswer = DmarcEvaluation.DiscoverAsync(header, lookups, cancellation).AsTask();
        var bodies = new BodyHashes(header);
        var arcAnswer = ArcVerifier.VerifyAsync(header, bodies, lookups, cancellation).AsTask();
        var dkim2Answer = VerifyDkim2
            ? new Dkim2Verifier(lookups).VerifyAsync(header, raw, mailFrom ?? "", [.. envelope.Recipients.Select(recipient => recipient.Address.ToString())], session.ReceivedAt, cancellation).AsTask()
            : null;
        var dkim = await DkimVerifier.VerifyAsync(header, bodies, session.ReceivedAt, lookups, cancellation).ConfigureAwait(false);
        var spf = await spfAnswer.ConfigureAwait(false);
        var evaluation = await dmarcAnswer.ConfigureAwait(false);
        var dmarc = await evaluation.ConcludeAsync(spf, dkim, cancellation).ConfigureAwait(false);
        return new AuthenticationOutcome(spf, dkim, dmarc, session.ClientAddress, session.ReverseResult)
        {
            Arc = await arcAnswer.ConfigureAwait(false),
            Dkim2 = dkim2Answer is null ? null : await dkim2Answer.ConfigureAwait(false),
            MailFrom = mailFrom,
            Helo = session.Helo,
        };
    }
}
