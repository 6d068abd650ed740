using Sternpost.Accounts;
using Sternpost.Accounts.Masked;
using static Sternpost.Unit.Accounts.AccountsFolder;

namespace Sternpost.Unit.Accounts;

public class MaskedAddressTests
{
    [Theory]
    [InlineData("Book Shop", "book-shop.")]
    [InlineData("Möbel & Söhne GmbH, Abteilung Versand", "mobel-sohne-gmbh-abt.")]
    [InlineData("本屋", "shop.")]
    [InlineData("..@..", "shop.")]
    public async Task It_shows_the_shop_and_has_a_part_that_nobody_guesses(string shop, string beginning)
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var book = Book(folder);
        var (alice, first) = await MakeAsync(folder, book, shop);
        var second = await book.AddAsync(alice, shop, "", default);
        Assert.StartsWith(beginning, first.Address.LocalPart, StringComparison.Ordinal);
        Assert.Equal(beginning.Length + 12, first.Address.LocalPart.Length);
        Assert.NotEqual(first.Address, second.Address);
        Assert.Equal("alice@example.com", await folder.ResolveAsync(first.Address.ToString()));
        Assert.Equal("alice@example.com", await folder.ResolveAsync(first.Address.ToString().ToUpperInvariant()));
        Assert.Equal("Unknown", await folder.ResolveAsync(beginning + "aaaaaaaaaaaa@example.com"));
        Assert.True(await folder.Directory.MaySendAsAsync(alice, first.Address, default));
    }

    [Fact]
    public async Task Switched_off_it_is_refused_and_no_catch_all_takes_it()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com", "bob@example.com");
        await folder.AliasAsync("@example.com", "bob@example.com");
        var book = Book(folder);
        var (alice, masked) = await MakeAsync(folder, book, "Shop");
        await using var other = await folder.OpenAgainAsync();
        Assert.Equal("alice@example.com", await other.ResolveAsync(masked.Address.ToString()));
        var bob = (await folder.Directory.FindAccountAsync(Address("bob@example.com"), default))!;
        Assert.False(await book.SwitchAsync(bob.Id, masked.Address, false, default));
        Assert.True(await book.SwitchAsync(alice.Id, masked.Address, false, default));
        Assert.Equal("SwitchedOff", await folder.ResolveAsync(masked.Address.ToString()));
        Assert.False(await folder.Directory.MaySendAsAsync(alice, masked.Address, default));
        Assert.False(await folder.Directory.MaySendAsAsync(bob, masked.Address, default));
        folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("SwitchedOff", await other.ResolveAsync(masked.Address.ToString()));
        Assert.True(await book.SwitchAsync(alice.Id, masked.Address, true, default));
        Assert.Equal("alice@example.com", await folder.ResolveAsync(masked.Address.ToString()));
    }

    [Fact]
    public async Task Nobody_else_gets_the_address_and_it_goes_with_its_account()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var (_, masked) = await MakeAsync(folder, Book(folder), "Shop");
        var text = masked.Address.ToString();
        Assert.Contains("masked address", (await Assert.ThrowsAsync<DirectoryException>(async () => await folder.AddAsync(text))).Message, StringComparison.Ordinal);
        Assert.Contains("masked address", (await Assert.ThrowsAsync<DirectoryException>(async () => await folder.AliasAsync(text, "alice@example.com"))).Message, StringComparison.Ordinal);
        Assert.True(await folder.Directory.RemoveAccountAsync(Address("alice@example.com"), default));
        Assert.Equal("Unknown", await folder.ResolveAsync(text));
    }

    [Fact]
    public async Task A_thief_or_a_script_makes_no_more_than_some_a_day()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var book = Book(folder);
        var (alice, _) = await MakeAsync(folder, book, "Shop");
        for (var i = 1; i < MaskedBook.MostADay; i++) await book.AddAsync(alice, "Shop", "", default);
        Assert.Contains("within a day", (await Assert.ThrowsAsync<DirectoryException>(async () => await book.AddAsync(alice, "Shop", "", default))).Message, StringComparison.Ordinal);
        folder.Time.Advance(TimeSpan.FromHours(25));
        Assert.NotNull(await book.AddAsync(alice, "Shop", "", default));
        Assert.Contains("whom", (await Assert.ThrowsAsync<DirectoryException>(async () => await book.AddAsync(alice, " ", "", default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_writes_is_counted_and_what_mail_came_to_is_not_taken_back()
    {
        await using var folder = await AccountsFolder.CreateAsync("alice@example.com");
        var book = Book(folder);
        var (alice, masked) = await MakeAsync(folder, book, "Shop");
        var now = folder.Time.GetUtcNow();
        await folder.Database.WriteAsync(sql =>
        {
            MaskedRows.Came(sql, masked.Id, "clerk@shop.example", "shop.example", MaskedSenderKind.Shop, now);
            MaskedRows.Came(sql, masked.Id, "news@shop.example", "shop.example", MaskedSenderKind.Stranger, now);
            for (var i = 0; i < 2 * MaskedRows.MostSenders; i++) MaskedRows.Came(sql, masked.Id, "x@spam.example", $"spam{i}.example", MaskedSenderKind.Stranger, now);
            return true;
        }, default);
        var kept = Assert.Single(await book.OfAsync(alice.Id, default));
        Assert.Equal((2 + (2 * MaskedRows.MostSenders), "x@spam.example", now, true), (kept.Messages, kept.LastSender, kept.LastAt, kept.IsLeaked));
        Assert.Equal(MaskedRows.MostSenders, kept.Senders.Count);
        Assert.Equal((MaskedSenderKind.Shop, 2), (kept.Senders[0].Kind, kept.Senders[0].Messages));
        Assert.False(await folder.Database.WriteAsync(sql => book.Remove(sql, alice.Id, masked.Id), default));
        var unused = await book.AddAsync(alice, "Other", "", default);
        Assert.True(await folder.Database.WriteAsync(sql => book.Remove(sql, alice.Id, unused.Id), default));
        Assert.Equal("Unknown", await folder.ResolveAsync(unused.Address.ToString()));
    }

    private static MaskedBook Book(AccountsFolder folder) => new(folder.Database, folder.Directory, folder.Time);

    private static async Task<(Account Account, MaskedAddress Masked)> MakeAsync(AccountsFolder folder, MaskedBook book, string shop)
    {
        var alice = (await folder.Directory.FindAccountAsync(Address("alice@example.com"), default))!;
        return (alice, await book.AddAsync(alice, shop, "", default));
    }
}
