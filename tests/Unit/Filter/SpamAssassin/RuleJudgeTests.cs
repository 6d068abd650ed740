using System.Text;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Judges;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Messages.Addresses;

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

    [Fact]
    public async Task A_message_from_a_file_is_judged_with_the_trace_that_the_server_wrote_who_stored_it()
    {
        const string Trace = "Return-Path: <ann@sender.example>\r\nReceived: from h (mail.sender.example [192.0.2.7])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4XyZ12;\r\n\tMon, 4 May 2026 12:00:00 +0000\r\n";
        var judge = JudgeOf("header A Received =~ /by mx\\.example\\.net \\(Postfix\\) with ESMTPS id 4XyZ12/\nheader B EnvelopeFrom =~ /^ann\\@sender\\.example$/\nheader C Received =~ /localhost\\.invalid/\n", every: false);
        var message = new Arrival().Arriving(Encoding.ASCII.GetBytes(Trace + Text), "t", TimeProvider.System);
        Assert.Equal(Text.Replace("\n", "\r\n", StringComparison.Ordinal), Encoding.ASCII.GetString(message.Raw.Span));
        Assert.Equal("A,B", Assert.Single(await judge.JudgeAsync(message, default)).Data!["rules"]);
        // A front says the reverse-path beside the message. Where the client wrote one below the trace as well none is believed, as SpamAssassin has it.
        Assert.True(EmailAddress.TryParse("ann@sender.example", out var sender));
        var received = Trace[Trace.IndexOf("Received", StringComparison.Ordinal)..];
        Assert.Equal("A,B", await RulesOf(received + Text));
        Assert.Equal("A", await RulesOf(received + "Return-Path: <forged@other.example>\r\n" + Text));

        async Task<string> RulesOf(string text) =>
            Assert.Single(await judge.JudgeAsync(new Arrival { MailFrom = sender }.Arriving(Encoding.ASCII.GetBytes(text), "t", TimeProvider.System), default)).Data!["rules"];
    }

    private static IJudge JudgeOf(string rules, bool every) =>
        StandardJudges.All(new FilterOptions { Rules = RuleText.Set(rules), EveryRule = every }, null, new StatisticalClassifier(null)).Single(judge => judge.Name == "spamassassin");

    private static async Task<Sternpost.Filter.Verdicts.Finding> FindAsync(string rules, bool every = false)
    {
        return Assert.Single(await JudgeOf(rules, every).JudgeAsync(Letter.Judged(Text, Letter.Session("192.0.2.7", "h")), default));
    }
}
