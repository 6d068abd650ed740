using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Acme;
using Sternpost.Composition;
using Sternpost.Configuration;

namespace Sternpost.Certificates;

/// <summary>The authority of the configuration, with the account's key that lies in the data folder.</summary>
internal static class AcmeAuthority
{
    /// <summary>A client for it; the account's key is made where there is none.</summary>
    /// <exception cref="IOException">A file of the configuration cannot be read.</exception>
    /// <exception cref="CryptographicException">One holds something else.</exception>
    public static AcmeClient Open(ServerConfiguration configuration, string folder, TimeProvider time)
    {
        var acme = configuration.Acme;
        // Each authority knows another account.
        var authority = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(acme.Directory.AbsoluteUri)))[..16];
        var path = Path.Combine(new CertificateShelf(configuration, folder).AcmeFolder, $"account-{authority}.key");
        if (!File.Exists(path))
        {
            using var made = AccountKey.Create();
            PrivateFile.Write(path, made.ToPem());
        }
        return new AcmeClient(Options(configuration, folder), AccountKey.FromPem(File.ReadAllText(path)), time);
    }

    /// <summary>A client that only looks.</summary>
    public static AcmeClient Look(ServerConfiguration configuration, string folder, TimeProvider time) => new(Options(configuration, folder), AccountKey.Create(), time);

    private static AcmeOptions Options(ServerConfiguration configuration, string folder)
    {
        var acme = configuration.Acme;
        X509Certificate2Collection? roots = null;
        if (acme.AuthorityFile.Length > 0)
        {
            roots = [];
            roots.ImportFromPemFile(Path.GetFullPath(acme.AuthorityFile, Path.GetFullPath(folder)));
        }
        return new AcmeOptions
        {
            Directory = acme.Directory,
            Contacts = [.. acme.Contact.Select(contact => contact.ToString())],
            External = acme is { KeyId.Length: > 0, MacKey: { } secret } ? new ExternalAccount(acme.KeyId, Secret(secret.Reveal(folder))) : null,
            Roots = roots,
            Profile = acme.Profile,
            Agent = "Sternpost/" + typeof(AcmeAuthority).Assembly.GetName().Version?.ToString(3),
        };
    }

    // Authorities show it in base64url (RFC 8555 §7.3.4), some in base64.
    private static byte[] Secret(string text)
    {
        try
        {
            return text.Contains('+') || text.Contains('/') ? Convert.FromBase64String(text) : Base64Url.DecodeFromChars(text.TrimEnd('='));
        }
        catch (FormatException)
        {
            throw new CryptographicException("The file that acme.mac_key_file names does not hold a secret in base64.");
        }
    }
}
