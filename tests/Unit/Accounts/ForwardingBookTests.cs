using Sternpost.Accounts;
using Sternpost.Accounts.Forwarding;
using Sternpost.Messages.Addresses;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

/// <summary>Mail is sent on to who agreed: the code is for one account and one address, ends with its day or its fifth try, and nobody is pestered.</summary>
public sealed class ForwardingBookTests
{
    private static readonly EmailAddress Outside = Address("me@outside.example");

    [Fact]
    public async Task Only_the_code_that_was_sent_confirms_and_only_for_who_asked()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        var (book, alice, bob) = (Book(folder), await FindAsync(folder, "alice@example.com"), await FindAsync(folder, "bob@example.com"));
        var code = await book.AskAsync(alice, Outside, default);
        await book.AskAsync(bob, Outside, default);
        await Assert.ThrowsAsync<DirectoryException>(() => book.SetAsync(alice, Outside, keeps: true, default).AsTask());
        Assert.Equal(CodeOutcome.Wrong, await book.ConfirmAsync(bob, Outside, code, default));
        Assert.Equal(CodeOutcome.Ended, await book.ConfirmAsync(alice, Address("other@outside.example"), code, default));
        Assert.Equal(CodeOutcome.Confirmed, await book.ConfirmAsync(alice, Outside, $" {code[..4]} {code[4..]} ", default));
        Assert.Equal(CodeOutcome.Ended, await book.ConfirmAsync(alice, Outside, code, default));
        Assert.Null(await folder.Directory.ForwardAsync(alice.Id, default));
        await book.SetAsync(alice, Outside, keeps: false, default);
        Assert.Equal((Outside, false), await folder.Directory.ForwardAsync(alice.Id, default) is { } forward ? (forward.Target, forward.Keeps) : default);
        Assert.Null(await folder.Directory.ForwardAsync(bob.Id, default));
        Assert.True(await book.RemoveAsync(alice, Outside, default));
        Assert.Null(await folder.Directory.ForwardAsync(alice.Id, default));
        await Assert.ThrowsAsync<DirectoryException>(() => book.SetAsync(alice, Outside, keeps: true, default).AsTask());
    }

    [Fact]
    public async Task A_code_ends_with_its_fifth_try_and_with_its_day()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var (book, alice) = (Book(folder), await FindAsync(folder, "alice@example.com"));
        var code = await book.AskAsync(alice, Outside, default);
        for (var i = 0; i < 4; i++) Assert.Equal(CodeOutcome.Wrong, await book.ConfirmAsync(alice, Outside, "x", default));
        Assert.Equal(CodeOutcome.Ended, await book.ConfirmAsync(alice, Outside, "", default));
        Assert.Equal(CodeOutcome.Ended, await book.ConfirmAsync(alice, Outside, code, default));
        code = await book.AskAsync(alice, Outside, default);
        folder.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(CodeOutcome.Ended, await book.ConfirmAsync(alice, Outside, code, default));
    }

    [Fact]
    public async Task Nobody_is_pestered_and_nothing_goes_in_a_circle()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        var (book, alice, bob) = (Book(folder), await FindAsync(folder, "alice@example.com"), await FindAsync(folder, "bob@example.com"));
        await Assert.ThrowsAsync<DirectoryException>(() => book.AskAsync(alice, alice.Address, default).AsTask());
        await book.AskAsync(alice, Outside, default);
        await book.AskAsync(alice, Outside, default);
        await book.AskAsync(bob, Outside, default);
        // Three a day to one address, whoever asks.
        await Assert.ThrowsAsync<DirectoryException>(() => book.AskAsync(bob, Outside, default).AsTask());
        for (var i = 0; i < 3; i++) await book.AskAsync(alice, Address($"a{i}@outside.example"), default);
        // Five a day of one account, whomever it asks.
        await Assert.ThrowsAsync<DirectoryException>(() => book.AskAsync(alice, Address("b@outside.example"), default).AsTask());
        folder.Time.Advance(TimeSpan.FromHours(25));
        await book.AskAsync(bob, Outside, default);
    }

    [Fact]
    public async Task What_was_set_up_lately_is_stopped_and_comes_back_and_what_is_older_stays()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var (book, alice) = (Book(folder), await FindAsync(folder, "alice@example.com"));
        await ConfirmAsync(Address("old@outside.example"));
        folder.Time.Advance(TimeSpan.FromDays(30));
        var since = folder.Time.GetUtcNow() - TimeSpan.FromDays(7);
        await ConfirmAsync(Outside);
        await book.SetAsync(alice, Outside, keeps: false, default);
        var stopped = await folder.Directory.ChangeDirectoryAsync(sql => ForwardingBook.StopSince(sql, alice.Id, since), default);
        Assert.Equal((Outside.ToString(), false), (stopped!.Target, stopped.Keeps));
        Assert.Equal([Outside.ToString()], stopped.Addresses);
        Assert.Null(await folder.Directory.ForwardAsync(alice.Id, default));
        Assert.Equal("old@outside.example", Assert.Single((await book.StateAsync(alice.Id, default)).Addresses).Address.ToString());
        await folder.Directory.ChangeDirectoryAsync(
            sql =>
            {
                ForwardingBook.Restore(sql, alice.Id, stopped, folder.Time.GetUtcNow());
                return true;
            },
            default);
        Assert.Equal(Outside, (await folder.Directory.ForwardAsync(alice.Id, default))!.Target);
        Assert.All((await book.StateAsync(alice.Id, default)).Addresses, address => Assert.NotNull(address.Confirmed));
        folder.Time.Advance(TimeSpan.FromDays(30));
        Assert.Null(await folder.Directory.ChangeDirectoryAsync(sql => ForwardingBook.StopSince(sql, alice.Id, folder.Time.GetUtcNow() - TimeSpan.FromDays(7)), default));

        async Task ConfirmAsync(EmailAddress address) => Assert.Equal(CodeOutcome.Confirmed, await book.ConfirmAsync(alice, address, await book.AskAsync(alice, address, default), default));
    }

    private static ForwardingBook Book(AccountsFolder folder) => new(folder.Database, folder.Directory, folder.Time);

    private static async Task<Account> FindAsync(AccountsFolder folder, string address) => (await folder.Directory.FindAccountAsync(Address(address), default))!;
}
