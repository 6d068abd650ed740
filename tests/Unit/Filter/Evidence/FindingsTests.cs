using CsCheck;
using Sternpost.Filter;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Refitting;
using Sternpost.Filter.Verdicts;
using Sternpost.Storage;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class FindingsTests
{
    private const string Note = "From: Sam <sam@stranger.example>\nTo: alice@example.com\nSubject: The fence\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <fence@stranger.example>\n\nThe fence is mended.\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Findings_come_back_as_they_were_written()
    {
        Gen.Select(Gen.Int[0, 5000], Gen.Double[-50, 50], Gen.Int[-1, 2]).Array[0, 30].Sample(given =>
        {
            var findings = given.Select(one => new Finding("S" + one.Item1, one.Item2, "") { Compels = one.Item3 < 0 ? null : (Disposition)one.Item3 }).ToList();
            var read = FindingsCode.Read(FindingsCode.Write(findings, symbol => long.Parse(symbol.AsSpan(1))), number => "S" + number);
            Assert.Equal(findings.Select(finding => (finding.Symbol, Math.Round(finding.Weight * 1000), finding.Compels)), read.Select(finding => (finding.Symbol, Math.Round(finding.Weight * 1000), finding.Compels)));
        });
    }

    [Fact]
    public void Damaged_findings_are_read_as_far_as_they_go()
    {
        Gen.Byte.Array[0, 300].Sample(octets => Assert.True(FindingsCode.Read(octets, number => "S").Count <= 200));
    }

    [Fact]
    public async Task A_judged_message_is_kept_with_its_findings_and_copies()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var delivered = await world.ReceiveAsync(Note, to: ["alice", "bob"]);
        var kept = Assert.Single(await KeptAsync(world));
        Assert.Equal("fence@stranger.example", kept.MessageId);
        Assert.Equal("sam@stranger.example", kept.Sender);
        Assert.Equal(delivered.Judgement.Verdict.Findings.Select(finding => finding.Symbol), kept.Findings.Select(finding => finding.Symbol));
        Assert.Equal(delivered.Judgement.Verdict.Score, kept.Score, 2);
        Assert.Equal([world.Ids["alice"], world.Ids["bob"]], kept.Copies.Select(copy => copy.AccountId).Order());
        Assert.Equal(world.Time.GetUtcNow(), kept.At);
    }

    [Fact]
    public async Task What_is_older_than_a_month_is_forgotten()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        await world.ReceiveAsync(Note);
        world.Time.Advance(TimeSpan.FromDays(20));
        await world.ReceiveAsync(Note);
        world.Time.Advance(TimeSpan.FromDays(11));
        var book = new FindingsBook(world.Database, world.Time);
        await world.Database.WriteAsync(sql => book.Forget(sql, TimeSpan.FromDays(30)), Cancellation);
        var kept = Assert.Single(await KeptAsync(world));
        Assert.Equal(Letter.Arrived.AddDays(20), kept.At);
    }

    [Fact]
    public async Task What_its_owner_said_of_a_copy_is_kept_with_it()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var delivered = await world.ReceiveAsync(Note, to: ["alice", "bob"]);
        await world.Evidence.LabelAsync(world.Ids["alice"], delivered.Copies[0].EmailId, junk: true, Cancellation);
        Assert.True((await KeptAsync(world))[0].IsSpam);
        world.Evidence.Submitted(world.Ids["bob"], Letter.Octets("From: bob@example.com\nIn-Reply-To: <fence@stranger.example>\nMessage-ID: <re@example.com>\n\nThank you.\n"), [Letter.Address("sam@stranger.example")]);
        await world.Evidence.FlushAsync();
        var kept = (await KeptAsync(world))[0];
        Assert.Null(kept.IsSpam);
        Assert.Equal(KnownLabel.Answered, kept.Copies.Single(copy => copy.AccountId == world.Ids["bob"]).Label);
    }

    [Fact]
    public void A_replay_says_which_copies_would_go_elsewhere()
    {
        var message = Message(1, 2.5, null, ("STATISTICS", 2.0), ("SPF_FAIL", 0.5)) with { Copies = [new KeptCopy(1, 1, Disposition.Accept, 0, KnownLabel.None), new KeptCopy(2, 2, Disposition.Accept, -2, KnownLabel.None)] };
        var usual = new Dictionary<string, double> { ["SPF_FAIL"] = 0.5, ["STATISTICS"] = 0 };
        Assert.Null(new Replay(new FilterOptions(), usual).Judge(message, message.Findings));
        var lower = new Replay(new FilterOptions { JunkThreshold = 2.4 }, usual).Judge(message, message.Findings)!;
        Assert.Equal([1], lower.Copies.Select(copy => copy.AccountId));
        var heavier = new Replay(new FilterOptions { Weights = new Dictionary<string, double> { ["SPF_FAIL"] = 1.5 } }, usual).Judge(message, message.Findings)!;
        Assert.Equal(3.5, heavier.Score, 6);
        var graded = new Replay(new FilterOptions { Weights = new Dictionary<string, double> { ["STATISTICS"] = 3 } }, usual).Judge(message, message.Findings)!;
        Assert.Equal(6.5, graded.Score, 6);
        Assert.Equal([1, 2], graded.Copies.Select(copy => copy.AccountId));
    }

    [Fact]
    public void A_refit_lowers_what_condemns_wanted_mail_and_raises_what_tells_spam()
    {
        var messages = new List<KeptMessage>();
        // NOISE is in wanted mail as often as in spam; SIGN is in spam alone and weighs too little.
        for (var i = 0; i < 200; i++) messages.Add(Message(i, 0, false, i % 4 == 0 ? [("STATISTICS", 1.5), ("NOISE", 2.0)] : [("STATISTICS", -3.0)]));
        for (var i = 0; i < 200; i++) messages.Add(Message(1000 + i, 0, true, i % 4 == 0 ? [("STATISTICS", 1.0), ("SIGN", 1.5)] : [("STATISTICS", 1.5), ("SIGN", 1.5), ("NOISE", 2.0)]));
        var proposal = Refit.Fit(messages, new FilterOptions())!;
        Assert.True(proposal.Factors["NOISE"] < 1, string.Join(" ", proposal.Factors));
        Assert.True(proposal.Factors["SIGN"] > 1, string.Join(" ", proposal.Factors));
        Assert.True(proposal.LostHamThen <= proposal.LostHamNow && proposal.MissedSpamThen <= proposal.MissedSpamNow);
        Assert.True(proposal.LostHamThen < proposal.LostHamNow || proposal.MissedSpamThen < proposal.MissedSpamNow);
        // So few messages do not bear witness to one in a thousand.
        Assert.Equal(FilterOptions.DefaultJunkThreshold, proposal.JunkAt);
    }

    [Fact]
    public void Too_few_known_messages_make_no_proposal()
    {
        Assert.Null(Refit.Fit([.. Enumerable.Range(0, 40).Select(i => Message(i, 0, i % 2 == 0, ("SIGN", 1)))], new FilterOptions()));
    }

    [Fact]
    public void The_threshold_loses_no_more_wanted_mail_than_the_ceiling_allows()
    {
        var ham = Enumerable.Range(0, 5000).Select(i => Message(i, 0, false, ("STATISTICS", i < 4 ? 4.0 + i : -2.0))).ToList();
        var scores = new LabelledScores(new Dictionary<string, double>());
        foreach (var message in ham) scores.Add(message);
        var threshold = scores.Threshold(0.001);
        Assert.True(scores.OutcomeThen(threshold, 100).LostHam <= 5);
        Assert.True(threshold < 4.0);
    }

    [Fact]
    public async Task A_night_notes_what_people_kept_and_proposes_what_would_have_served_them_better()
    {
        await using var world = await EvidenceWorld.MakeAsync(new FilterOptions { JunkThreshold = 0.1, RejectThreshold = 100 });
        var kept = await world.ReceiveAsync(Note.Replace("fence", "gate", StringComparison.Ordinal), to: "bob");
        world.Mail.States[kept.Copies[0].EmailId] = CopyState.Touched;
        var untouched = await world.ReceiveAsync(Note, to: "bob");
        world.Time.Advance(TimeSpan.FromHours(30));
        await world.Evidence.NightAsync(Cancellation);
        var labels = (await KeptAsync(world)).ToDictionary(message => message.Copies[0].EmailId, message => message.Copies[0].Label);
        // The rest of what such a letter is judged by says junk, so only what came to the inbox can be kept.
        Assert.Equal(kept.Copies[0].Verdict.Disposition == Disposition.Accept ? KnownLabel.Kept : KnownLabel.None, labels[kept.Copies[0].EmailId]);
        Assert.Equal(KnownLabel.None, labels[untouched.Copies[0].EmailId]);

        for (var i = 0; i < 60; i++)
        {
            var name = i % 2 == 0 ? "alice" : "carol";
            var wanted = await world.ReceiveAsync(Note.Replace("Message-ID: <fence", $"Message-ID: <w{i}", StringComparison.Ordinal), "203.0.113.9", to: name);
            await world.Evidence.LabelAsync(world.Ids[name], wanted.Copies[0].EmailId, junk: false, Cancellation);
            var spam = await world.ReceiveAsync(Note.Replace("Date: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <fence@stranger.example>\n", "", StringComparison.Ordinal), "198.51.100.9", to: name);
            await world.Evidence.LabelAsync(world.Ids[name], spam.Copies[0].EmailId, junk: true, Cancellation);
        }
        await world.Evidence.NightAsync(Cancellation);
        var proposal = await Proposals.LatestAsync(world.Database, Cancellation);
        Assert.NotNull(proposal);
        Assert.True(proposal.LostHamThen < proposal.LostHamNow || proposal.MissedSpamThen < proposal.MissedSpamNow, proposal.InWords);
        Assert.True(proposal.LostHamThen <= proposal.LostHamNow && proposal.MissedSpamThen <= proposal.MissedSpamNow, proposal.InWords);
    }

    private static KeptMessage Message(long id, double score, bool? spam, params (string Symbol, double Weight)[] findings) => new(
        id, Letter.Arrived, "r", "m", "s@example.org", Disposition.Accept, score, [.. findings.Select(finding => new Finding(finding.Symbol, finding.Weight, ""))],
        [new KeptCopy(1, id, Disposition.Accept, 0, spam switch { true => KnownLabel.Spam, false => KnownLabel.Wanted, null => KnownLabel.None })]);

    private static async Task<List<KeptMessage>> KeptAsync(EvidenceWorld world)
    {
        var kept = new List<KeptMessage>();
        await foreach (var message in new FindingsBook(world.Database, world.Time).SinceAsync(DateTimeOffset.UnixEpoch, Cancellation)) kept.Add(message);
        return kept;
    }
}
