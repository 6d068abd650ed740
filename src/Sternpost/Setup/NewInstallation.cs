using System.Security.Cryptography;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Setup.Checks;
using Sternpost.Storage;

namespace Sternpost.Setup;

/// <summary>Makes what a server needs to run; what is there already is left as it is, so that set-up can be run again.</summary>
internal static class NewInstallation
{
    // No letters that are taken for one another: it is copied by hand.
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int PasswordLength = 18;

    /// <summary>The commented configuration with the answers set.</summary>
    public static string Configuration(SetupAnswers answers)
    {
        var values = new Dictionary<string, string> { ["server.hostname"] = Toml(answers.Hostname.Ascii) };
        if (answers.Addresses.Count > 0) values["server.addresses"] = $"[{string.Join(", ", answers.Addresses.Select(address => Toml(address.ToString())))}]";
        if (answers.OrdersCertificates) values["acme.accept_terms"] = "true";
        if (ScannerCheck.Socket is { } socket) values["malware.scanners"] = $"[{Toml("clamd:" + socket)}]";
        return ConfigurationTemplate.Commented(values);
    }

    /// <summary>Makes a certificate of the server's own where there is none yet, so that TLS works from the first minute; true where one was made.</summary>
    public static bool EnsureCertificate(ServerConfiguration configuration, string folder)
    {
        var (certificate, key) = (Path.GetFullPath(configuration.Tls.Certificate, Path.GetFullPath(folder)), Path.GetFullPath(configuration.Tls.Key, Path.GetFullPath(folder)));
        if (File.Exists(certificate) || File.Exists(key)) return false;
        using var made = CertificateMaker.Leaf(null, [configuration.Server.Hostname.Ascii], [], DateTimeOffset.UtcNow);
        CertificateMaker.Write(made, null, certificate, key);
        return true;
    }

    /// <summary>Adds domain and administrator; answers the new account's password, or null where the account was there.</summary>
    /// <param name="database">The database.</param>
    /// <param name="answers">Who.</param>
    /// <param name="password">The password to set; null makes one.</param>
    /// <param name="quota">Octets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<string?> EnsureDirectoryAsync(Database database, SetupAnswers answers, string? password, long quota, CancellationToken cancellation)
    {
        var directory = new AccountDirectory(database, TimeProvider.System);
        await directory.AddDomainAsync(answers.Domain, cancellation);
        if (answers.Administrator.Domain != answers.Domain) await directory.AddDomainAsync(answers.Administrator.Domain, cancellation);
        if (await directory.FindAccountAsync(answers.Administrator, cancellation) is not null) return null;
        password ??= RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
        await directory.AddAccountAsync(answers.Administrator, password, "", administrator: true, quota, cancellation);
        return password;
    }

    // A TOML basic string; names and addresses hold nothing that needs an escape.
    private static string Toml(string text) => "\"" + text + "\"";
}
