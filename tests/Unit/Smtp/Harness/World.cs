using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Unit.Smtp.Harness;

/// <summary>What all SMTP tests share because it is slow to make and no test changes it: a directory with accounts, and a certificate.</summary>
internal sealed class World
{
    internal const string Password = "correct horse battery staple";

    private static readonly Lazy<Task<World>> Shared = new(MakeAsync);

    private World(Database database, AccountDirectory directory)
    {
        Database = database;
        Directory = directory;
        Sasl = NewSasl();
    }

    internal static X509Certificate2 Certificate { get; } = MakeCertificate();

    internal Database Database { get; }

    internal AccountDirectory Directory { get; }

    /// <summary>For tests that sign in rightly.</summary>
    internal SaslServer Sasl { get; }

    /// <summary>For tests that do not: it counts failures.</summary>
    internal SaslServer NewSasl() => new(new Credentials(Database, Directory, TimeProvider.System));

    internal static Task<World> GetAsync() => Shared.Value;

    // here.test with alice (alias sales, and everything else at catchall.test), bob, and full, whose mailbox is over quota.
    private static async Task<World> MakeAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sternpost-unit-smtp-" + Guid.NewGuid().ToString("N"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.Directory.Delete(folder, recursive: true);
        var database = await Database.OpenAsync(folder, TimeProvider.System, default);
        var directory = new AccountDirectory(database, TimeProvider.System);
        await directory.AddDomainAsync(DomainName.Parse("here.test"), default);
        await directory.AddDomainAsync(DomainName.Parse("catchall.test"), default);
        await directory.AddAccountAsync(EmailAddress.Parse("alice@here.test"), Password, "Alice", false, 0, default);
        await directory.AddAccountAsync(EmailAddress.Parse("bob@here.test"), Password, "Bob", false, 0, default);
        await directory.AddAccountAsync(EmailAddress.Parse("grüße@here.test"), Password, "Grüße", false, 0, default);
        await directory.AddAliasAsync("sales@here.test", EmailAddress.Parse("alice@here.test"), default);
        await directory.AddAliasAsync("far@here.test", EmailAddress.Parse("friend@elsewhere.example"), default);
        await directory.AddAliasAsync("@catchall.test", EmailAddress.Parse("alice@here.test"), default);
        var full = await directory.AddAccountAsync(EmailAddress.Parse("full@here.test"), Password, "", false, 1000, default);
        await database.WriteAsync(sql => sql.Execute($"update accounts set used_bytes = 1001 where id = {full.Id}"), default);
        return new World(database, directory);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.here.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mail.here.test");
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
