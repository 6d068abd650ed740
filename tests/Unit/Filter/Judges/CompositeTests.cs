using CsCheck;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Judges.Composites;

namespace Sternpost.Unit.Filter.Judges;

public sealed class CompositeTests
{
    [Theory]
    [InlineData("A", "A", true)]
    [InlineData("A & B", "A", false)]
    [InlineData("A & (B | !C)", "A", true)]
    [InlineData("A & (B | !C)", "A C", false)]
    [InlineData("A & (B | !C)", "A B C", true)]
    [InlineData("A | B & C", "A", true)]
    [InlineData("A || B && C", "B", false)]
    [InlineData("!A", "", true)]
    [InlineData("!!A", "A", true)]
    [InlineData("A > 0.5", "A", true)]
    [InlineData("A > 1.5", "A", false)]
    [InlineData("A < 1.5 & !(B)", "A", true)]
    [InlineData("B > -3", "A", false)]
    public void An_expression_holds_as_it_reads(string expression, string found, bool holds)
    {
        var names = found.Split(' ');
        var parsed = CompositeExpression.Parse(expression, out var problem);
        Assert.True(parsed is not null, problem);
        Assert.Equal(holds, parsed.Holds(symbol => names.Contains(symbol) ? 1.0 : null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("A &")]
    [InlineData("(A")]
    [InlineData("A B")]
    [InlineData("A > x")]
    [InlineData("A ^ B")]
    [InlineData("& A")]
    public void What_is_no_expression_is_told_from_one(string text)
    {
        Assert.Null(CompositeExpression.Parse(text, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void No_text_makes_reading_fail_otherwise_than_by_saying_so()
    {
        Gen.String[Gen.Char["AB&|!()>< 01.-\u00e4"], 0, 200].Sample(text =>
        {
            var parsed = CompositeExpression.Parse(text, out var problem);
            Assert.True(parsed is not null ? problem.Length == 0 : problem.Length > 0, text);
            parsed?.Holds(symbol => symbol == "A" ? 1.0 : null);
        });
        Assert.Null(CompositeExpression.Parse(new string('(', 1000) + "A" + new string(')', 1000), out _));
        Assert.Null(CompositeExpression.Parse(new string('!', 1000) + "A", out _));
    }

    [Fact]
    public async Task The_administrators_composite_is_found_and_weighs()
    {
        var composite = Composite.Parse("NO_DATE_NO_ID 2.5 DATE_MISSING & MESSAGE_ID_MISSING ; It has neither a date nor an id.", out var problem);
        Assert.True(composite is not null, problem);
        var options = new FilterOptions { Composites = [composite] };
        var panel = new JudgePanel(options, StandardJudges.All(options, null, new StatisticalClassifier(null)), null, TimeProvider.System);
        var verdict = (await panel.JudgeAsync(Letter.Judged("From: a@b.example\nSubject: x\n\nHello.\n"), TestContext.Current.CancellationToken)).Verdict;
        var finding = verdict.Findings.Single(finding => finding.Symbol == "NO_DATE_NO_ID");
        Assert.Equal((2.5, "It has neither a date nor an id."), (finding.Weight, finding.Explanation));
        var other = (await panel.JudgeAsync(Letter.Judged("From: a@b.example\nSubject: x\nDate: Mon, 4 May 2026 12:00:00 +0000\n\nHello.\n"), TestContext.Current.CancellationToken)).Verdict;
        Assert.DoesNotContain(other.Findings, finding => finding.Symbol == "NO_DATE_NO_ID");
    }

    [Theory]
    [InlineData("NAME")]
    [InlineData("name 1 A")]
    [InlineData("NAME x A")]
    [InlineData("NAME 1000 A")]
    [InlineData("NAME 1 A &")]
    public void A_line_that_is_no_composite_is_refused_with_a_reason(string line)
    {
        Assert.Null(Composite.Parse(line, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Shipped_composites_name_symbols_that_exist()
    {
        var known = StandardJudges.UsualWeights(new FilterOptions()).Keys.ToHashSet();
        Assert.All(Composite.Shipped, composite => Assert.All(composite.Expression.Symbols, symbol => Assert.Contains(symbol, known)));
    }
}
