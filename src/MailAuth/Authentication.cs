using Sternpost.Dns;
using Sternpost.Messages.Envelopes;

namespace Sternpost.MailAuth;

/// <summary>
/// Runs SPF, DKIM and DMARC on a message. SPF and DKIM run at the same time; all of it shares one deadline, after which what is
/// missing counts as a temporary error, so a slow zone delays a message but never decides it.
/// </summary>
public sealed class Authentication(IDnsResolver resolver, TimeProvider time)
{
    /// <summary>How long all lookups for one message may take together.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>Authenticates a message as received; <paramref name="raw"/> holds no header we added.</summary>
    public ValueTask<AuthenticationOutcome> EvaluateAsync(
        SessionFacts session, Envelope envelope, ReadOnlyMemory<byte> raw, CancellationToken cancellation) =>
        throw new NotImplementedException();
}
