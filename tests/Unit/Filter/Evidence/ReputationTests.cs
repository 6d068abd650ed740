using Sternpost.Filter;
using Sternpost.Filter.Evidence.Reputation;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class ReputationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_several_people_call_spam_counts_against_the_next_message_of_the_same_server_and_links()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            var delivered = await world.ReceiveAsync(Offer(name, "one two three"), to: name);
            await world.Evidence.LabelAsync(world.Ids[name], delivered.Copies[0].EmailId, junk: true, Cancellation);
        }
        var next = (await world.JudgeAsync(Offer("dave", "something else altogether"), to: "dave")).Verdict;
        Assert.True(Weight(next, "REPUTATION_ADDRESS") is > 0.3 and <= 1.8, next.ToHeaderValue());
        Assert.True(Weight(next, "REPUTATION_LINK") is > 0.3 and <= 2.0, next.ToHeaderValue());
        // Elsewhere and with other links it says nothing.
        var other = (await world.JudgeAsync(Offer("dave", "hello").Replace("shop.example", "other.example", StringComparison.Ordinal), "203.0.113.200", to: "dave")).Verdict;
        Assert.Equal(0, Weight(other, "REPUTATION_ADDRESS"));
        Assert.Equal(0, Weight(other, "REPUTATION_LINK"));
    }

    [Fact]
    public async Task A_correction_takes_back_what_was_said()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        foreach (var name in (string[])["alice", "bob"])
        {
            var delivered = await world.ReceiveAsync(Offer(name, "one two three"), to: name);
            await world.Evidence.LabelAsync(world.Ids[name], delivered.Copies[0].EmailId, junk: true, Cancellation);
            await world.Evidence.LabelAsync(world.Ids[name], delivered.Copies[0].EmailId, junk: false, Cancellation);
        }
        Assert.True(Weight((await world.JudgeAsync(Offer("dave", "x"), to: "dave")).Verdict, "REPUTATION_ADDRESS") < 0);
    }

    [Fact]
    public async Task The_servers_own_verdicts_move_no_reputation()
    {
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = -100, RejectThreshold = 1000 });
        for (var i = 0; i < 20; i++) Assert.Equal(Disposition.Junk, (await world.ReceiveAsync(Offer("alice", "number " + i))).Copies[0].Verdict.Disposition);
        Assert.Equal(0, Weight((await world.JudgeAsync(Offer("alice", "x"))).Verdict, "REPUTATION_ADDRESS"));
    }

    [Fact]
    public async Task One_account_however_busy_is_bounded()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        for (var i = 0; i < 80; i++)
        {
            var delivered = await world.ReceiveAsync(Offer("alice", $"number {i} of many"));
            await world.Evidence.LabelAsync(world.Ids["alice"], delivered.Copies[0].EmailId, junk: true, Cancellation);
        }
        var verdict = (await world.JudgeAsync(Offer("bob", "x"), to: "bob")).Verdict;
        Assert.True(Weight(verdict, "REPUTATION_ADDRESS") <= 0.8, verdict.ToHeaderValue());
        Assert.True(Weight(verdict, "REPUTATION_LINK") <= 0.8, verdict.ToHeaderValue());
    }

    [Fact]
    public async Task A_trap_speaks_against_its_senders()
    {
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { Traps = [Letter.Address("erin@example.com")] });
        for (var i = 0; i < 3; i++) await world.ReceiveAsync(Offer("erin", "number " + i), to: "erin");
        Assert.True(Weight((await world.JudgeAsync(Offer("bob", "x"), to: "bob")).Verdict, "REPUTATION_ADDRESS") > 0);
    }

    [Fact]
    public void Standings_fade_with_a_half_life_of_a_month()
    {
        var standing = new Standing(8, 0, 0b111, 0, 100);
        Assert.Equal(4, standing.On(130).Wanted, 2);
        Assert.True(standing.On(130).LogOdds(2) > standing.LogOdds(2));
        Assert.True(standing.On(400).IsUnknown);
    }

    [Fact]
    public async Task Reputation_survives_a_restart()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            var delivered = await world.ReceiveAsync(Offer(name, "one two three"), to: name);
            await world.Evidence.LabelAsync(world.Ids[name], delivered.Copies[0].EmailId, junk: true, Cancellation);
        }
        var before = Weight((await world.JudgeAsync(Offer("dave", "x"), to: "dave")).Verdict, "REPUTATION_ADDRESS");
        await world.RestartAsync();
        Assert.Equal(before, Weight((await world.JudgeAsync(Offer("dave", "x"), to: "dave")).Verdict, "REPUTATION_ADDRESS"), 2);
    }

    private static double Weight(Verdict verdict, string symbol) => verdict.Findings.Where(finding => finding.Symbol == symbol).Sum(finding => finding.Weight);

    private static string Offer(string name, string words) =>
        $"From: Offers <offers@stranger.example>\nTo: {name}@example.com\nSubject: {words}\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{Guid.NewGuid():n}@stranger.example>\n\n{words}: see http://www.shop.example/{words.Length}\n";
}
