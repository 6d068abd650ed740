using System.Net;

namespace Sternpost.Accounts.Sasl;

/// <summary>PLAIN (RFC 4616).</summary>
internal sealed class PlainExchange(Credentials credentials, IPAddress client) : SaslExchange("PLAIN")
{
    private protected override ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken cancellation)
    {
        if (response is null) return new(new SaslStep.Challenge([]));
        // RFC 4616 §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
        var first = response.AsSpan().IndexOf((byte)0);
        var second = first < 0 ? -1 : response.AsSpan(first + 1).IndexOf((byte)0);
        if (second < 0 || Text(response) is not { } message) return new(Malformed("not authzid NUL authcid NUL passwd in UTF-8"));
        var parts = message.Split('\0');
        if (parts is not [var authorize, { Length: > 0 } name, { Length: > 0 } password]) return new(Malformed("a name or password is missing, or there is a NUL too many"));
        // Nobody acts for another here: an authorization identity may only repeat the name.
        if (authorize.Length > 0 && Credentials.CanonicalName(authorize) != Credentials.CanonicalName(name))
        {
            return new(new SaslStep.Failure(SaslFailure.Credentials, "PLAIN: asked to act for another account"));
        }
        return credentials.CheckAsync(name, password, client, cancellation);
    }
}
