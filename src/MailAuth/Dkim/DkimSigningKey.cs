using System.Security.Cryptography;
using NSec.Cryptography;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Dkim;

/// <summary>A private key with the domain and selector it signs for. Safe for concurrent use; the key never leaves but by <see cref="ExportPrivateKey"/>.</summary>
public sealed class DkimSigningKey : IDisposable
{
    private const int RsaBits = 2048;

    private readonly RSA? rsa;
    private readonly Key? ed25519;

    private DkimSigningKey(DomainName domain, string selector, RSA? rsa, Key? ed25519)
    {
        if (!DomainName.TryParse(selector, out _)) throw new ArgumentException($"'{selector}' is not a selector.", nameof(selector));
        Domain = domain;
        Selector = selector.ToLowerInvariant();
        this.rsa = rsa;
        this.ed25519 = ed25519;
    }

    /// <summary>The signing domain (d=).</summary>
    public DomainName Domain { get; }

    /// <summary>The selector (s=).</summary>
    public string Selector { get; }

    /// <summary>What it signs with.</summary>
    public SigningAlgorithm Algorithm => rsa is null ? SigningAlgorithm.Ed25519Sha256 : SigningAlgorithm.RsaSha256;

    /// <summary>k= of the record: "rsa" or "ed25519".</summary>
    public string KeyType => Algorithm.KeyType();

    /// <summary>The name the public key is published at.</summary>
    public DomainName RecordName => DomainName.Parse(Selector + "._domainkey." + Domain.Ascii);

    /// <summary>The TXT record that publishes the public key (RFC 6376 §3.6.1, RFC 8463 §4.2).</summary>
    public string RecordText => $"v=DKIM1; k={KeyType}; p=" + Convert.ToBase64String(
        rsa is null ? ed25519!.PublicKey.Export(KeyBlobFormat.RawPublicKey) : rsa.ExportSubjectPublicKeyInfo());

    /// <summary>Makes a new RSA key of 2048 bits (RFC 8301 §3.2).</summary>
    public static DkimSigningKey GenerateRsa(DomainName domain, string selector) => new(domain, selector, RSA.Create(RsaBits), null);

    /// <summary>Makes a new Ed25519 key (RFC 8463).</summary>
    public static DkimSigningKey GenerateEd25519(DomainName domain, string selector) =>
        new(domain, selector, null, Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>Takes up a key that <see cref="ExportPrivateKey"/> gave, or any other PKCS #8 key of RSA or Ed25519.</summary>
    /// <exception cref="FormatException">It is neither, or an RSA key too weak to be worth signing with.</exception>
    public static DkimSigningKey Import(DomainName domain, string selector, ReadOnlySpan<byte> pkcs8)
    {
        if (Key.TryImport(SignatureAlgorithm.Ed25519, pkcs8, KeyBlobFormat.PkixPrivateKey, out var key, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }))
            return new DkimSigningKey(domain, selector, null, key);
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            throw new FormatException("The key is neither an RSA nor an Ed25519 key in PKCS #8 form.");
        }
        // RFC 8301 §3.2: signers use at least 1024 bits.
        if (rsa.KeySize >= PublicKeys.LeastRsaBits) return new DkimSigningKey(domain, selector, rsa, null);
        rsa.Dispose();
        throw new FormatException($"The RSA key has only {rsa.KeySize} bits; {PublicKeys.LeastRsaBits} are the least, {RsaBits} are advised.");
    }

    /// <summary>The private key as PKCS #8, unencrypted: for the database only.</summary>
    public byte[] ExportPrivateKey() => rsa is null ? ed25519!.Export(KeyBlobFormat.PkixPrivateKey) : rsa.ExportPkcs8PrivateKey();

    /// <inheritdoc/>
    public void Dispose()
    {
        rsa?.Dispose();
        ed25519?.Dispose();
    }

    // OpenSSL makes a context for each signature, so one RSA object serves many threads.
    internal byte[] SignDigest(ReadOnlySpan<byte> sha256) =>
        rsa is null
            ? SignatureAlgorithm.Ed25519.Sign(ed25519!, sha256)
            : rsa.SignHash(sha256.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
