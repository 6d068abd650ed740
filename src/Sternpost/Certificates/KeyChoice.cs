using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Composition;
using Sternpost.Dns;

namespace Sternpost.Certificates;

/// <summary>
/// Which key the next certificate has. Where a TLSA record pins the key that is shown (DANE), senders that honour it stop delivering when the key changes:
/// then the key stays, until the record of the next one is published (RFC 7671 §8.1).
/// </summary>
internal sealed class KeyChoice(CertificateShelf shelf, IDnsResolver resolver, DomainName host)
{
    // Where TLSA records of a mail server stand: for other servers, for users' programs, for the web.
    private static readonly int[] Ports = [25, 465, 587, 993, 995, 443];

    /// <summary>The file of a key that waits for its record; not there where none was asked for.</summary>
    public string NextKeyPath => Path.Combine(shelf.AcmeFolder, "next-host.key");

    /// <summary>The key for the host's next certificate.</summary>
    /// <param name="shown">What is shown for it now; null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<AsymmetricAlgorithm> ForHostAsync(HeldCertificate? shown, CancellationToken cancellation)
    {
        var (pins, isUnknown) = await PinsAsync(cancellation);
        if (ReadNext() is { } next)
        {
            if (!isUnknown && (pins.Count == 0 || IsPinned(next.ExportSubjectPublicKeyInfo(), pins))) return next;
            next.Dispose();
        }
        var current = shown is null ? null : (AsymmetricAlgorithm?)shown.Leaf.GetECDsaPrivateKey() ?? shown.Leaf.GetRSAPrivateKey();
        // Where DNS does not answer, the record may be there.
        if (current is not null && (isUnknown || pins.Any(pin => pin.Usage == 3 && pin.Matches(shown!.Leaf)))) return current;
        current?.Dispose();
        return New();
    }

    /// <summary>A new key, for names without records.</summary>
    public static ECDsa New() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Makes the next key, where there is none yet; answers what its TLSA record says.</summary>
    public string Prepare()
    {
        using var key = ReadNext() ?? New();
        if (!File.Exists(NextKeyPath)) PrivateFile.Write(NextKeyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return "3 1 1 " + Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Forgets the next key once a certificate with it is there.</summary>
    public void Used(X509Certificate2 certificate)
    {
        using var next = ReadNext();
        if (next is not null && next.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo())) File.Delete(NextKeyPath);
    }

    /// <summary>The TLSA records of the host, of all ports; and whether DNS did not answer for some.</summary>
    public async Task<(IReadOnlyList<TlsaRecord> Pins, bool IsUnknown)> PinsAsync(CancellationToken cancellation)
    {
        List<TlsaRecord> pins = [];
        var unknown = false;
        foreach (var port in Ports)
        {
            if (!DomainName.TryParseForQuery($"_{port}._tcp.{host.Ascii}", out var name)) continue;
            var answer = await resolver.TlsaAsync(name, cancellation);
            unknown |= answer.Status == DnsStatus.TemporaryFailure;
            pins.AddRange(answer.Records);
        }
        return (pins, unknown);
    }

    private static bool IsPinned(byte[] publicKey, IReadOnlyList<TlsaRecord> pins)
    {
        var hash = SHA256.HashData(publicKey);
        return pins.Any(pin => pin is { Usage: 3, Selector: 1, MatchingType: 1 } && pin.Data.Span.SequenceEqual(hash));
    }

    private ECDsa? ReadNext()
    {
        if (!File.Exists(NextKeyPath)) return null;
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(NextKeyPath));
        return key;
    }
}
