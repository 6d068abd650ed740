using System.Globalization;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Learning;

/// <summary>Moving mail into and out of Junk, in any client, teaches that account's filter and no other's.</summary>
public sealed class JunkMoveTests
{
    private static readonly string[] Shops = ["Teal Lantern Bazaar", "Copper Kettle Outlet", "Amber Willow Market", "Velvet Harbour Store", "Cedar Pixel Depot", "Silver Otter Corner"];

    [Fact]
    public async Task What_was_moved_to_Junk_comes_to_Junk_next_time_for_this_account_alone()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        // The same letter with other words each time, as a persistent sender writes: not spam to most, but not wanted here.
        for (var i = 0; i < Shops.Length - 1; i++) await SendAsync(server, i, "alice@demo.test");
        using var alice = await Mailbox.OpenAsync(server, "alice@demo.test");
        var junk = alice.GetFolder(SpecialFolder.Junk)!;
        var inbox = alice.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadWrite);
        Assert.Equal(Shops.Length - 1, inbox.Count);
        for (var i = 0; i < Shops.Length - 1; i++) await inbox.MoveToAsync(0, junk);

        await UntilAsync(async () =>
        {
            await SendAsync(server, Shops.Length - 1, "alice@demo.test");
            return await CountAsync(junk) == Shops.Length;
        }, () => EmptyAsync(inbox));

        await SendAsync(server, Shops.Length - 1, "bob@demo.test");
        using var bob = await Mailbox.OpenAsync(server, "bob@demo.test");
        Assert.Equal(1, await CountAsync(bob.Inbox!));
    }

    [Fact]
    public async Task What_was_moved_out_of_Junk_comes_to_the_inbox_next_time()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        for (var i = 0; i < 5; i++) await SendOfferAsync(server, i);
        using var alice = await Mailbox.OpenAsync(server, "alice@demo.test");
        var junk = alice.GetFolder(SpecialFolder.Junk)!;
        var inbox = alice.Inbox!;
        await junk.OpenAsync(FolderAccess.ReadWrite);
        Assert.Equal(5, junk.Count);
        for (var i = 0; i < 5; i++) await junk.MoveToAsync(0, inbox);
        await UntilAsync(async () =>
        {
            await SendOfferAsync(server, 5);
            return await CountAsync(inbox) == 6;
        }, () => EmptyAsync(junk));
    }

    // A lesson is learned right behind the move, not within it; how long that takes is not the point here.
    private static async Task UntilAsync(Func<Task<bool>> tryOnce, Func<Task> reset)
    {
        await Wait.UntilAsync(async () =>
        {
            if (await tryOnce()) return true;
            await reset();
            return false;
        });
    }

    private static async Task<int> CountAsync(IMailFolder folder)
    {
        await folder.StatusAsync(StatusItems.Count);
        return folder.Count;
    }

    private static async Task EmptyAsync(IMailFolder folder)
    {
        await folder.OpenAsync(FolderAccess.ReadWrite);
        if (folder.Count == 0) return;
        await folder.AddFlagsAsync([.. Enumerable.Range(0, folder.Count)], MessageFlags.Deleted, silent: true);
        await folder.ExpungeAsync();
    }

    private static async Task SendAsync(DemoServer server, int shop, string recipient)
    {
        var name = Shops[shop];
        await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"], "mail.shopletters.example");
        Assert.StartsWith("250", await smtp.SendAsync("letters@shopletters.example", recipient, Encoding.ASCII.GetBytes(
            $"From: {name} <letters@shopletters.example>\r\nTo: {recipient}\r\nSubject: This week at {name}\r\nMessage-ID: <{Guid.NewGuid():n}@shopletters.example>\r\nDate: {DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture)}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            + $"Dear reader,\r\n\r\nthis week at {name}: number {shop} of our letter tells how the new shelves\r\nwere built, which of the autumn things have arrived, and who won the drawing\r\nof last month. The shop is open from nine to six, on Saturdays until two.\r\n\r\nYours, the people of {name}\r\n")));
    }

    private static async Task SendOfferAsync(DemoServer server, int number)
    {
        await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"], "mail.traders.example");
        Assert.StartsWith("250", await smtp.SendAsync("deals@traders.example", "alice@demo.test", Encoding.ASCII.GetBytes(
            $"From: Deals <deals@traders.example>\r\nTo: alice@demo.test\r\nSubject: 80% OFF viagra cialis cheap pills order now {number}\r\nMessage-ID: <{Guid.NewGuid():n}@traders.example>\r\nDate: {DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture)}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + $"<html><body><b>CHEAP VIAGRA, CIALIS</b><br>Save up to 80% on all meds! No prescription required! Order {number} now,\r\n<a href=\"http://traders.example/rx?{number}\">CLICK HERE</a> limited time offer, 100% satisfaction guaranteed, free pills.</body></html>\r\n")));
    }
}
