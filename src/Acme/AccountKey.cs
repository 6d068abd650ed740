using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>The key by which an authority knows an account of ours (RFC 8555 §6.2): ECDSA on P-256, which every authority takes. Signs what is sent to it.</summary>
public sealed class AccountKey : IDisposable
{
    private readonly ECDsa key;

    private AccountKey(ECDsa key)
    {
        this.key = key;
        var point = key.ExportParameters(false).Q;
        // RFC 7638 §3.2, §3.3: the members that make the key, in the order of their names, without white space.
        Jwk = $"{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{Base64Url.EncodeToString(point.X)}\",\"y\":\"{Base64Url.EncodeToString(point.Y)}\"}}";
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Jwk)));
    }

    /// <summary>The public half as JSON (RFC 7517).</summary>
    public string Jwk { get; }

    /// <summary>The hash that names the key (RFC 7638), in base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>A new key.</summary>
    public static AccountKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>A key from its PEM text.</summary>
    /// <exception cref="CryptographicException">The text is no key on P-256.</exception>
    public static AccountKey FromPem(string text)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            if (key.KeySize != 256) throw new CryptographicException("The account key is not on the curve P-256.");
            return new AccountKey(key);
        }
        catch (Exception bad) when (bad is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw bad as CryptographicException ?? new CryptographicException("The file holds no account key.", bad);
        }
    }

    /// <summary>The whole key as PEM; a secret.</summary>
    public string ToPem() => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>What answers a challenge with this token (RFC 8555 §8.1).</summary>
    public string Authorization(string token) => token + "." + Thumbprint;

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>A request as the authority takes it: JWS, flattened (RFC 8555 §6.2).</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="payload">JSON; empty asks for the resource without changing it (RFC 8555 §6.3).</param>
    /// <param name="nonce">The authority's.</param>
    /// <param name="account">The account's address there; null where there is none yet, and then the key itself is sent.</param>
    internal byte[] Sign(Uri url, string payload, string nonce, string? account)
    {
        var who = account is null ? "\"jwk\":" + Jwk : "\"kid\":" + Quoted(account);
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"alg\":\"ES256\",{who},\"nonce\":{Quoted(nonce)},\"url\":{Quoted(url.AbsoluteUri)}}}"));
        return Flattened(header, payload, data => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>The proof of an account that exists elsewhere at the authority (RFC 8555 §7.3.4): our public key, signed with the secret both know.</summary>
    internal string Bind(Uri url, ExternalAccount external)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"alg\":\"HS256\",\"kid\":{Quoted(external.KeyId)},\"url\":{Quoted(url.AbsoluteUri)}}}"));
        return Encoding.ASCII.GetString(Flattened(header, Jwk, data => HMACSHA256.HashData(external.Secret, data)));
    }

    private static byte[] Flattened(string header, string payload, Func<byte[], byte[]> sign)
    {
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        var signature = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(header + "." + body)));
        return Encoding.ASCII.GetBytes($"{{\"protected\":\"{header}\",\"payload\":\"{body}\",\"signature\":\"{signature}\"}}");
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}

/// <summary>An account that an authority gave out elsewhere, on its web site for instance.</summary>
/// <param name="KeyId">Its name.</param>
/// <param name="Secret">The octets both know; never in a log.</param>
public sealed record ExternalAccount(string KeyId, byte[] Secret)
{
    /// <inheritdoc/>
    public override string ToString() => KeyId;
}
