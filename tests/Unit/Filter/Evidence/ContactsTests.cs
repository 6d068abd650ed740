namespace Sternpost.Unit.Filter.Evidence;

public sealed class ContactsTests
{
    private const string Letters = "From: Sam <sam@stranger.example>\nTo: alice@example.com\nSubject: The fence\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <fence@stranger.example>\n\nThe fence is mended.\n";

    [Fact]
    public async Task Whoever_the_recipient_wrote_to_is_known_where_he_proves_who_he_is()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("stranger.example", "198.51.100.7");
        Assert.True((await world.ReceiveAsync(Letters)).Found("FIRST_CONTACT"));
        world.Evidence.Submitted(world.Ids["alice"], Letter.Octets("From: alice@example.com\nMessage-ID: <1@example.com>\n\nHello.\n"), [Letter.Address("Sam@stranger.example")]);
        await world.Evidence.FlushAsync();
        var proved = await world.ReceiveAsync(Letters);
        Assert.True(proved.Found("SENDER_WRITTEN_TO"));
        Assert.True((await world.ReceiveAsync(Letters, "203.0.113.9", "x@elsewhere.example")).Found("SENDER_WRITTEN_TO_UNPROVED"));
        // Bob wrote to nobody.
        Assert.False((await world.ReceiveAsync(Letters, to: "bob")).Found("SENDER_WRITTEN_TO"));
    }

    [Fact]
    public async Task Who_stands_in_the_address_book_is_as_good_as_written_to()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("stranger.example", "198.51.100.7");
        await world.Database.WriteAsync(
            sql => Sternpost.Accounts.Contacts.CollectedCard.Add(sql, world.Ids["alice"], world.Database.NextId(), Letter.Address("Sam@stranger.example"), "Sam", world.Time.GetUtcNow()), TestContext.Current.CancellationToken);
        Assert.True((await world.ReceiveAsync(Letters)).Found("SENDER_WRITTEN_TO"));
        Assert.True((await world.ReceiveAsync(Letters, "203.0.113.9", "x@elsewhere.example")).Found("SENDER_WRITTEN_TO_UNPROVED"));
        Assert.False((await world.ReceiveAsync(Letters, to: "bob")).Found("SENDER_WRITTEN_TO"));
    }

    [Fact]
    public async Task An_answer_to_a_message_sent_here_is_known_as_one()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Evidence.Submitted(world.Ids["alice"], Letter.Octets("From: alice@example.com\nMessage-ID: <question@example.com>\n\nWhen?\n"), [Letter.Address("office@company.example")]);
        await world.Evidence.FlushAsync();
        var answer = "From: Clerk <clerk@company.example>\nTo: alice@example.com\nSubject: Re: When\nIn-Reply-To: <question@example.com>\nMessage-ID: <a@company.example>\n\nOn Tuesday.\n";
        Assert.True((await world.ReceiveAsync(answer)).Found("ANSWERS_OURS"));
        Assert.False((await world.ReceiveAsync(answer, to: "bob")).Found("ANSWERS_OURS"));
    }

    [Fact]
    public async Task Where_recipients_differ_each_copy_is_judged_by_its_own_relation()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("stranger.example", "198.51.100.7");
        world.Evidence.Submitted(world.Ids["alice"], Letter.Octets("From: alice@example.com\n\nHello.\n"), [Letter.Address("sam@stranger.example")]);
        await world.Evidence.FlushAsync();
        var both = await world.ReceiveAsync(Letters, to: ["alice", "bob"]);
        Assert.False(both.Found("SENDER_WRITTEN_TO"));
        Assert.Contains(both.Copies[0].Verdict.Findings, finding => finding.Symbol == "SENDER_WRITTEN_TO");
        Assert.DoesNotContain(both.Copies[1].Verdict.Findings, finding => finding.Symbol == "SENDER_WRITTEN_TO");
    }

    [Fact]
    public async Task What_came_to_Junk_makes_nobody_known()
    {
        await using var world = await EvidenceWorld.MakeAsync(new Sternpost.Filter.FilterOptions { JunkThreshold = -100, RejectThreshold = 1000 });
        await world.ReceiveAsync(Letters);
        Assert.True((await world.ReceiveAsync(Letters)).Found("FIRST_CONTACT"));
    }
}
