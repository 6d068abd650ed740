using Sternpost.Accounts.Masked;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class MaskedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_proved_sender_is_the_shop_and_who_writes_from_elsewhere_is_a_leak()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var (book, masked) = await MakeAsync(world);
        world.Publish("shop.example", "192.0.2.5");
        world.Publish("spam.example", "192.0.2.6");

        // Nobody is proved, so nobody is the shop, and nobody leaked it.
        var unproved = await ReceiveAsync(world, masked, "clerk@else.example", "198.51.100.7");
        Assert.False(unproved.Found("MASKED_SHOP") || unproved.Found("MASKED_LEAKED"));
        var first = await ReceiveAsync(world, masked, "orders@shop.example", "192.0.2.5");
        Assert.False(first.Found("MASKED_SHOP") || first.Found("MASKED_LEAKED"));
        Assert.True((await ReceiveAsync(world, masked, "news@shop.example", "192.0.2.5")).Found("MASKED_SHOP"));

        // Proved or not, another sender has it from the shop; one who only says he is the shop is for other judges.
        Assert.True((await ReceiveAsync(world, masked, "offer@spam.example", "192.0.2.6")).Found("MASKED_LEAKED"));
        Assert.True((await ReceiveAsync(world, masked, "offer@nowhere.example", "198.51.100.9")).Found("MASKED_LEAKED"));
        var forged = await world.JudgeAsync(Text("orders@shop.example"), "198.51.100.7", "orders@shop.example", masked.Address.LocalPart);
        Assert.DoesNotContain(forged.Verdict.Findings, finding => finding.Symbol.StartsWith("MASKED", StringComparison.Ordinal));

        var kept = Assert.Single(await book.OfAsync(world.Ids["alice"], Cancellation));
        Assert.Equal((5, "offer@nowhere.example"), (kept.Messages, kept.LastSender));
        Assert.Equal([("nowhere.example", MaskedSenderKind.Stranger), ("shop.example", MaskedSenderKind.Shop), ("spam.example", MaskedSenderKind.Stranger)],
            kept.Senders.Select(sender => (sender.Sender, sender.Kind)).Order());

        // The owner knows better.
        await world.Database.WriteAsync(sql => { MaskedRows.SetKind(sql, masked.Id, "spam.example", MaskedSenderKind.Accepted, world.Time.GetUtcNow()); return true; }, Cancellation);
        Assert.True((await ReceiveAsync(world, masked, "offer@spam.example", "192.0.2.6")).Found("MASKED_SHOP"));
        // At the account's own address it says nothing.
        Assert.False((await world.ReceiveAsync(Text("offer@nowhere.example"), "198.51.100.9", "offer@nowhere.example")).Found("MASKED_LEAKED"));
    }

    [Fact]
    public async Task Of_a_message_to_several_only_the_copy_that_came_by_it_is_judged_by_it()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var (_, masked) = await MakeAsync(world);
        world.Publish("shop.example", "192.0.2.5");
        await ReceiveAsync(world, masked, "orders@shop.example", "192.0.2.5");
        var both = await world.ReceiveAsync(Text("offer@nowhere.example"), "198.51.100.9", "offer@nowhere.example", masked.Address.LocalPart, "bob");
        Assert.Contains(both.Copies[0].Verdict.Findings, finding => finding.Symbol == "MASKED_LEAKED");
        Assert.DoesNotContain(both.Copies[1].Verdict.Findings, finding => finding.Symbol == "MASKED_LEAKED");
    }

    [Fact]
    public async Task Of_a_free_mail_house_the_address_is_the_shop()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var (book, masked) = await MakeAsync(world);
        world.Publish("gmail.com", "192.0.2.5");
        await ReceiveAsync(world, masked, "tailor@gmail.com", "192.0.2.5");
        Assert.True((await ReceiveAsync(world, masked, "tailor@gmail.com", "192.0.2.5")).Found("MASKED_SHOP"));
        Assert.True((await ReceiveAsync(world, masked, "crook@gmail.com", "192.0.2.5")).Found("MASKED_LEAKED"));
        Assert.Equal(["crook@gmail.com", "tailor@gmail.com"], Assert.Single(await book.OfAsync(world.Ids["alice"], Cancellation)).Senders.Select(sender => sender.Sender).Order());
    }

    private static async Task<(MaskedBook Book, MaskedAddress Masked)> MakeAsync(EvidenceWorld world)
    {
        var book = new MaskedBook(world.Database, world.Accounts, world.Time);
        var alice = (await world.Accounts.FindAccountAsync(Letter.Address("alice@example.com"), Cancellation))!;
        var masked = await book.AddAsync(alice, "Shop", "", Cancellation);
        world.Ids[masked.Address.LocalPart] = alice.Id;
        return (book, masked);
    }

    private static Task<Delivered> ReceiveAsync(EvidenceWorld world, MaskedAddress masked, string sender, string client) => world.ReceiveAsync(Text(sender), client, sender, masked.Address.LocalPart);

    private static string Text(string sender) =>
        $"From: Clerk <{sender}>\nTo: alice@example.com\nSubject: Your order of Tuesday\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{Guid.NewGuid():n}@{sender.Split('@')[1]}>\n\nGood day, we packed what you asked for, and it leaves tomorrow morning.\n";
}
