using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Unit.Tracing;

public sealed class TraceTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-trace-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
    private Database database = null!;
    private TraceBook book = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await Database.OpenAsync(folder, time, Cancellation);
        book = new TraceBook(database, time, NullLogger<TraceBook>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await book.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("carol@far.example")]
    [InlineData("CAROL@FAR.EXAMPLE")]
    [InlineData("far.example")]
    [InlineData("<carol@far.example>")]
    [InlineData("alice@here.example")]
    [InlineData("here.example")]
    [InlineData("abc.def-1@far.example")]
    [InlineData("<abc.def-1@far.example>")]
    [InlineData("4kq7")]
    [InlineData("zx81.3")]
    [InlineData("zx81")]
    [InlineData("192.0.2.7")]
    [InlineData("Grüße")]
    [InlineData("invoice-4711")]
    [InlineData("4711")]
    [InlineData("invoice-4711 alice@here.example")]
    public async Task A_message_is_found_by_whatever_people_remember(string query)
    {
        await WriteAsync(Letter(1), new Step(StepKind.Accepted, "", "It came."));
        Assert.Equal(1, Assert.Single(await FindAsync(query)).Id);
    }

    [Theory]
    [InlineData("dave@far.example")]
    [InlineData("far")]
    [InlineData("invoice-4711 bob@here.example")]
    [InlineData("carol@far.exam")]
    public async Task And_not_by_what_it_does_not_have(string query)
    {
        await WriteAsync(Letter(1), new Step(StepKind.Accepted, "", "It came."));
        Assert.Empty(await FindAsync(query));
    }

    [Fact]
    public async Task Steps_come_in_order_with_their_times()
    {
        await WriteAsync(Letter(database.NextId()), new Step(StepKind.Accepted, "", "It came."), new Step(StepKind.Queued, "bob@far.example", "It waits."));
        var id = Assert.Single(await FindAsync("4711")).Id;
        time.Advance(TimeSpan.FromMinutes(5));
        await database.WriteAsync(sql => { book.Write(sql, id, new Step(StepKind.Delivered, "bob@far.example", "It went.", "Be glad.")); return 0; }, Cancellation);
        var trail = Assert.Single(await FindAsync("carol@far.example"));
        Assert.Equal([StepKind.Accepted, StepKind.Queued, StepKind.Delivered], trail.Steps.Select(step => step.Step.Kind));
        Assert.Equal(time.GetUtcNow(), trail.Steps[2].At);
        Assert.Equal("Be glad.", trail.Steps[2].Step.Advice);
        Assert.Equal("Grüße zu invoice-4711", trail.Subject);
    }

    [Fact]
    public async Task A_refusal_written_behind_is_there_when_the_book_is_closed()
    {
        book.Note(Letter(0), new Step(StepKind.Refused, "alice@here.example", "550 5.1.1 There is no such mailbox"));
        await book.DisposeAsync();
        Assert.Equal(StepKind.Refused, Assert.Single(Assert.Single(await FindAsync("alice@here.example")).Steps).Step.Kind);
    }

    [Fact]
    public async Task What_is_old_is_forgotten_with_its_terms_and_what_is_newer_stays()
    {
        for (var i = 0; i < 450; i++) await WriteAsync(Letter(database.NextId()), new Step(StepKind.Accepted, "", "It came."));
        time.Advance(TimeSpan.FromDays(20));
        var kept = database.NextId();
        await WriteAsync(Letter(kept), new Step(StepKind.Accepted, "", "It came."));
        time.Advance(TimeSpan.FromDays(11));
        await using var upkeep = new TraceUpkeep(database, TimeSpan.FromDays(30), time, NullLogger<TraceUpkeep>.Instance);
        await upkeep.ForgetAsync(Cancellation);
        Assert.Equal(kept, Assert.Single(await FindAsync("far.example")).Id);
        Assert.Equal(1, await database.ReadAsync(sql => sql.First($"select count(*) from trails", row => row.GetInt64(0)), Cancellation));
        Assert.Equal(1, await database.ReadAsync(sql => sql.First($"select count(distinct trail_id) from trail_terms", row => row.GetInt64(0)), Cancellation));
        Assert.Equal(1, await database.ReadAsync(sql => sql.First($"select count(*) from trail_steps", row => row.GetInt64(0)), Cancellation));
    }

    [Fact]
    public async Task Times_bound_a_search_and_the_newest_come_first()
    {
        List<long> ids = [];
        for (var day = 0; day < 5; day++)
        {
            ids.Add(database.NextId());
            await WriteAsync(Letter(ids[^1]), new Step(StepKind.Accepted, "", "It came."));
            time.Advance(TimeSpan.FromDays(1));
        }
        var now = time.GetUtcNow();
        var found = await TraceSearch.FindAsync(database, "far.example", now - TimeSpan.FromDays(4.5), now - TimeSpan.FromDays(1.5), 10, Cancellation);
        Assert.Equal([ids[3], ids[2], ids[1]], found.Select(trail => trail.Id));
        Assert.Equal([ids[4], ids[3]], (await TraceSearch.FindAsync(database, "", DateTimeOffset.UnixEpoch, now, 2, Cancellation)).Select(trail => trail.Id));
    }

    [Fact]
    public void A_hostile_header_costs_little_and_yields_bounded_plain_text()
    {
        var subject = string.Concat(Enumerable.Repeat("=?utf-8?q?=00=0D=0A=41?= ", 20_000));
        var message = Encoding.ASCII.GetBytes($"X: {new string('x', 200_000)}\r\nSubject: {subject}\r\n\r\nbody");
        var started = Stopwatch.GetTimestamp();
        var trail = new Trail().Of(message);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        Assert.InRange(trail.Subject.Length, 1, 400);
        Assert.DoesNotContain(trail.Subject, char.IsControl);
        Assert.Equal("", new Trail().Of("no header at all"u8).Subject);
        Assert.Equal("", new Trail().Of(""u8).Subject);
        Assert.Equal("", new Trail().Of("\r\nSubject: of the body\r\n"u8).Subject);
    }

    private static Trail Letter(long id) => new Trail
    {
        Id = id,
        Session = "zx81.3",
        Name = "4kq7",
        Client = "192.0.2.7",
        Sender = "carol@far.example",
        Recipients = ["alice@here.example"],
    }.Of(Encoding.UTF8.GetBytes("Received: by x\r\nSUBJECT: =?utf-8?q?Gr=C3=BC=C3=9Fe?= zu\r\n invoice-4711\r\nMessage-ID: <abc.def-1@far.example>\r\nFrom: Carol <carol@far.example>\r\n\r\nHello\r\n"));

    private async Task WriteAsync(Trail trail, params Step[] steps)
    {
        var write = book.Begin(trail, steps);
        await database.WriteAsync(sql => { write(sql); return 0; }, Cancellation);
    }

    private async Task<List<FoundTrail>> FindAsync(string query) =>
        await TraceSearch.FindAsync(database, query, DateTimeOffset.UnixEpoch, time.GetUtcNow() + TimeSpan.FromDays(1), 20, Cancellation);
}
