using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Judges.LocalLists;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter;

public sealed class CorpusTests
{
    private static readonly FilterOptions Options = new() { OwnNames = ["mx.example.com"], Allow = ListOf("203.0.113.250", "allowed.example"), Deny = ListOf("198.51.100.248/29", "denied.example") };
    private static readonly JudgePanel Panel = new(Options, StandardJudges.All(Options, null, new StatisticalClassifier(DayZeroModel.Shipped)), null, TimeProvider.System);

    public static TheoryData<string> Names => [.. CorpusMail.All().Select(mail => mail.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_message_of_the_corpus_has_just_its_symbols_and_verdict(string name)
    {
        var mail = CorpusMail.All().Single(mail => mail.Name == name);
        var judgement = await Panel.JudgeAsync(mail.UnderJudgement(), TestContext.Current.CancellationToken);
        var found = judgement.Verdict.Findings.Select(finding => finding.Symbol).Where(symbol => symbol != VerdictRule.StatisticalSymbol);
        Assert.Equal(string.Join(", ", mail.Expected), string.Join(", ", new SortedSet<string>(found, StringComparer.Ordinal)));
        if (mail.Verdict is { } verdict) Assert.True(string.Equals(verdict, judgement.Verdict.Disposition.ToString(), StringComparison.OrdinalIgnoreCase), judgement.Verdict.ToHeaderValue());
    }

    [Fact]
    public void Every_symbol_that_needs_no_network_has_a_message()
    {
        var known = StandardJudges.All(Options, null, new StatisticalClassifier(null)).SelectMany(judge => judge.Symbols).Select(symbol => symbol.Name);
        var shown = CorpusMail.All().SelectMany(mail => mail.Expected).ToHashSet(StringComparer.Ordinal);
        // A header of thousands of fields is made in HostileMessageTests instead of being kept in a file, bombs and lists in the tests of Malware; the rest needs DNS or a server's history.
        Assert.Empty(known.Except(shown).Except([VerdictRule.StatisticalSymbol, "ATTACHMENT_BOMB", "ATTACHMENT_LISTED", "HEADER_TOO_MANY", "LOCAL_ALLOW", "STRANGER_ASKS_MONEY", "STRANGER_SENDS_PROGRAM", "THREAD_HIJACK"]));
    }

    private static LocalList ListOf(params string[] entries)
    {
        var list = new LocalList();
        Assert.All(entries, entry => Assert.True(list.TryAdd(entry)));
        return list;
    }
}
