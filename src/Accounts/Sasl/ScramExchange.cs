using System.Net;
using System.Security.Cryptography;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Passwords;

namespace Sternpost.Accounts.Sasl;

/// <summary>SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) with tls-server-end-point (RFC 5929 §4).</summary>
/// <param name="credentials">Verifiers and counts.</param>
/// <param name="client">The peer's address.</param>
/// <param name="plus">True for the -PLUS mechanism.</param>
/// <param name="tlsServerEndPoint">The binding data; null where -PLUS was not offered.</param>
/// <param name="serverNonce">This server's part of the nonce.</param>
internal sealed class ScramExchange(Credentials credentials, IPAddress client, bool plus, byte[]? tlsServerEndPoint, string serverNonce)
    : SaslExchange(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256")
{
    private ScramClientFirst? first;
    private string serverFirst = "";
    private AccountEntry? entry;
    private ScramVerifier? verifier;

    private protected override async ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken cancellation)
    {
        if (response is null) return new SaslStep.Challenge([]);
        if (Text(response) is not { } message) return Malformed("not UTF-8");
        return first is null ? await FirstAsync(message, cancellation).ConfigureAwait(false) : await FinalAsync(message, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<SaslStep> FirstAsync(string message, CancellationToken cancellation)
    {
        if (!ScramClientFirst.TryParse(message, out var parsed, out var fault)) return Malformed(fault);
        if (BindingFault(parsed) is { } wrong) return Malformed(wrong);
        if (parsed.AuthorizationName is { } authorize && Credentials.CanonicalName(authorize) != Credentials.CanonicalName(parsed.Name))
        {
            return new SaslStep.Failure(SaslFailure.Credentials, "SCRAM: asked to act for another account");
        }
        if (credentials.Barred(client) is { } barred) return barred;
        if (credentials.Failures.IsOver(client, parsed.Name)) return Credentials.TooMany(parsed.Name);
        (entry, verifier) = await credentials.FindScramAsync(parsed.Name, cancellation).ConfigureAwait(false);
        first = parsed;
        serverFirst = $"r={parsed.Nonce}{serverNonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}";
        return new SaslStep.Challenge(System.Text.Encoding.ASCII.GetBytes(serverFirst));
    }

    private async ValueTask<SaslStep> FinalAsync(string message, CancellationToken cancellation)
    {
        var name = first!.Name;
        if (!ScramClientFinal.TryParse(message, out var final, out var fault)) return Malformed(fault);
        if (final.Nonce != first.Nonce + serverNonce) return Malformed("the nonce is not the one this server sent");
        // RFC 5802 §6: the header again, and the binding data with it, so that neither was changed on the way.
        byte[] expected = [.. System.Text.Encoding.UTF8.GetBytes(first.Header), .. plus ? tlsServerEndPoint! : []];
        if (!CryptographicOperations.FixedTimeEquals(final.ChannelBinding, expected))
        {
            return new SaslStep.Failure(SaslFailure.Credentials, "SCRAM: the channel binding does not match; somebody may stand between");
        }
        if (credentials.Failures.IsOver(client, name)) return Credentials.TooMany(name);
        var exchanged = System.Text.Encoding.UTF8.GetBytes($"{first.Bare},{serverFirst},{final.WithoutProof}");
        var (proved, given) = Proved(exchanged, final.Proof);
        return await credentials.SettleScramAsync(name, entry, proved is not null, given, (proved ?? verifier!).ServerFinal(exchanged), client, cancellation).ConfigureAwait(false);
    }

    // The account's own password, or one of its app passwords that share its salt.
    private (ScramVerifier? Verifier, AppPassword? Given) Proved(byte[] exchanged, byte[] proof)
    {
        if (verifier!.IsProved(exchanged, proof)) return (verifier, null);
        foreach (var password in entry?.AppPasswords ?? [])
        {
            foreach (var one in password.Scram)
            {
                if (one.Iterations == verifier.Iterations && one.Salt.AsSpan().SequenceEqual(verifier.Salt) && one.IsProved(exchanged, proof)) return (one, password);
            }
        }
        return (null, null);
    }

    private string? BindingFault(ScramClientFirst parsed) => parsed.Binding switch
    {
        ScramBinding.Used when !plus => "channel binding asked for under the name without -PLUS",
        ScramBinding.Used when parsed.BindingType != "tls-server-end-point" => "a channel binding type other than tls-server-end-point",
        ScramBinding.Used => null,
        _ when plus => "-PLUS without channel binding",
        // RFC 5802 §6: the client could bind and believes we cannot, yet we offered it: somebody took -PLUS out of our list.
        ScramBinding.SupportedButNotOffered when tlsServerEndPoint is not null => "the client says -PLUS was not offered, but it was; somebody may stand between",
        _ => null,
    };
}
