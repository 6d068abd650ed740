using Sternpost.Filter;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class GreylistTests
{
    private const string Offer = "From: Shop <shop@stranger.example>\nTo: alice@example.com\nSubject: The new catalogue\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <1@stranger.example>\n\nThe new catalogue is here.\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stranger_with_something_odd_comes_back_once_and_is_let_in_for_good()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        Assert.Contains("2 minutes", await AskAsync(world, Offer), StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Contains("60 seconds", await AskAsync(world, Offer), StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromSeconds(70));
        Assert.Null(await AskAsync(world, Offer));
        Assert.Null(await AskAsync(world, Offer.Replace("stranger", "another", StringComparison.Ordinal), sender: "x@another.example"));
        // A machine of the same farm comes back with the same message.
        Assert.Null(await AskAsync(world, Offer, client: "198.51.100.99"));
    }

    [Fact]
    public async Task Who_comes_back_after_days_begins_anew()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        Assert.NotNull(await AskAsync(world, Offer));
        world.Time.Advance(TimeSpan.FromHours(60));
        Assert.NotNull(await AskAsync(world, Offer));
    }

    [Fact]
    public async Task Who_proves_himself_is_never_delayed()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("stranger.example", "198.51.100.7");
        Assert.Null(await AskAsync(world, Offer));
    }

    [Fact]
    public async Task A_login_code_is_never_delayed()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        Assert.Null(await AskAsync(world, Offer.Replace("The new catalogue is here.", "Your verification code is 482913. It is good for ten minutes.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Correspondents_and_answers_are_never_delayed()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Evidence.Submitted(world.Ids["alice"], Letter.Octets("From: alice@example.com\nMessage-ID: <q@example.com>\n\nHello.\n"), [Letter.Address("shop@stranger.example")]);
        await world.Evidence.FlushAsync();
        Assert.Null(await AskAsync(world, Offer));
        Assert.Null(await AskAsync(world, Offer.Replace("shop@stranger", "clerk@other", StringComparison.Ordinal).Replace("Subject:", "In-Reply-To: <q@example.com>\nSubject:", StringComparison.Ordinal), sender: "clerk@other.example"));
    }

    [Fact]
    public async Task Nobody_is_asked_where_it_is_turned_off_or_nothing_is_odd()
    {
        await using var off = await EvidenceWorld.MakeAsync(new FilterOptions { Greylist = false });
        Assert.Null(await AskAsync(off, Offer));
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = 50, RejectThreshold = 100 });
        Assert.Null(await AskAsync(world, Offer, reverse: "pass"));
    }

    private static async Task<string?> AskAsync(EvidenceWorld world, string text, string client = "198.51.100.7", string sender = "shop@stranger.example", string reverse = "fail")
    {
        var session = Letter.Session(client, "mail.stranger.example") with { ReceivedAt = world.Time.GetUtcNow(), ReverseResult = reverse };
        var envelope = new Envelope(Letter.Address(sender), [new EnvelopeRecipient(Letter.Address("alice@example.com"))]);
        var judgement = await world.Panel.JudgeAsync(new MessageUnderJudgement(session, envelope, Letter.Octets(text)), Cancellation);
        return await world.Evidence.Greylist.AskAsync(judgement, session, envelope, Cancellation);
    }
}
