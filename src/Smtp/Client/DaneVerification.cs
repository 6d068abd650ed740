using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;

namespace Sternpost.Smtp.Client;

/// <summary>Compares what a server showed in the handshake with its TLSA records (RFC 7672 §3.1, RFC 6698 §2.1).</summary>
internal static class DaneVerification
{
    // What a server may show of its chain and we look at.
    private const int MaxCertificates = 10;

    /// <summary>Null where one of the records is met; otherwise why none is.</summary>
    /// <param name="leaf">The server's own certificate.</param>
    /// <param name="shown">The other certificates it showed.</param>
    /// <param name="dane">The records and names.</param>
    /// <param name="now">When certificates under a trust anchor must be valid.</param>
    internal static (TlsResultType Type, string Reason)? Problem(X509Certificate2? leaf, IEnumerable<X509Certificate2> shown, DaneAuthentication dane, DateTimeOffset now)
    {
        if (leaf is null) return (TlsResultType.ValidationFailure, "no certificate was shown");
        // RFC 7672 §3.1.1: the key itself is named, so neither names nor dates in the certificate matter.
        if (dane.Associations.Any(record => record.Usage == 3 && record.Matches(leaf))) return null;
        (TlsResultType, string)? problem = null;
        List<X509Certificate2> others = [.. shown.Take(MaxCertificates)];
        foreach (var record in dane.Associations.Where(record => record.Usage == 2))
        {
            // RFC 7672 §3.1.2: the server shows its trust anchor, because a digest is all we have of it; only a whole certificate is enough by itself.
            foreach (var anchor in others.Where(certificate => record.Matches(certificate)).Concat(Whole(record)).Append(leaf).Where(certificate => record.Matches(certificate)))
            {
                if (UnderAnchor(leaf, anchor, others, dane, now) is not { } found) return null;
                problem = found;
            }
        }
        return problem ?? (TlsResultType.ValidationFailure, "its certificate is not one that its TLSA records name");
    }

    private static IEnumerable<X509Certificate2> Whole(TlsaRecord record)
    {
        if (record is not { Selector: 0, MatchingType: 0 }) yield break;
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(record.Data.Span);
        }
        catch (CryptographicException)
        {
            yield break;
        }
        yield return certificate;
    }

    // A path from the leaf to the anchor, each certificate signed by the next and all of them valid now. What lies above the anchor is nobody's concern.
    private static (TlsResultType, string)? UnderAnchor(X509Certificate2 leaf, X509Certificate2 anchor, List<X509Certificate2> others, DaneAuthentication dane, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        foreach (var certificate in others) chain.ChainPolicy.ExtraStore.Add(certificate);
        chain.ChainPolicy.ExtraStore.Add(anchor);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        chain.Build(leaf);
        try
        {
            foreach (var element in chain.ChainElements)
            {
                var isAnchor = element.Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span);
                foreach (var status in element.ChainElementStatus)
                {
                    switch (status.Status)
                    {
                        // An anchor need not be a root.
                        case X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.NoError:
                            break;
                        case X509ChainStatusFlags.NotTimeValid:
                            return (TlsResultType.CertificateExpired, "its certificate, or one above it, has expired or is not valid yet");
                        default:
                            return (TlsResultType.CertificateNotTrusted, "its certificate does not lead to the trust anchor that its TLSA records name: " + status.Status);
                    }
                }
                if (!isAnchor) continue;
                // RFC 7672 §3.2.3: the name must be one of those that lead here by secure DNS.
                return dane.Names.Any(name => leaf.MatchesHostname(name.Ascii, allowWildcards: true, allowCommonName: false)) ? null
                    : (TlsResultType.CertificateHostMismatch, "its certificate is for another name");
            }
            return (TlsResultType.CertificateNotTrusted, "its certificate does not lead to the trust anchor that its TLSA records name");
        }
        finally
        {
            foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        }
    }
}
