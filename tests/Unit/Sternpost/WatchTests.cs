using System.Net;
using Sternpost.Dns;
using Sternpost.Doctor.Checks;
using Sternpost.Setup;
using Sternpost.Unit.Mailboxes;
using Sternpost.Watch;

namespace Sternpost.Unit.Watch;

/// <summary>What others see of the server: lists and what they answer, and which changes are told.</summary>
public class WatchTests
{
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.7");
    private static readonly DomainName Company = DomainName.Parse("company.example");

    [Fact]
    public async Task A_listing_is_named_with_its_meaning_and_the_way_off_the_list()
    {
        var zone = new ZoneResolver().Address("7.113.0.203.zen.spamhaus.org", "127.0.0.4").Address("company.example.dbl.spamhaus.org", "127.0.1.2");
        var results = await AskAsync(zone);
        var address = Assert.Single(results, result => result.Finding.StartsWith("203.0.113.7 is on Spamhaus ZEN", StringComparison.Ordinal));
        Assert.Equal(CheckLevel.Failed, address.Level);
        Assert.Contains("infected computer or a stolen site", address.Finding);
        Assert.Contains("https://check.spamhaus.org/results/?query=203.0.113.7", address.Advice);
        Assert.Single(results, result => result.Finding.StartsWith("company.example is on Spamhaus DBL", StringComparison.Ordinal) && result.Finding.Contains("a domain of spam", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.255.255.254")]
    [InlineData("127.0.0.1")]
    public async Task You_may_not_ask_is_no_listing(string answer)
    {
        var results = await AskAsync(new ZoneResolver().Address("7.113.0.203.zen.spamhaus.org", answer));
        Assert.DoesNotContain(results, result => result.Level == CheckLevel.Failed);
        Assert.Single(results, result => result.IsUnknown && result.Finding.Contains("does not answer this resolver", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_list_says_how_to_leave_it()
    {
        Assert.All(WatchedLists.All, list =>
        {
            Assert.True(DomainName.TryParse(list.Zone, out _));
            Assert.StartsWith("https://", list.Url("203.0.113.7"));
            Assert.NotEmpty(list.Removal);
            Assert.Contains(list.Codes, code => code.Code == 0);
        });
        Assert.Single(await AskAsync(new ZoneResolver()), result => result.Level == CheckLevel.Ok);
    }

    [Fact]
    public async Task Only_changes_are_told_and_silence_changes_nothing()
    {
        await using var store = await TestStore.OpenAsync();
        var book = new WatchBook(store.Database, TimeProvider.System);
        var listed = CheckResult.Failed("Blocklists", "203.0.113.7 is on a list", "Leave it.") with { Subject = "203.0.113.7 bl.example" };
        var expiring = CheckResult.Warning("Certificate", "expires in 13 days", "Renew it.");
        var first = await WriteAsync(book, listed, expiring);
        Assert.Equal(2, first.Count);
        Assert.All(first, change => Assert.False(change.IsOver));
        // Other words for the same are no news.
        Assert.Empty(await WriteAsync(book, listed, expiring with { Finding = "expires in 12 days" }));
        // Neither is that the list did not answer.
        Assert.Empty(await WriteAsync(book, new CheckResult("Blocklists", CheckLevel.Skipped, "bl.example did not answer", "") { Subject = " bl.example", IsUnknown = true }, expiring));
        var worse = Assert.Single(await WriteAsync(book, listed, CheckResult.Failed("Certificate", "expired", "Renew it.")));
        Assert.Equal(("Certificate", CheckLevel.Failed), (worse.Problem.Check, worse.Problem.Level));
        var over = await WriteAsync(book, CheckResult.Ok("Blocklists", "none"), CheckResult.Ok("Certificate", "good"));
        Assert.Equal(2, over.Count(change => change.IsOver));
        Assert.Empty(await book.ProblemsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, (await book.CheckedAsync(TestContext.Current.CancellationToken)).Count);
    }

    private static async Task<IReadOnlyList<WatchChange>> WriteAsync(WatchBook book, params CheckResult[] results) =>
        await book.WriteAsync(["Blocklists", "Certificate"], results, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<CheckResult>> AskAsync(ZoneResolver zone) => OwnListings.AskAsync(zone, [Address], [Company], WatchedLists.All, TestContext.Current.CancellationToken);
}
