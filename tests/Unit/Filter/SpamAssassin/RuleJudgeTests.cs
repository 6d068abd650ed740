using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Unit.Filter.SpamAssassin;

public sealed class RuleJudgeTests
{
    private const string Text = "From: Ann <ann@sender.example>\nSubject: Cheap watches\n\nBuy now.\n";

    [Fact]
    public void Without_rules_there_is_no_such_judge() =>
        Assert.DoesNotContain(StandardJudges.All(new FilterOptions(), null, new StatisticalClassifier(null)), judge => judge.Name == "spamassassin");

    [Fact]
    public async Task Hits_are_one_finding_whose_points_are_scaled_and_bounded()
    {
        var one = await FindAsync("body A /Buy/\nscore A 2.5\nbody __B /now/\ndescribe A Sells\n", every: true);
        Assert.Equal(1.5, one.Weight, 3);
        Assert.Equal(("2.5", "A", "__B"), (one.Data!["points"], one.Data["rules"], one.Data["subrules"]));
        Assert.Contains("A 2.5", one.Explanation, StringComparison.Ordinal);
        Assert.Equal(("2.5", "A", ""), (await FindAsync("body A /Buy/\nscore A 2.5\nbody __B /now/\n")).Data is { } quick ? (quick["points"], quick["rules"], quick["subrules"]) : default);
        var many = await FindAsync("body A /Buy/\nscore A 1000\n");
        Assert.Equal(7.2, many.Weight, 3);
    }

    [Fact]
    public async Task A_message_in_its_session_has_the_received_field_it_will_have()
    {
        var finding = await FindAsync("header A X-Spam-Relays-External =~ /^\\[ ip=192\\.0\\.2\\.7 rdns= helo=h /\nheader B EnvelopeFrom =~ /^sender\\@example\\.org$/\n");
        Assert.Equal("A,B", finding.Data!["rules"]);
    }

    private static async Task<Sternpost.Filter.Verdicts.Finding> FindAsync(string rules, bool every = false)
    {
        var judge = StandardJudges.All(new FilterOptions { Rules = RuleText.Set(rules), EveryRule = every }, null, new StatisticalClassifier(null)).Single(judge => judge.Name == "spamassassin");
        return Assert.Single(await judge.JudgeAsync(Letter.Judged(Text, Letter.Session("192.0.2.7", "h")), default));
    }
}
