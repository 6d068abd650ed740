using System.Buffers;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.MailAuth.Arc;

/// <summary>
/// Validates the Authenticated Received Chain of a message (RFC 8617 §5.2). A chain that passes proves only that its sealers
/// said what they said; whether to believe them is for who uses the result.
/// </summary>
public static class ArcVerifier
{
    /// <summary>Validates the chain.</summary>
    /// <param name="raw">The message as received.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="cancellation">Ends the check with an exception.</param>
    public static ValueTask<ArcResult> VerifyAsync(ReadOnlyMemory<byte> raw, IDnsResolver resolver, CancellationToken cancellation)
    {
        var header = RawHeader.Parse(raw);
        return VerifyAsync(header, new BodyHashes(header), resolver, cancellation);
    }

    internal static ValueTask<ArcResult> VerifyAsync(RawHeader header, BodyHashes bodies, IDnsResolver resolver, CancellationToken cancellation)
    {
        var sets = ArcSets.Gather(header);
        if (sets.IsEmpty) return ValueTask.FromResult(new ArcResult(ArcKind.None, ""));
        return new Validation(header, bodies, resolver, sets).RunAsync(cancellation);
    }

    /// <summary>What a seal signs before itself: all sets up to its own, oldest first (RFC 8617 §5.1.1).</summary>
    internal static void AppendSets(IBufferWriter<byte> data, RawHeader header, ArcSets sets, int first, int last, bool withoutLastSeal)
    {
        for (var instance = first; instance <= last; instance++)
        {
            var set = sets[instance];
            HeaderCanonicalization.Append(data, header, set.AuthenticationResults!.Value, relaxed: true);
            HeaderCanonicalization.Append(data, header, set.MessageSignature!.Value, relaxed: true);
            if (instance < last || !withoutLastSeal) HeaderCanonicalization.Append(data, header, set.Seal!.Value, relaxed: true);
        }
    }

    private sealed class Validation(RawHeader header, BodyHashes bodies, IDnsResolver resolver, ArcSets sets)
    {
        private bool isTemporary;
        private bool wasSealedAsFailed;

        public async ValueTask<ArcResult> RunAsync(CancellationToken cancellation)
        {
            var links = new List<ArcLink>(sets.Highest);
            var problem = sets.Problem ?? ReadSeals(links, out var seals) ?? await CheckAsync(seals, cancellation).ConfigureAwait(false);
            return new ArcResult(problem is null ? ArcKind.Pass : ArcKind.Fail, problem ?? "")
            {
                Links = problem is null ? links : [],
                HighestInstance = sets.Highest,
                IsTemporary = isTemporary,
                WasSealedAsFailed = wasSealedAsFailed,
            };
        }

        // Steps 2 and 3.C: the first seal says "none", every later one "pass".
        private string? ReadSeals(List<ArcLink> links, out SignatureTags[] seals)
        {
            seals = new SignatureTags[sets.Highest];
            string? problem = null;
            for (var instance = sets.Highest; instance >= 1; instance--)
            {
                var set = sets[instance];
                if (!SignatureTags.TryParse(header.Value(set.Seal!.Value), SignatureField.ArcSeal, out var seal, out var trouble))
                {
                    problem ??= $"seal {instance}: {trouble.Reason}";
                    continue;
                }
                if (instance == sets.Highest) wasSealedAsFailed = seal.ChainStatus == "fail";
                if (seal.ChainStatus != (instance == 1 ? "none" : "pass")) problem ??= $"seal {instance} says that the chain was '{Safe(seal.ChainStatus)}'";
                seals[instance - 1] = seal;
                links.Insert(0, new ArcLink(instance, seal.Domain, ArcSets.ResultsOf(header.Value(set.AuthenticationResults!.Value))));
            }
            return problem;
        }

        private async ValueTask<string?> CheckAsync(SignatureTags[] seals, CancellationToken cancellation)
        {
            var field = sets[sets.Highest].MessageSignature!.Value;
            if (!SignatureTags.TryParse(header.Value(field), SignatureField.ArcMessage, out var signature, out var trouble)) return $"message signature {sets.Highest}: {trouble.Reason}";
            // All keys are asked for before the first answer is waited for; most chains have few.
            var messageKey = resolver.TxtAsync(signature.KeyName, cancellation).AsTask();
            var sealKeys = Array.ConvertAll(seals, seal => resolver.TxtAsync(seal.KeyName, cancellation).AsTask());

            // Step 4: only the newest message signature; older ones break by whatever the list did after them.
            var result = new SignatureVerification(header, bodies).Verify(field, signature, await messageKey.ConfigureAwait(false));
            if (result.Kind != DkimKind.Pass) return Failed($"message signature {sets.Highest}", result);

            // Step 6: every seal, newest first.
            for (var instance = sets.Highest; instance >= 1; instance--)
            {
                var data = new ArrayBufferWriter<byte>(4096);
                AppendSets(data, header, sets, 1, instance, withoutLastSeal: true);
                HeaderCanonicalization.AppendWithoutSignature(data, header, sets[instance].Seal!.Value, relaxed: true);
                result = SignatureVerification.VerifyData(seals[instance - 1], await sealKeys[instance - 1].ConfigureAwait(false), data.WrittenSpan);
                if (result.Kind != DkimKind.Pass) return Failed($"seal {instance}", result);
            }
            return null;
        }

        private string Failed(string what, DkimResult result)
        {
            isTemporary = result.Kind == DkimKind.TempError;
            return $"{what}: {result.Reason}";
        }

        private static string Safe(string? text) => text is null ? "" : text.Length > 20 ? text[..20] : text;
    }
}
