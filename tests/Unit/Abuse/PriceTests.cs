using CsCheck;
using Sternpost.Abuse.Trust;

namespace Sternpost.Unit.Abuse;

/// <summary>What unusual mail costs: the table of docs/limits.md.</summary>
public sealed class PriceTests
{
    private static readonly Habits Known = new() { Days = 20, UsualExternal = 12, UsualFresh = 2, HasHome = true, IsAtHome = true };
    private static readonly Habits Away = Known with { IsAtHome = false };

    [Fact]
    public void As_always_costs_nothing_however_it_reads()
    {
        Assert.Equal(0, Price.Of(Known, 0, 12, 2).Cost);
        Assert.Equal(0, Price.Of(Known with { KnowsProgram = false, KnowsHour = false, KnowsScript = false, KnowsLinks = false }, 9, 12, 2).Cost);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 0, 1.6)]
    [InlineData(10, 2, 3.6)]
    [InlineData(30, 30, 30)]
    [InlineData(40, 0, 4.4 + 18)]
    public void From_elsewhere_strangers_cost_one_and_friends_a_fifth_up_to_what_is_usual(int external, int fresh, double cost) => Assert.Equal(cost, Price.Of(Away, 0, external, fresh).Cost, 6);

    [Fact]
    public void At_home_only_more_than_ever_costs()
    {
        Assert.Equal(0, Price.Of(Known, 0, 10, 10).Cost);
        Assert.Equal(5, Price.Of(Known, 0, 15, 15).Cost);
        Assert.Equal(5, Price.Of(Known with { TodayFresh = 10, TodayExternal = 10 }, 0, 5, 5).Cost);
        // A newsletter whose list grew by half as many as in its best week.
        Assert.Equal(0, Price.Of(Known with { UsualExternal = 500, UsualFresh = 40 }, 6, 700, 60).Cost);
    }

    [Fact]
    public void A_new_account_may_write_to_some_strangers() => Assert.Equal(4, Price.Of(new Habits(), 0, 10, 10).Cost);

    [Fact]
    public void Spam_is_what_reads_like_it_beyond_the_senders_usual()
    {
        Assert.Equal(1, Price.Of(Away with { UsualScore = 3 }, 4.5, 1, 1).Cost);
        Assert.Equal(1.5, Price.Of(Away, 3, 1, 1).Cost);
        Assert.Equal(2, Price.Of(Away, 4.5, 1, 1).Cost);
    }

    [Fact]
    public void A_price_is_never_less_for_more_recipients_never_above_three_times_and_always_explained() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200], Gen.Int[0, 60], Gen.Double[-10, 10], Gen.Bool, Gen.Int[0, 400]).Sample((external, more, days, score, home, today) =>
        {
            var habits = new Habits
            {
                Days = days,
                UsualExternal = 20,
                UsualFresh = 5,
                TodayExternal = today,
                TodayFresh = today / 4,
                HasHome = true,
                IsAtHome = home,
                KnowsProgram = home,
                KnowsHour = days % 2 == 0,
                KnowsScript = days % 3 == 0,
                KnowsLinks = days % 5 == 0,
            };
            var fresh = external / 2;
            var (few, many) = (Price.Of(habits, score, external, fresh), Price.Of(habits, score, external + more, fresh + more));
            Assert.True(few.Cost >= 0 && many.Cost >= few.Cost - 1e-9);
            Assert.True(many.Cost <= 3 * (external + more) + 1e-9);
            Assert.Equal(few.Cost > 0, few.Reasons.Count > 0);
        });
}
