using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sternpost.Accounts.Forwarding;
using Sternpost.Jmap.Http;

namespace Sternpost.Jmap.Push;

/// <summary>
/// Who pushes (RFC 8292): the server signs for each push service with a key of its own, made once and kept with the installation's other secrets. Browsers bind a
/// subscription to that key (RFC 9749), so that nobody else can push to it.
/// </summary>
internal sealed class Vapid(DirectorySecret secret, string hostName, TimeProvider time)
{
    // RFC 8292 §2: at most a day ahead.
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(12);

    /// <summary>The public key as browsers take it: an uncompressed point in base64url.</summary>
    internal async ValueTask<string> PublicKeyAsync(CancellationToken cancellation)
    {
        using var key = await KeyAsync(cancellation).ConfigureAwait(false);
        return Point(key);
    }

    /// <summary>The value of Authorization for a push to a URL.</summary>
    internal async ValueTask<string> AuthorizationAsync(Uri url, CancellationToken cancellation)
    {
        using var key = await KeyAsync(cancellation).ConfigureAwait(false);
        var claims = new JsonObject
        {
            ["aud"] = url.GetLeftPart(UriPartial.Authority),
            ["exp"] = (time.GetUtcNow() + GoodFor).ToUnixTimeSeconds(),
            ["sub"] = "mailto:postmaster@" + hostName,
        };
        var text = Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"u8) + "." + Base64Url.EncodeToString(Answers.ToBytes(claims));
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"vapid t={text}.{Base64Url.EncodeToString(signature)}, k={Point(key)}";
    }

    private async ValueTask<ECDsa> KeyAsync(CancellationToken cancellation)
    {
        var octets = (await secret.ReadAsync(make: true, cancellation).ConfigureAwait(false))!;
        var scalar = SHA256.HashData([.. "vapid"u8, .. octets]);
        // Below the order in every case, and still of 255 bits.
        scalar[0] &= 0x7f;
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
    }

    private static string Point(ECDsa key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return Base64Url.EncodeToString([4, .. q.X!, .. q.Y!]);
    }
}
