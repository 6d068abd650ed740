using Microsoft.Extensions.Time.Testing;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Verdicts;
using Sternpost.Storage;

namespace Sternpost.Unit.Filter.Lessons;

public sealed class AccountLessonsTests : IAsyncLifetime
{
    private const long Alice = 1;
    private const long Bob = 2;

    private static readonly FilterOptions Options = new();
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-lessons-").FullName;
    private readonly FakeTimeProvider time = new(Letter.Arrived);
    private readonly StatisticalClassifier classifier = new(DayZeroModel.Shipped);
    private Database database = null!;

    public async ValueTask InitializeAsync() => database = await Database.OpenAsync(folder, time, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_message_moved_to_Junk_sends_the_same_senders_next_similar_message_there()
    {
        var lessons = Lessons();
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Alice, Offer(2)));
        Assert.Equal(LessonOutcome.Learned, await lessons.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation));
        Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, Alice, Offer(2)));
    }

    [Fact]
    public async Task A_thousand_accounts_that_taught_take_a_bounded_share_of_memory()
    {
        const int Accounts = 1000;
        var lessons = Lessons();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var first = 1; first <= Accounts; first += 50)
        {
            await Task.WhenAll(Enumerable.Range(first, 50).Select(async account =>
            {
                for (var i = 0; i < 4; i++) await lessons.TeachAsync(account, Offer((account * 10) + i), junk: true, cancellation: Cancellation);
            }));
        }
        for (var account = 1; account <= Accounts; account++) Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, account, Offer(5)));
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{Accounts} accounts: {held >> 20} MB held, {Environment.WorkingSet >> 20} MB resident");
        // 500 MB are allowed for the whole server. These held 115 as tables of fixed size.
        Assert.InRange(held, 0, 40L << 20);
        GC.KeepAlive(lessons);
    }

    [Fact]
    public async Task What_one_account_teaches_changes_nothing_for_another()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Bob, Offer(2)));
    }

    [Fact]
    public async Task What_the_server_is_taught_holds_for_every_account_until_it_is_forgotten()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(AccountLessons.WholeServer, Offer(1), junk: true, cancellation: Cancellation);
        Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, Alice, Offer(2)));
        Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, Bob, Offer(2)));
        Assert.True(await lessons.ForgetAsync(AccountLessons.WholeServer, Offer(1), Cancellation));
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Bob, Offer(2)));
    }

    [Fact]
    public async Task An_account_may_disagree_with_the_server()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(AccountLessons.WholeServer, Offer(1), junk: true, cancellation: Cancellation);
        await lessons.TeachAsync(Alice, Offer(1), junk: false, cancellation: Cancellation);
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Alice, Offer(2)));
        Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, Bob, Offer(2)));
    }

    [Fact]
    public async Task Lessons_survive_a_restart()
    {
        await Lessons().TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        await database.DisposeAsync();
        database = await Database.OpenAsync(folder, time, Cancellation);
        Assert.Equal(Disposition.Junk, await VerdictAsync(Lessons(), Alice, Offer(2)));
    }

    [Fact]
    public async Task Another_process_sees_a_lesson_soon()
    {
        var (here, there) = (Lessons(), Lessons());
        Assert.Equal(Disposition.Accept, await VerdictAsync(here, Alice, Offer(2)));
        await there.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(Disposition.Junk, await VerdictAsync(here, Alice, Offer(2)));
    }

    [Fact]
    public async Task Forgetting_a_lesson_leaves_no_trace_of_it()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        Assert.True(await lessons.ForgetAsync(Alice, Offer(1), Cancellation));
        Assert.False(await lessons.ForgetAsync(Alice, Offer(1), Cancellation));
        Assert.Equal(0, await ShiftAsync(lessons, Alice, Offer(2)), 0.02f);
    }

    [Fact]
    public async Task Moving_a_message_back_from_Junk_replaces_the_lesson()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        await lessons.TeachAsync(Alice, Offer(1), junk: false, cancellation: Cancellation);
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Alice, Offer(2)));
    }

    [Fact]
    public async Task Spam_that_was_called_wanted_reaches_the_inbox_next_time()
    {
        var lessons = Lessons();
        Assert.Equal(Disposition.Junk, await VerdictAsync(lessons, Alice, Pills(2)));
        for (var i = 3; i < 6; i++) await lessons.TeachAsync(Alice, Pills(i), junk: false, cancellation: Cancellation);
        Assert.Equal(Disposition.Accept, await VerdictAsync(lessons, Alice, Pills(2)));
    }

    [Fact]
    public async Task The_credit_of_an_authenticated_sender_does_not_help_who_forges_the_address()
    {
        var lessons = Lessons();
        for (var i = 3; i < 6; i++) await lessons.TeachAsync(Alice, Authenticated(Pills(i)), junk: false, cancellation: Cancellation);
        var honest = await ShiftAsync(lessons, Alice, Pills(2), authenticated: true);
        var forged = await ShiftAsync(lessons, Alice, Pills(2), authenticated: false);
        Assert.True(forged > honest / 2, $"honest {honest}, forged {forged}");
    }

    [Fact]
    public async Task A_hundred_equal_lessons_move_no_message_beyond_the_bound()
    {
        var lessons = Lessons();
        for (var i = 0; i < 100; i++) await lessons.TeachAsync(Alice, Offer(i), junk: true, cancellation: Cancellation);
        Assert.InRange(await ShiftAsync(lessons, Alice, Offer(200)), 0, LessonRule.MaxShift);
    }

    [Fact]
    public async Task Nobody_teaches_more_than_one_person_can_mean()
    {
        var lessons = Lessons();
        for (var i = 0; i < LessonRule.MaxPerDay; i++) await lessons.TeachAsync(Alice, Short(i), junk: true, cancellation: Cancellation);
        Assert.Equal(LessonOutcome.TooMany, await lessons.TeachAsync(Alice, Short(-1), junk: true, cancellation: Cancellation));
        time.Advance(TimeSpan.FromDays(1.1));
        Assert.NotEqual(LessonOutcome.TooMany, await lessons.TeachAsync(Alice, Short(-1), junk: true, cancellation: Cancellation));
    }

    [Fact]
    public async Task Lessons_fade_with_the_years()
    {
        var lessons = Lessons();
        await lessons.TeachAsync(Alice, Offer(1), junk: true, cancellation: Cancellation);
        var fresh = await ShiftAsync(lessons, Alice, Offer(2));
        time.Advance(TimeSpan.FromDays(730));
        Assert.Equal(fresh / 4, await ShiftAsync(lessons, Alice, Offer(2)), 0.05f);
        await lessons.TeachAsync(Alice, Short(1), junk: true, cancellation: Cancellation);
        Assert.Equal(fresh / 4, await ShiftAsync(lessons, Alice, Offer(2)), 0.5f);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AccountLessons Lessons() => new(database, Options, classifier, time);

    private async Task<Disposition> VerdictAsync(AccountLessons lessons, long account, byte[] raw)
    {
        var panel = new JudgePanel(Options, StandardJudges.All(Options, null, classifier), lessons, time);
        var judgement = await panel.JudgeAsync(Letter.Judged(raw), Cancellation);
        return (await panel.ForAccountAsync(judgement, account, Cancellation)).Disposition;
    }

    private static async Task<float> ShiftAsync(AccountLessons lessons, long account, byte[] raw, bool authenticated = false)
    {
        var message = Letter.Judged(raw);
        return await lessons.ShiftAsync(account, LessonFeatures.Of(message, FeatureExtractor.Of(message), authenticated), Cancellation);
    }

    private static byte[] Authenticated(byte[] raw) => [.. "Authentication-Results: mx.example.com; dmarc=pass header.from=shop.example\r\n"u8, .. raw];

    private static byte[] Offer(int number) => Letter.Octets($"""
        From: Garden Shop <letter@shop.example>
        To: alice@example.com
        Subject: Our letter number {number}: seeds and tools
        Message-ID: <{number}.letter@shop.example>
        Date: Mon, 04 May 2026 10:00:00 +0000
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8

        Dear friend of the garden,

        this is letter number {number}. In this month we have tulips, spades and watering cans for you,
        and our nursery in the valley is open on Saturdays.

        The people of the garden shop
        """);

    private static byte[] Pills(int number) => Letter.Octets($"""
        From: "Online Pharmacy" <offers@shop.example>
        To: alice@example.com
        Subject: Viagra Cialis 80% OFF - order {number} now, no prescription needed!!!
        Message-ID: <{number}.pills@shop.example>
        Date: Mon, 04 May 2026 10:00:00 +0000
        MIME-Version: 1.0
        Content-Type: text/html; charset=iso-8859-1

        <html><body><b>CHEAP VIAGRA, CIALIS, LEVITRA</b> Save up to 80% on all your meds! No prescription required!
        <a href="http://pills.example/{number}">CLICK HERE TO ORDER NOW</a> Limited time offer, buy now and save big money!</body></html>
        """);

    private static byte[] Short(int number) => Letter.Octets($"""
        From: Somebody <somebody{number}@elsewhere.example>
        Subject: Note {number}
        Message-ID: <{number}@elsewhere.example>
        Date: Mon, 04 May 2026 10:00:00 +0000

        A note.
        """);
}
