using System.Diagnostics;
using Sternpost.Accounts;
using Sternpost.Accounts.Grants;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

/// <summary>What administrators let accounts send as: delegations and patterns, for this server's domains only.</summary>
public sealed class SenderGrantTests
{
    [Theory]
    [InlineData("boss@example.com", "boss@example.com", true)]
    [InlineData("boss@example.com", "BOSS@Example.com", true)]
    [InlineData("boss@example.com", "boss+x@example.com", false)]
    [InlineData("@example.com", "anything@example.com", true)]
    [InlineData("@example.com", "anything@other.test", false)]
    [InlineData("/support-[a-z]+@example\\.com/", "support-de@example.com", true)]
    [InlineData("/support-[a-z]+@example\\.com/", "support-de@example.comx", false)]
    [InlineData("/support-[a-z]+@example\\.com/", "xsupport-de@example.com", false)]
    [InlineData("/a@example\\.com|b@example\\.com/", "b@example.com", true)]
    [InlineData("/.*/", "anything@other.test", false)]
    public async Task A_grant_means_what_it_says_and_nothing_beyond_our_domains(string pattern, string address, bool allowed)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "boss@example.com");
        var alice = (await folder.Directory.FindAccountAsync(Address("alice@example.com"), default))!;
        Assert.False(await folder.Directory.MaySendAsAsync(alice, Address(address), default));
        Assert.True(await Book(folder).AddAsync(alice.Address, pattern, default));
        Assert.False(await Book(folder).AddAsync(alice.Address, pattern, default));
        Assert.Equal(allowed, await folder.Directory.MaySendAsAsync(alice, Address(address), default));
        Assert.True(await Book(folder).RemoveAsync(alice.Id, pattern, default));
        Assert.False(await folder.Directory.MaySendAsAsync(alice, Address(address), default));
    }

    [Theory]
    [InlineData("boss@other.test", "forged everywhere else")]
    [InlineData("boss", "neither an address")]
    [InlineData("/(/", "cannot be used")]
    [InlineData("/(a)\\1/", "cannot be used")]
    [InlineData("//", "neither an address")]
    public async Task What_cannot_be_granted_is_explained(string pattern, string why)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        Assert.Contains(why, (await Assert.ThrowsAsync<DirectoryException>(() => Book(folder).AddAsync(Address("alice@example.com"), pattern, default).AsTask())).Message);
    }

    [Fact]
    public void An_expression_that_would_backtrack_for_ever_takes_no_time()
    {
        var pattern = GrantPattern.Parse("/(a+)+b@example\\.com/", out _)!;
        var started = Stopwatch.GetTimestamp();
        Assert.False(pattern.Matches(Address(new string('a', 60) + "@example.com")));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
    }

    private static SenderGrantBook Book(AccountsFolder folder) => new(folder.Database, folder.Directory, folder.Time);
}
