using System.Net;
using System.Text;
using CsCheck;
using Sternpost.Accounts;
using Sternpost.Accounts.Passwords;
using Sternpost.Accounts.Sasl;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

public class PasswordTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");

    [Fact]
    public void A_hash_carries_its_parameters_and_verifies()
    {
        var hash = Argon2idHash.Make("correct horse battery"u8);
        Assert.Matches(@"^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$", hash);
        Assert.True(Argon2idHash.Verify(hash, "correct horse battery"u8, out var outdated));
        Assert.False(outdated);
        Assert.False(Argon2idHash.Verify(hash, "correct horse batterz"u8, out _));
        Assert.False(Argon2idHash.Verify(Argon2idHash.Nobody, "correct horse battery"u8, out _));
    }

    // Printed by the reference implementation: echo -n password | argon2 somesalt12345678 -id -t 2 -k 19456 -p 1
    [Fact]
    public void A_hash_of_the_reference_implementation_verifies() =>
        Assert.True(Argon2idHash.Verify("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$DEwLbbIZGUtgBuB4gYok6r6hNvevYZoxkwMQ5/LXSaU", "password"u8, out _));

    [Theory]
    [InlineData("")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$")]
    [InlineData("$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$A$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_damaged_hash_verifies_nothing(string hash) => Assert.False(Argon2idHash.Verify(hash, "anything"u8, out _));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("no\u00A0break\u3000wide", "no break wide")]
    [InlineData("so\u00ADft\u200B", "soft")]
    [InlineData("ＦＵＬＬ", "FULL")]
    [InlineData("Übergröße", "Übergröße")]
    [InlineData("Gro\u0308\u00dfe", "Gr\u00f6\u00dfe")]
    [InlineData("\uFB01ne", "\uFB01ne")]
    [InlineData("tab\tbed", null)]
    [InlineData("nul\0", null)]
    [InlineData("half \uD800", null)]
    [InlineData("\u00AD", null)]
    public void A_password_is_prepared_as_sasl_says(string password, string? expected)
    {
        Assert.Equal(expected is not null, PreparedPassword.TryPrepare(password, out var octets));
        Assert.Equal(expected, octets is null ? null : Encoding.UTF8.GetString(octets));
    }

    [Fact]
    public void Preparing_what_is_prepared_changes_nothing() => Gen.String[0, 40].Sample(text =>
    {
        if (!PreparedPassword.TryPrepare(text, out var once)) return;
        Assert.True(PreparedPassword.TryPrepare(Encoding.UTF8.GetString(once), out var twice));
        Assert.Equal(once, twice);
    });

    [Fact]
    public async Task The_right_password_opens_and_costs_one_hash_an_hour()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        for (var i = 0; i < 5; i++) Assert.IsType<SaslStep.Success>(await LoginAsync(folder, "Alice@Example.com"));
        Assert.Equal(1, folder.Credentials.HashesMade);
        folder.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.IsType<SaslStep.Success>(await LoginAsync(folder));
        Assert.Equal(2, folder.Credentials.HashesMade);
    }

    [Fact]
    public async Task Many_connections_at_once_with_the_right_password_cost_one_hash()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var steps = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(async () => await LoginAsync(folder))));
        Assert.All(steps, step => Assert.IsType<SaslStep.Success>(step));
        Assert.InRange(folder.Credentials.HashesMade, 1, Math.Max(1, Environment.ProcessorCount / 2));
    }

    [Fact]
    public async Task A_new_password_closes_the_old_one_here_at_once_and_elsewhere_within_a_second()
    {
        await using var server = await AccountsFolder.CreateAsync("alice@example.com");
        await using var commandLine = await server.OpenAgainAsync();
        Assert.IsType<SaslStep.Success>(await LoginAsync(server));
        await server.Directory.SetPasswordAsync(Address("alice@example.com"), "second password", default);
        Assert.Equal(SaslFailure.Credentials, Assert.IsType<SaslStep.Failure>(await LoginAsync(server)).Kind);
        Assert.IsType<SaslStep.Success>(await LoginAsync(server, password: "second password"));

        await commandLine.Directory.SetPasswordAsync(Address("alice@example.com"), "third password", default);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<SaslStep.Failure>(await LoginAsync(server, password: "second password"));
        Assert.IsType<SaslStep.Success>(await LoginAsync(server, password: "third password"));
    }

    [Fact]
    public async Task A_suspended_account_fails_as_a_wrong_password_does()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        Assert.IsType<SaslStep.Success>(await LoginAsync(folder));
        await folder.Directory.SetStatusAsync(Address("alice@example.com"), AccountStatus.Suspended, default);
        Assert.Equal(SaslFailure.Credentials, Assert.IsType<SaslStep.Failure>(await LoginAsync(folder)).Kind);
        await folder.Directory.SetStatusAsync(Address("alice@example.com"), AccountStatus.Active, default);
        Assert.IsType<SaslStep.Success>(await LoginAsync(folder));
    }

    [Fact]
    public async Task A_name_nobody_has_costs_a_hash_as_a_wrong_password_does()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var wrong = Assert.IsType<SaslStep.Failure>(await LoginAsync(folder, password: "wrong password"));
        Assert.Equal(1, folder.Credentials.HashesMade);
        foreach (var name in new[] { "nobody@example.com", "nobody", "\u0007", "alice+x@example.com" })
        {
            Assert.Equal(wrong.Kind, Assert.IsType<SaslStep.Failure>(await LoginAsync(folder, name)).Kind);
        }
        Assert.Equal(5, folder.Credentials.HashesMade);
    }

    [Fact]
    public async Task A_hash_with_old_parameters_is_made_anew_when_its_owner_signs_in()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var old = Argon2idHash.Make(Encoding.UTF8.GetBytes(AccountsFolder.Password), 8192, 1);
        await folder.Database.WriteAsync(sql => sql.Execute($"update accounts set password_hash = {old}, scram_iterations = {4096}") + sql.Execute($"update directory_version set version = version + 1"), default);
        folder.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<SaslStep.Failure>(await LoginAsync(folder, password: "wrong password"));
        Assert.Equal(old, await HashAsync(folder));
        Assert.IsType<SaslStep.Success>(await LoginAsync(folder));
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,", await HashAsync(folder), StringComparison.Ordinal);
        Assert.Equal(ScramVerifier.StandardIterations, await folder.Database.ReadAsync(sql => sql.First($"select scram_iterations from accounts", row => row.GetInt32(0)), default));
        Assert.IsType<SaslStep.Success>(await LoginAsync(folder));
    }

    [Fact]
    public async Task What_is_stored_holds_no_password()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await LoginAsync(folder);
        foreach (var file in System.IO.Directory.EnumerateFiles(folder.Folder))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            Assert.Equal(-1, copy.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(AccountsFolder.Password)));
        }
    }

    private static ValueTask<SaslStep> LoginAsync(AccountsFolder folder, string name = "alice@example.com", string password = AccountsFolder.Password) =>
        folder.Sasl.LoginAsync(name, password, Client, default);

    private static ValueTask<string?> HashAsync(AccountsFolder folder) => folder.Database.ReadAsync(sql => sql.First($"select password_hash from accounts", row => row.GetString(0)), default);
}
