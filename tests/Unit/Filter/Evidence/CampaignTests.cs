using System.Globalization;
using Sternpost.Filter;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Evidence.AfterDelivery;
using Sternpost.Filter.Evidence.Campaigns;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class CampaignTests
{
    private const string Text =
        "we are writing to let you know that the balance of your membership will be charged this week unless you visit the page below and choose another plan. "
        + "many of our members have moved to the silver plan, which costs less and includes the lounge, the garden and two guests on every second weekend of the month. "
        + "the offer is open until the end of the week and cannot be combined with any other discount or voucher that was sent to you before.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_campaign_has_one_sketch_whatever_it_calls_its_readers()
    {
        var one = Sketch($"Dear Alice,\n\n{Text}\n\nYour number is 4711.\n");
        var other = Sketch($"Hello reader,\n\n{Text}\n\nYour number is 90210.\n");
        Assert.True(one.Shared(other) >= 11, one.Shared(other).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(TextSketch.Bins, one.Shared(TextSketch.Read(one.ToBytes())));
    }

    [Fact]
    public void Other_texts_share_next_to_nothing_and_short_ones_have_no_sketch()
    {
        var other = Sketch("the minutes of the meeting are attached. please read the part on the new roof before friday, because the builder wants an answer by then and the club has to "
            + "decide whether the old tiles stay or go. anna will bring the three offers and the photographs that were taken from the tower last week in better weather.\n");
        Assert.True(Sketch(Text).Shared(other) <= 3);
        Assert.True(Sketch("Thanks, see you tomorrow!\n").IsEmpty);
    }

    [Fact]
    public async Task What_recipients_call_spam_is_held_against_the_rest_of_the_campaign()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var first = await world.ReceiveAsync(Membership("alice", "one.example"), "198.51.100.1");
        await world.Evidence.LabelAsync(world.Ids["alice"], first.Copies[0].EmailId, junk: true, Cancellation);
        var second = await world.ReceiveAsync(Membership("bob", "two.example"), "203.0.113.2", to: "bob");
        Assert.Equal(1.2, Weight(second, "CAMPAIGN_SPAM"), 6);
        await world.Evidence.LabelAsync(world.Ids["bob"], second.Copies[0].EmailId, junk: true, Cancellation);
        Assert.Equal(2.4, Weight(await world.ReceiveAsync(Membership("carol", "three.example"), "203.0.113.99", to: "carol"), "CAMPAIGN_SPAM"), 6);
        // One who wants it weighs as much as three who do not.
        await world.Evidence.LabelAsync(world.Ids["alice"], first.Copies[0].EmailId, junk: false, Cancellation);
        Assert.Equal(0, Weight(await world.ReceiveAsync(Membership("carol", "three.example"), "203.0.113.99", to: "carol"), "CAMPAIGN_SPAM"), 6);
    }

    [Fact]
    public async Task A_campaign_is_remembered_over_a_restart_and_for_three_days()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var first = await world.ReceiveAsync(Membership("alice", "one.example"));
        await world.Evidence.LabelAsync(world.Ids["alice"], first.Copies[0].EmailId, junk: true, Cancellation);
        await world.RestartAsync();
        Assert.True(Weight(await world.ReceiveAsync(Membership("bob", "two.example"), "203.0.113.2", to: "bob"), "CAMPAIGN_SPAM") > 0);
        world.Time.Advance(TimeSpan.FromHours(73));
        Assert.Equal(0, Weight(await world.ReceiveAsync(Membership("bob", "two.example"), "203.0.113.2", to: "bob"), "CAMPAIGN_SPAM"));
    }

    [Fact]
    public async Task The_same_text_from_many_servers_in_many_names_to_strangers_is_a_sign()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var names = (string[])["alice", "bob", "carol", "dave", "erin"];
        for (var i = 0; i < names.Length; i++) await world.ReceiveAsync(Membership(names[i], $"sender{i}.example"), $"198.51.{i}.7", to: names[i]);
        Assert.True(Weight(await world.ReceiveAsync(Membership("alice", "sender9.example"), "198.51.9.7"), "CAMPAIGN_SPREAD") > 0);
    }

    [Fact]
    public async Task A_newsletter_of_one_proved_sender_is_no_sign_however_many_get_it()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Publish("club.example", "198.51.100.7");
        foreach (var name in (string[])["alice", "bob", "carol", "dave", "erin"])
        {
            var delivered = await world.ReceiveAsync(Membership(name, "club.example"), "198.51.100.7", "bounce@club.example", name);
            Assert.DoesNotContain(delivered.Judgement.Verdict.Findings, finding => finding.Symbol.StartsWith("CAMPAIGN_", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Unread_copies_move_to_Junk_when_evidence_turns_and_touched_or_known_ones_stay()
    {
        // The threshold lies just above what such a letter scores by itself.
        await using var world = await EvidenceWorld.MakeAsync();
        await using var strict = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = (await world.JudgeAsync(Membership("alice", "one.example"))).Verdict.Score + 0.5 });
        strict.Evidence.Submitted(strict.Ids["dave"], Letter.Octets("From: dave@example.com\n\nHello.\n"), [Letter.Address("club@one.example")]);
        await strict.Evidence.FlushAsync();
        var copies = new Dictionary<string, long>();
        foreach (var name in (string[])["alice", "bob", "carol", "dave"]) copies[name] = (await strict.ReceiveAsync(Membership(name, "one.example"), to: name)).Copies[0].EmailId;
        strict.Mail.States[copies["carol"]] = CopyState.Touched;

        await strict.Evidence.LabelAsync(strict.Ids["alice"], copies["alice"], junk: true, Cancellation);
        Assert.Equal([copies["bob"]], strict.Mail.Moved);
        var move = Assert.Single(await LaterMoves.ListAsync(strict.Database, DateTimeOffset.UnixEpoch, Cancellation));
        Assert.Equal("bob@example.com", move.Account);
        Assert.Contains("spam", move.Reason, StringComparison.Ordinal);

        Assert.True(await LaterMoves.UndoAsync(strict.Database, strict.Mail, move.Id, strict.Time, Cancellation));
        Assert.Empty(strict.Mail.Moved);
        Assert.False(await LaterMoves.UndoAsync(strict.Database, strict.Mail, move.Id, strict.Time, Cancellation));
        // What was undone is settled, whatever is said later.
        strict.Mail.States[copies["bob"]] = CopyState.Untouched;
        await strict.Evidence.LabelAsync(strict.Ids["carol"], copies["carol"], junk: true, Cancellation);
        Assert.Empty(strict.Mail.Moved);
    }

    [Fact]
    public async Task After_three_days_nothing_moves_any_more()
    {
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = 2.5 });
        var first = await world.ReceiveAsync(Membership("alice", "one.example"));
        await world.ReceiveAsync(Membership("bob", "one.example"), to: "bob");
        world.Time.Advance(TimeSpan.FromHours(73));
        await world.Evidence.LabelAsync(world.Ids["alice"], first.Copies[0].EmailId, junk: true, Cancellation);
        Assert.Empty(world.Mail.Moved);
    }

    [Fact]
    public async Task A_domain_that_is_listed_while_its_mail_lies_unread_takes_it_to_Junk()
    {
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = 4, DomainLists = [new DnsListOptions("dbl.spamhaus.org", 4)] });
        var link = await world.ReceiveAsync(Membership("alice", "one.example") + "See http://www.fresh.example/\n");
        var read = await world.ReceiveAsync(Membership("bob", "one.example") + "See http://www.fresh.example/\n", to: "bob");
        var honest = await world.ReceiveAsync(Membership("carol", "two.example") + "See http://www.old.example/\n", to: "carol");
        world.Mail.States[read.Copies[0].EmailId] = CopyState.Touched;
        var listings = new LateListings(world.Database, world.Options, StandardJudges.Lists(world.Options, world.Zone), world.Evidence.Later, world.Time);
        world.Time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(0, await listings.LookAsync(world.Mail, Cancellation));
        world.Zone.Address("www.fresh.example.dbl.spamhaus.org", "127.0.1.2");
        world.Time.Advance(TimeSpan.FromHours(6));
        Assert.Equal(1, await listings.LookAsync(world.Mail, Cancellation));
        Assert.Equal([link.Copies[0].EmailId], world.Mail.Moved);
        Assert.DoesNotContain(honest.Copies[0].EmailId, world.Mail.Moved);
        Assert.Contains("fresh.example", Assert.Single(await LaterMoves.ListAsync(world.Database, DateTimeOffset.UnixEpoch, Cancellation)).Reason, StringComparison.Ordinal);
    }

    private static TextSketch Sketch(string text) => TextSketch.Of(Letter.Judged("Subject: x\n\n" + text));

    private static double Weight(Delivered delivered, string symbol) => delivered.Judgement.Verdict.Findings.Where(finding => finding.Symbol == symbol).Sum(finding => finding.Weight);

    private static string Membership(string name, string domain) =>
        $"From: Club <club@{domain}>\nTo: {name}@example.com\nSubject: Your membership\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <{Guid.NewGuid():n}@{domain}>\n\nDear {name},\n\n{Text}\n\nNumber {Random.Shared.Next(10000)}\n";
}
