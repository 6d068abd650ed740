using Sternpost.Dns;

namespace Sternpost.Unit.Accounts;

public class AddressResolutionTests
{
    [Fact]
    public async Task An_address_is_an_account_then_a_subaddress_then_an_alias()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com", "a+b@example.com");
        await folder.AliasAsync("sales@example.com", "alice@example.com");
        await folder.AliasAsync("Sales@Example.com", "bob@example.com");
        await folder.AliasAsync("sales@example.com", "partner@elsewhere.test");
        await folder.AliasAsync("everyone@example.com", "sales@example.com");
        await folder.AliasAsync("everyone@example.com", "bob@example.com");
        await folder.AliasAsync("filed@example.com", "alice+archive@example.com");

        (string Address, string Expected)[] cases =
        [
            ("alice@example.com", "alice@example.com"),
            ("ALICE@Example.COM", "alice@example.com"),
            ("alice+shop@example.com", "alice@example.com+shop"),
            ("alice+Shop+x@example.com", "alice@example.com+Shop+x"),
            ("alice+@example.com", "alice@example.com+"),
            ("+alice@example.com", "Unknown"),
            ("a+b@example.com", "a+b@example.com"),
            ("nobody@example.com", "Unknown"),
            ("alice@sub.example.com", "NotLocal"),
            ("alice@elsewhere.test", "NotLocal"),
            ("sales@example.com", "alice@example.com bob@example.com >partner@elsewhere.test"),
            ("Sales+Fair@example.com", "alice@example.com+Fair bob@example.com+Fair >partner@elsewhere.test"),
            ("everyone@example.com", "alice@example.com bob@example.com >partner@elsewhere.test"),
            ("filed@example.com", "alice@example.com+archive"),
        ];
        foreach (var (address, expected) in cases) Assert.Equal((address, expected), (address, await folder.ResolveAsync(address)));
    }

    [Fact]
    public async Task The_catch_all_takes_what_nothing_else_does()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        await folder.AliasAsync("@example.com", "bob@example.com");
        await folder.AliasAsync("sales@example.com", "alice@example.com");

        Assert.Equal("bob@example.com", await folder.ResolveAsync("whoever@example.com"));
        Assert.Equal("alice@example.com", await folder.ResolveAsync("alice@example.com"));
        Assert.Equal("alice@example.com", await folder.ResolveAsync("sales@example.com"));
        Assert.Equal("bob@example.com", await folder.ResolveAsync("whoever+x@example.com"));
    }

    [Fact]
    public async Task A_catch_all_may_lead_to_another_domain_of_ours()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await folder.Directory.AddDomainAsync(DomainName.Parse("example.net"), default);
        await folder.AliasAsync("@example.net", "alice@example.com");
        Assert.Equal("alice@example.com", await folder.ResolveAsync("old@example.net"));
    }

    [Fact]
    public async Task Postmaster_and_abuse_always_exist_and_go_to_whoever_is_responsible()
    {
        await using var folder = await AccountsFolder.CreateAsync();
        await folder.Directory.AddDomainAsync(DomainName.Parse("example.net"), default);
        Assert.Equal("Unknown", await folder.ResolveAsync("postmaster@example.com"));

        await folder.AddAsync("first@example.com");
        Assert.Equal("first@example.com", await folder.ResolveAsync("postmaster@example.com"));
        Assert.Equal("first@example.com", await folder.ResolveAsync("abuse@example.net"));

        await folder.AddAsync("chief@example.com", administrator: true);
        Assert.Equal("chief@example.com", await folder.ResolveAsync("PostMaster@example.com"));
        Assert.Equal("chief@example.com", await folder.ResolveAsync("abuse@example.net"));

        await folder.AddAsync("local@example.net", administrator: true);
        Assert.Equal("local@example.net", await folder.ResolveAsync("abuse@example.net"));
        Assert.Equal("chief@example.com", await folder.ResolveAsync("abuse+case7@example.com"));
        Assert.Equal("Unknown", await folder.ResolveAsync("hostmaster@example.com"));

        // A catch-all is no reason for the administrator not to hear of complaints; an alias is a decision.
        await folder.AliasAsync("@example.com", "first@example.com");
        Assert.Equal("chief@example.com", await folder.ResolveAsync("postmaster@example.com"));
        await folder.AliasAsync("postmaster@example.com", "first@example.com");
        Assert.Equal("first@example.com", await folder.ResolveAsync("postmaster@example.com"));

        await folder.Directory.SetStatusAsync(AccountsFolder.Address("local@example.net"), Sternpost.Accounts.AccountStatus.Suspended, default);
        Assert.Equal("chief@example.com", await folder.ResolveAsync("abuse@example.net"));
    }

    [Fact]
    public async Task Circles_of_aliases_end()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        await folder.StoreAliasAsync("a@example.com", "b@example.com");
        await folder.StoreAliasAsync("b@example.com", "a@example.com");
        Assert.Equal("Unknown", await folder.ResolveAsync("a@example.com"));

        await folder.StoreAliasAsync("b@example.com", "alice@example.com");
        Assert.Equal("alice@example.com", await folder.ResolveAsync("a@example.com"));

        await folder.StoreAliasAsync("@example.com", "gone@example.com");
        Assert.Equal("Unknown", await folder.ResolveAsync("whoever@example.com"));
    }

    [Fact]
    public async Task An_alias_that_leads_to_too_many_is_put_off_rather_than_cut_short()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        for (var list = 0; list < 11; list++)
        {
            await folder.StoreAliasAsync("all@example.com", $"list{list}@example.com");
            await folder.Database.WriteAsync(
                sql =>
                {
                    for (var i = 0; i < 100; i++)
                    {
                        var (id, pattern, target) = (folder.Database.NextId(), $"list{list}@example.com", $"r{list}x{i}@elsewhere.test");
                        sql.Execute($"insert into aliases (id, domain_id, pattern, target, created) select {id}, id, {pattern}, {target}, 0 from domains");
                    }
                    return sql.Execute($"update directory_version set version = version + 1 where id = 1");
                },
                default);
        }
        folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("Full", await folder.ResolveAsync("all@example.com"));
        Assert.Equal(100, (await folder.ResolveAsync("list3@example.com")).Split(' ').Length);
    }

    [Fact]
    public async Task Only_where_every_target_is_full_the_address_is()
    {
        await using var folder = await AccountsFolder.CreateAsync("bob@example.com");
        await folder.AddAsync("alice@example.com", quota: 1000);
        await folder.AliasAsync("both@example.com", "alice@example.com");
        await folder.AliasAsync("both@example.com", "bob@example.com");
        await folder.AliasAsync("away@example.com", "alice@example.com");
        await folder.AliasAsync("away@example.com", "partner@elsewhere.test");
        Assert.Equal("alice@example.com", await folder.ResolveAsync("alice@example.com"));

        // The clock stands still: from three quarters on each look is a fresh one.
        await folder.UseAsync("alice@example.com", 800);
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("alice@example.com", await folder.ResolveAsync("alice@example.com"));
        await folder.UseAsync("alice@example.com", 1000);
        Assert.Equal("Full", await folder.ResolveAsync("alice@example.com"));
        Assert.Equal("Full", await folder.ResolveAsync("alice+x@example.com"));
        Assert.Equal("alice@example.com bob@example.com", await folder.ResolveAsync("both@example.com"));
        Assert.Equal("alice@example.com >partner@elsewhere.test", await folder.ResolveAsync("away@example.com"));

        await folder.UseAsync("alice@example.com", 999);
        Assert.Equal("alice@example.com", await folder.ResolveAsync("alice@example.com"));
        Assert.Equal(999, (await folder.Directory.FindAccountAsync(AccountsFolder.Address("alice@example.com"), default))!.UsedBytes);
    }

    [Fact]
    public async Task An_account_may_send_as_what_delivers_to_it()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        await folder.Directory.AddDomainAsync(DomainName.Parse("example.net"), default);
        await folder.AliasAsync("sales@example.com", "alice@example.com");
        await folder.AliasAsync("sales@example.com", "partner@elsewhere.test");
        await folder.AliasAsync("team@example.com", "sales@example.com");
        await folder.AliasAsync("@example.net", "alice@example.com");
        var alice = await folder.Directory.FindAccountAsync(AccountsFolder.Address("alice@example.com"), default);

        (string Address, bool Expected)[] cases =
        [
            ("alice@example.com", true),
            ("Alice+Any@example.com", true),
            ("sales@example.com", true),
            ("sales+x@example.com", true),
            ("team@example.com", true),
            ("bob@example.com", false),
            ("nobody@example.com", false),
            ("alice@elsewhere.test", false),
            ("whoever@example.net", true),
            ("partner@elsewhere.test", false),
        ];
        foreach (var (address, expected) in cases)
        {
            Assert.Equal((address, expected), (address, await folder.Directory.MaySendAsAsync(alice!, AccountsFolder.Address(address), default)));
        }
    }

    [Fact]
    public async Task A_suspended_or_removed_account_may_send_as_nobody()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var address = AccountsFolder.Address("alice@example.com");
        var alice = await folder.Directory.FindAccountAsync(address, default);
        await folder.Directory.SetStatusAsync(address, Sternpost.Accounts.AccountStatus.Suspended, default);
        Assert.False(await folder.Directory.MaySendAsAsync(alice!, address, default));
        Assert.Equal("alice@example.com", await folder.ResolveAsync("alice@example.com"));
        await folder.Directory.RemoveAccountAsync(address, default);
        Assert.False(await folder.Directory.MaySendAsAsync(alice!, address, default));
    }
}
