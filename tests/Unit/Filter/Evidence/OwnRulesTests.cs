using Sternpost.Accounts.Senders;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Evidence;

/// <summary>What owners of accounts have said about senders decides where their copies go, and nobody else's.</summary>
public sealed class OwnRulesTests
{
    private const string Letters = "From: Sam <Sam@stranger.example>\nTo: alice@example.com\nSubject: The fence\nList-Id: Fences <fence.stranger.example>\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <fence@stranger.example>\n\nThe fence is mended.\n";

    [Theory]
    [InlineData(SenderRuleKind.Blocked, "sam@stranger.example", "SENDER_BLOCKED")]
    [InlineData(SenderRuleKind.Blocked, "stranger.example", "SENDER_BLOCKED")]
    [InlineData(SenderRuleKind.ListLeft, "fence.stranger.example", "LIST_LEFT")]
    [InlineData(SenderRuleKind.Pictures, "sam@stranger.example", null)]
    public async Task A_copy_goes_to_Junk_by_its_owners_rule_alone(SenderRuleKind kind, string subject, string? symbol)
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("stranger.example", "198.51.100.7");
        var before = await world.ReceiveAsync(Letters, to: ["alice", "bob"]);
        Assert.All(before.Copies, copy => Assert.Equal(Disposition.Accept, copy.Verdict.Disposition));
        await PutAsync(world, kind, subject);
        var after = await world.ReceiveAsync(Letters, to: ["alice", "bob"]);
        Assert.Equal(symbol is null ? Disposition.Accept : Disposition.Junk, after.Copies[0].Verdict.Disposition);
        Assert.Equal(Disposition.Accept, after.Copies[1].Verdict.Disposition);
        if (symbol is null) return;
        // The weightiest of all, so that it is the reason that is told.
        Assert.Equal(symbol, after.Copies[0].Verdict.Findings[0].Symbol);
        Assert.Contains("you can take that back", after.Copies[0].Verdict.Reason);
        Assert.False(after.Found(symbol));
    }

    [Fact]
    public async Task Nobody_proved_to_be_of_the_same_house_is_blocked()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("example.com", "198.51.100.7");
        await PutAsync(world, SenderRuleKind.Blocked, "bob@example.com");
        const string letter = "From: bob@example.com\nTo: alice@example.com\nSubject: Lunch\n\nAt one?\n";
        Assert.DoesNotContain((await world.ReceiveAsync(letter, sender: "bob@example.com")).Copies[0].Verdict.Findings, finding => finding.Symbol == "SENDER_BLOCKED");
    }

    private static ValueTask<bool> PutAsync(EvidenceWorld world, SenderRuleKind kind, string subject) => world.Database.WriteAsync(
        sql => SenderRules.Put(sql, world.Ids["alice"], new SenderRule(world.Database.NextId(), kind, subject, "", world.Time.GetUtcNow())), TestContext.Current.CancellationToken);
}
