using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Network;

/// <summary>Certificates of a network's own authority, which servers behind a gateway often have, trusted beside those the system trusts.</summary>
public static class PrivateRoots
{
    /// <summary>Reads a PEM file of authorities.</summary>
    /// <exception cref="InvalidDataException">There is no certificate in it, or it cannot be read.</exception>
    public static X509Certificate2Collection Read(string file)
    {
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            return roots.Count > 0 ? roots : throw new InvalidDataException($"There is no certificate in {file}.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidDataException($"The certificates in {file} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>Whether a certificate is good: the system says so, or nothing is wrong but that its authority is one of <paramref name="roots"/>.</summary>
    public static bool Accept(X509Certificate2Collection roots, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        // A wrong name stays wrong, whoever signed it.
        if (certificate is null || errors != SslPolicyErrors.RemoteCertificateChainErrors) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var own = new X509Certificate2(certificate);
        return chain.Build(own);
    }
}
