using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.Queue.Intake;

namespace Sternpost.Queue.Signing;

/// <summary>
/// Seals what aliases pass on (RFC 8617 §5.1) with a key of the alias's domain, so that the next server learns what authentication came
/// to here, where it still could. <see cref="SealAsync"/> is a <see cref="MessageSealer"/>.
/// </summary>
public sealed class ForwardSealer(DkimMessageSigner signer, IDnsResolver dns, DomainName hostName, TimeProvider time)
{
    /// <summary>The ARC set to prepend; nothing where there is no key, or a chain that may not be added to.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> SealAsync(DomainName domain, ReadOnlyMemory<byte> received, ReadOnlyMemory<byte> trace, string results, CancellationToken cancellation)
    {
        if (results.Length == 0 || await signer.SealingKeyAsync(domain, cancellation).ConfigureAwait(false) is not { } key) return ReadOnlyMemory<byte>.Empty;
        var chain = await ArcVerifier.VerifyAsync(received, dns, cancellation).ConfigureAwait(false);
        // What fails for want of DNS would be sealed as broken for ever (RFC 8617 §5.1).
        if (chain.IsTemporary) return ReadOnlyMemory<byte>.Empty;
        return ArcSealer.Seal((byte[])[.. trace.Span, .. received.Span], chain, hostName.Ascii, results, key, time.GetUtcNow());
    }
}
