using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

public class DirectoryChangeTests
{
    [Fact]
    public async Task Domains_accounts_and_aliases_are_listed_as_added()
    {
        await using var folder = await AccountsFolder.CreateAsync("bob@example.com", "alice@example.com");
        await folder.Directory.AddDomainAsync(DomainName.Parse("Bücher.example"), default);
        await folder.Directory.AddAccountAsync(Address("Müller@bücher.example"), "correct horse battery", "Frau Müller", administrator: true, 5_000_000_000, default);
        await folder.Directory.AddAccountAsync(Address("\"two words\"@example.com"), "correct horse battery", "", administrator: false, 0, default);
        await folder.AliasAsync("sales@example.com", "bob@example.com");

        Assert.False(await folder.Directory.AddDomainAsync(DomainName.Parse("EXAMPLE.com"), default));
        Assert.Equal(["example.com", "xn--bcher-kva.example"], (await folder.Directory.DomainsAsync(default)).Select(domain => domain.Name.Ascii));
        Assert.Equal(["alice@example.com", "bob@example.com", "\"two words\"@example.com"],
            (await folder.Directory.AccountsAsync(DomainName.Parse("example.com"), default)).Select(account => account.Address.ToString()));
        Assert.Equal(4, (await folder.Directory.AccountsAsync(null, default)).Count);
        Assert.Empty(await folder.Directory.AccountsAsync(DomainName.Parse("elsewhere.test"), default));
        var found = await folder.Directory.FindAccountAsync(Address("mÜller@xn--bcher-kva.example"), default);
        Assert.Equal(("Frau Müller", true, 5_000_000_000, AccountStatus.Active), (found!.DisplayName, found.IsAdministrator, found.QuotaBytes, found.Status));
        Assert.Equal(folder.Time.GetUtcNow(), found.Created);
        Assert.Equal("bob@example.com", Assert.Single(await folder.Directory.AliasesAsync(null, default)).Target.Key);
        Assert.Empty(await folder.Directory.AliasesAsync(DomainName.Parse("bücher.example"), default));
        Assert.NotNull(await folder.Directory.FindAccountAsync(Address("\"Two Words\"@example.com"), default));
        Assert.NotNull(await folder.Directory.FindAccountAsync(Address("Mu\u0308ller@bücher.example"), default));
        Assert.True(await folder.Directory.IsLocalAsync(DomainName.Parse("example.com"), default));
    }

    [Theory]
    [InlineData("alice@example.com", "correct horse battery", "already an account")]
    [InlineData("ALICE@example.com", "correct horse battery", "already an account")]
    [InlineData("carol@elsewhere.test", "correct horse battery", "sternpost domain add elsewhere.test")]
    [InlineData("sales@example.com", "correct horse battery", "is an alias")]
    [InlineData("carol@example.com", "", "is empty")]
    [InlineData("carol@example.com", "short", "at least 8 characters")]
    [InlineData("carol@example.com", "Password1", "first that attackers try")]
    [InlineData("carol@example.com", "zzzzzzzzzz", "first that attackers try")]
    [InlineData("carol@example.com", "CAROL@example.com", "is the address")]
    [InlineData("carol@example.com", "example.com", "is the address")]
    [InlineData("carol@example.com", "with a \u0007 bell", "control characters")]
    public async Task An_account_that_cannot_be_added_says_why(string address, string password, string reason)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await folder.AliasAsync("sales@example.com", "alice@example.com");
        var refused = await Assert.ThrowsAsync<DirectoryException>(async () => await folder.Directory.AddAccountAsync(Address(address), password, "", false, 0, default));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with a", refused.Message, StringComparison.Ordinal);
        Assert.Single(await folder.Directory.AccountsAsync(null, default));
    }

    [Theory]
    [InlineData("sales", "alice@example.com", "neither an address nor a catch-all")]
    [InlineData("sales@elsewhere.test", "alice@example.com", "sternpost domain add")]
    [InlineData("alice@example.com", "bob@elsewhere.test", "is an account")]
    [InlineData("x@example.com", "typo@example.com", "neither an account nor an alias")]
    [InlineData("x@example.com", "x@example.com", "in a circle")]
    [InlineData("@example.com", "nobody@example.com", "neither an account nor an alias")]
    public async Task An_alias_that_cannot_be_added_says_why(string pattern, string target, string reason)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var refused = await Assert.ThrowsAsync<DirectoryException>(async () => await folder.AliasAsync(pattern, target));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(await folder.Directory.AliasesAsync(null, default));
    }

    [Fact]
    public async Task An_alias_that_closes_a_circle_is_refused()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await folder.AliasAsync("a@example.com", "alice@example.com");
        await folder.AliasAsync("b@example.com", "a@example.com");
        await folder.AliasAsync("c@example.com", "b@example.com");
        Assert.Contains("circle", (await Assert.ThrowsAsync<DirectoryException>(async () => await folder.AliasAsync("a@example.com", "c@example.com"))).Message, StringComparison.Ordinal);
        await folder.AliasAsync("c@example.com", "a@example.com");
    }

    [Fact]
    public async Task An_alias_takes_a_hundred_targets_and_no_more()
    {
        await using var folder = await AccountsFolder.CreateAsync();
        for (var i = 0; i < 100; i++) await folder.AliasAsync("list@example.com", $"r{i}@elsewhere.test");
        await Assert.ThrowsAsync<DirectoryException>(async () => await folder.AliasAsync("list@example.com", "r100@elsewhere.test"));
        Assert.Equal(100, (await folder.Directory.AliasesAsync(null, default)).Count);
    }

    [Fact]
    public async Task An_alias_goes_whole_or_by_target()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        await folder.AliasAsync("sales@example.com", "alice@example.com");
        await folder.AliasAsync("sales@example.com", "bob@example.com");
        await folder.AliasAsync("sales@example.com", "bob@example.com");
        Assert.True(await folder.Directory.RemoveAliasAsync("SALES@example.com", Address("Alice@example.com"), default));
        Assert.False(await folder.Directory.RemoveAliasAsync("sales@example.com", Address("alice@example.com"), default));
        Assert.Equal("bob@example.com", await folder.ResolveAsync("sales@example.com"));
        Assert.True(await folder.Directory.RemoveAliasAsync("sales@example.com", null, default));
        Assert.Equal("Unknown", await folder.ResolveAsync("sales@example.com"));
        Assert.False(await folder.Directory.RemoveAliasAsync("not a pattern", null, default));
    }

    [Fact]
    public async Task A_domain_goes_with_its_aliases_but_not_with_accounts()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await folder.AliasAsync("sales@example.com", "alice@example.com");
        var domain = DomainName.Parse("example.com");
        var refused = await Assert.ThrowsAsync<DirectoryException>(async () => await folder.Directory.RemoveDomainAsync(domain, default));
        Assert.Contains("still has 1 account.", refused.Message, StringComparison.Ordinal);
        await folder.Directory.RemoveAccountAsync(Address("alice@example.com"), default);
        Assert.True(await folder.Directory.RemoveDomainAsync(domain, default));
        Assert.False(await folder.Directory.RemoveDomainAsync(domain, default));
        Assert.Equal("NotLocal", await folder.ResolveAsync("sales@example.com"));
    }

    [Fact]
    public async Task Removing_an_account_calls_the_store_of_its_mail_in_the_same_transaction()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        var alice = await folder.Directory.FindAccountAsync(Address("alice@example.com"), default);
        await folder.AliasAsync("a@example.com", "alice@example.com");
        await folder.AliasAsync("b@example.com", "alice+x@example.com");
        await folder.AliasAsync("c@example.com", "bob@example.com");
        folder.Directory.RemovingAccount = (_, _) => throw new InvalidOperationException("the mail cannot go now");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await folder.Directory.RemoveAccountAsync(Address("alice@example.com"), default));
        Assert.Equal("alice@example.com", await folder.ResolveAsync("a@example.com"));

        var told = new List<(long Id, bool StillThere)>();
        folder.Directory.RemovingAccount = (sql, id) => told.Add((id, sql.First($"select count(*) from accounts where id = {id}", row => row.GetInt64(0)) == 1));
        Assert.True(await folder.Directory.RemoveAccountAsync(Address("alice@example.com"), default));
        Assert.False(await folder.Directory.RemoveAccountAsync(Address("alice@example.com"), default));
        Assert.Equal([(alice!.Id, true)], told);
        Assert.Equal("c@example.com", Assert.Single(await folder.Directory.AliasesAsync(null, default)).Pattern);
    }

    [Fact]
    public async Task Changes_for_accounts_that_do_not_exist_say_so()
    {
        await using var folder = await AccountsFolder.CreateAsync();
        var nobody = Address("nobody@example.com");
        await Assert.ThrowsAsync<DirectoryException>(async () => await folder.Directory.SetPasswordAsync(nobody, "correct horse battery", default));
        await Assert.ThrowsAsync<DirectoryException>(async () => await folder.Directory.SetStatusAsync(nobody, AccountStatus.Suspended, default));
        Assert.Null(await folder.Directory.FindAccountAsync(nobody, default));
    }

    [Fact]
    public async Task Another_process_sees_a_change_within_a_second()
    {
        await using var server = await AccountsFolder.CreateAsync("alice@example.com");
        await using var commandLine = await server.OpenAgainAsync();
        Assert.Equal("Unknown", await server.ResolveAsync("bob@example.com"));
        await commandLine.AddAsync("bob@example.com");
        Assert.Equal("bob@example.com", await commandLine.ResolveAsync("bob@example.com"));
        Assert.Equal("Unknown", await server.ResolveAsync("bob@example.com"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("bob@example.com", await server.ResolveAsync("bob@example.com"));

        await server.Directory.SetStatusAsync(Address("bob@example.com"), AccountStatus.Suspended, default);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccountStatus.Suspended, (await commandLine.Directory.FindAccountAsync(Address("bob@example.com"), default))!.Status);
    }

    [Fact]
    public async Task Many_changes_and_lookups_at_once_end_with_everything_seen()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            await folder.AliasAsync($"a{i}@example.com", "alice@example.com");
            Assert.Equal("alice@example.com", await folder.ResolveAsync($"a{i}@example.com"));
            await folder.Directory.RemoveAliasAsync($"a{i}@example.com", null, default);
            Assert.Equal("Unknown", await folder.ResolveAsync($"a{i}@example.com"));
        })));
    }
}
