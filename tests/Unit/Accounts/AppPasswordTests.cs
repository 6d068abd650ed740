using System.Net;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Sasl;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

/// <summary>A password for one program: it opens, costs no hash, can be ended alone, and its secret is nowhere.</summary>
public sealed class AppPasswordTests
{
    [Fact]
    public async Task It_opens_however_it_is_typed_and_says_which_it_was()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        var (made, secret) = await Book(folder).AddAsync(Address("alice@example.com"), " phone ", default);
        Assert.Matches("^([a-z2-7]{4}-){4}[a-z2-7]{4}$", secret);
        foreach (var typed in new[] { secret, secret.ToUpperInvariant(), secret.Replace('-', ' '), secret.Replace("-", "") })
        {
            var success = Assert.IsType<SaslStep.Success>(await LoginAsync(folder, "alice@example.com", typed));
            Assert.Equal((made.Id, "phone"), (success.AppPassword!.Id, success.AppPassword.Name));
        }
        Assert.Equal(0, folder.Credentials.HashesMade);
        Assert.Null(Assert.IsType<SaslStep.Success>(await LoginAsync(folder, "alice@example.com", Password)).AppPassword);
        Assert.IsType<SaslStep.Failure>(await LoginAsync(folder, "bob@example.com", secret));
        Assert.IsType<SaslStep.Failure>(await LoginAsync(folder, "alice@example.com", secret[..^1] + (secret[^1] == 'a' ? 'b' : 'a')));
        var known = Assert.Single(await Book(folder).ListAsync((await folder.Directory.FindAccountAsync(Address("alice@example.com"), default))!.Id, default));
        Assert.Equal("192.0.2.7", known.UsedFrom);

    }

    [Fact]
    public async Task Ended_it_is_refused_everywhere_within_a_second_and_the_others_go_on()
    {
        await using var server = await AccountsFolder.CreateAsync("alice@example.com");
        await using var commandLine = await server.OpenAgainAsync();
        var (_, phone) = await Book(server).AddAsync(Address("alice@example.com"), "phone", default);
        var (laptop, other) = await Book(server).AddAsync(Address("alice@example.com"), "laptop", default);
        Assert.IsType<SaslStep.Success>(await LoginAsync(server, "alice@example.com", phone));
        Assert.True(await Book(commandLine).RemoveAsync(laptop.AccountId, "PHONE", default));
        Assert.False(await Book(commandLine).RemoveAsync(laptop.AccountId, "phone", default));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<SaslStep.Failure>(await LoginAsync(server, "alice@example.com", phone));
        Assert.IsType<SaslStep.Success>(await LoginAsync(server, "alice@example.com", other));
        await server.Directory.SetStatusAsync(Address("alice@example.com"), AccountStatus.Suspended, default);
        Assert.IsType<SaslStep.Failure>(await LoginAsync(server, "alice@example.com", other));
    }

    [Theory]
    [InlineData("", "Name the program")]
    [InlineData("a\nb", "Name the program")]
    [InlineData("Phone", "already has an app password")]
    public async Task Bad_names_are_explained(string name, string why)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await Book(folder).AddAsync(Address("alice@example.com"), "phone", default);
        Assert.Contains(why, (await Assert.ThrowsAsync<DirectoryException>(() => Book(folder).AddAsync(Address("alice@example.com"), name, default).AsTask())).Message);
    }

    [Fact]
    public async Task The_secret_is_not_in_the_database()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var (_, secret) = await Book(folder).AddAsync(Address("alice@example.com"), "phone", default);
        var letters = System.Text.Encoding.ASCII.GetBytes(secret.Replace("-", ""));
        foreach (var file in Directory.GetFiles(folder.Folder, "sternpost.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var octets = new byte[stream.Length];
            await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false);
            Assert.Equal(-1, octets.AsSpan().IndexOf(letters));
            Assert.Equal(-1, octets.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(secret)));
        }
    }

    private static AppPasswordBook Book(AccountsFolder folder) => new(folder.Database, folder.Directory, folder.Time);

    private static ValueTask<SaslStep> LoginAsync(AccountsFolder folder, string name, string password) => folder.Sasl.LoginAsync(name, password, IPAddress.Parse("192.0.2.7"), default);
}
