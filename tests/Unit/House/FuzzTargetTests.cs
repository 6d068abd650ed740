using System.Runtime.CompilerServices;
using Sternpost.Fuzz.Engine;
using Sternpost.Fuzz.Targets;

namespace Sternpost.Unit.House;

/// <summary>Each fuzz target for a moment, so that none rots. The long runs and their figures: docs/fuzzing.md.</summary>
public sealed class FuzzTargetTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(400);

    public static IEnumerable<TheoryDataRow<string>> Targets() => AllTargets.List.Select(target => new TheoryDataRow<string>(target.Name));

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_finds_nothing_in_a_moment(string name)
    {
        var target = AllTargets.List.Single(target => target.Name == name);
        // Other tests run beside this one, so time counts only where it is out of all proportion.
        var outcome = new FuzzRun(target with { Time = target.Time * 20 }, Coverage.None, seed: 1).For(Moment);
        Assert.True(outcome.Executions > 0);
        Assert.True(outcome.Findings.Count == 0, string.Join('\n', outcome.Findings));
    }

    [Fact]
    public void What_a_target_throws_is_a_finding_and_a_sum_that_runs_away_is_another()
    {
        var throwing = new FuzzTarget("throwing", "", ThrowWhereLong) { Seeds = ["abcd"] };
        var greedy = new FuzzTarget("greedy", "", input => GC.KeepAlive(new byte[input.Length * 1000])) { Seeds = [new string('a', 100)], Allocation = 50_000 };

        Assert.Equal("InvalidOperationException", Assert.Single(new FuzzRun(throwing, Coverage.None, 1).For(Moment).Findings).Kind);
        Assert.Contains(new FuzzRun(greedy, Coverage.None, 1).For(Moment).Findings, finding => finding.Kind == "allocates");
    }

    // A finding is known by where it was thrown: put into its caller by the compiler half way through, it would be another.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowWhereLong(byte[] input)
    {
        if (input.Length > 3) throw new InvalidOperationException("too long");
    }
}
