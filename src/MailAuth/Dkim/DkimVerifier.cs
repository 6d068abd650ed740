using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dkim;

/// <summary>
/// Verifies the DKIM signatures of a message (RFC 6376, 8301, 8463, 8616) on the bytes as received, except that a bare LF counts
/// as the CRLF it was sent as. Promises one result a signature up to a budget, one for all beyond it, and no exception for what a message holds.
/// </summary>
public static class DkimVerifier
{
    // Clocks differ, and a signature from tomorrow is a wrong clock or a trick (RFC 6376 §3.5 t=).
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(24);

    /// <summary>Verifies all signatures.</summary>
    /// <param name="raw">The message as received, without fields we added.</param>
    /// <param name="receivedAt">When it arrived: expiry is measured by that, not by when we come to look.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="cancellation">Ends the check with an exception.</param>
    public static ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(
        ReadOnlyMemory<byte> raw, DateTimeOffset receivedAt, IDnsResolver resolver, CancellationToken cancellation)
    {
        var header = RawHeader.Parse(raw);
        return VerifyAsync(header, new BodyHashes(header), receivedAt, resolver, cancellation);
    }

    internal static async ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(
        RawHeader header, BodyHashes bodies, DateTimeOffset receivedAt, IDnsResolver resolver, CancellationToken cancellation)
    {
        if (header.Truncated) return [new DkimResult(DkimKind.Neutral, null, "not checked: the header is too large")];
        var found = Read(header, receivedAt, out var beyond);
        // All keys are asked for before the first answer is waited for.
        foreach (var entry in found)
        {
            if (entry.Signature is not null) entry.Keys = resolver.TxtAsync(entry.Signature.KeyName, cancellation).AsTask();
        }
        var verification = new SignatureVerification(header, bodies);
        var results = new List<DkimResult>(found.Count);
        foreach (var entry in found)
        {
            if (entry.Signature is not null) entry.Result = verification.Verify(entry.Field, entry.Signature, await entry.Keys!.ConfigureAwait(false));
            results.Add(entry.Result!);
        }
        if (beyond > 0) results.Add(new DkimResult(DkimKind.Neutral, null, $"{beyond} more signatures were not checked"));
        return results;
    }

    private static List<Found> Read(RawHeader header, DateTimeOffset receivedAt, out int beyond)
    {
        var found = new List<Found>(2);
        beyond = 0;
        foreach (var field in header.Fields)
        {
            if (!header.Is(field, "DKIM-Signature"u8)) continue;
            if (found.Count == AuthenticationBudget.Signatures) beyond++;
            else found.Add(Read(header, field, receivedAt));
        }
        return found;
    }

    private static Found Read(RawHeader header, in RawField field, DateTimeOffset receivedAt)
    {
        if (!SignatureTags.TryParse(header.Value(field), SignatureField.Dkim, out var signature, out var problem)) return new Found(field) { Result = problem };
        // RFC 6376 §3.5 x=, t=.
        if (signature.Expires <= receivedAt) return new Found(field) { Result = signature.Result(DkimKind.PermError, $"the signature expired at {signature.Expires:u}") };
        if (signature.SignedAt > receivedAt + ClockTolerance) return new Found(field) { Result = signature.Result(DkimKind.Policy, $"the signature is dated in the future, {signature.SignedAt:u}") };
        return new Found(field) { Signature = signature };
    }

    private sealed class Found(RawField field)
    {
        public RawField Field { get; } = field;
        public SignatureTags? Signature { get; init; }
        public Task<DnsAnswer<string>>? Keys { get; set; }
        public DkimResult? Result { get; set; }
    }
}
