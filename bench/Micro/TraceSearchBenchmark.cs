using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Micro;

/// <summary>What <c>trace</c> costs on a server with a million steps written down: 250,000 messages of four steps each.</summary>
[MemoryDiagnoser]
public class TraceSearchBenchmark
{
    private const int Messages = 250_000;
    private const int Together = 5_000;

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-trace-bench-").FullName;
    private Database database = null!;

    [GlobalSetup]
    public async Task FillAsync()
    {
        database = await Database.OpenAsync(folder, TimeProvider.System, default);
        await using var book = new TraceBook(database, TimeProvider.System, NullLogger<TraceBook>.Instance);
        for (var begin = 0; begin < Messages; begin += Together)
        {
            var first = begin;
            await database.WriteAsync(
                sql =>
                {
                    for (var i = first; i < first + Together; i++) Write(sql, book, i);
                    return 0;
                },
                default);
        }
    }

    [GlobalCleanup]
    public async Task CleanAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>An address with a few dozen messages.</summary>
    [Benchmark]
    public async Task<int> Address() => (await FindAsync("sender777@far77.example")).Count;

    /// <summary>A Message-ID.</summary>
    [Benchmark]
    public async Task<int> MessageId() => (await FindAsync("m123456@far.example")).Count;

    /// <summary>A domain that all mail has, and a word that few subjects have.</summary>
    [Benchmark]
    public async Task<int> CommonAndRare() => (await FindAsync("here.example 4711")).Count;

    private static void Write(Sql sql, TraceBook book, int i)
    {
        var to = $"user{i % 1000}@here.example";
        var trail = new Trail { Id = i + 1, Session = $"s{i}.1", Name = $"n{i}", Client = $"192.0.{i % 200}.7", Sender = $"sender{i % 10_000}@far{i % 100}.example", Recipients = [to] }
            .Of(System.Text.Encoding.ASCII.GetBytes($"Message-ID: <m{i}@far.example>\r\nSubject: Order {i % 20_000} of last week\r\nFrom: Shop {i % 500} <shop@far.example>\r\n\r\n"));
        book.Begin(trail, [new(StepKind.Accepted, "", "It came."), new(StepKind.Queued, to, "It waits."), new(StepKind.Deferred, to, "Not yet."), new(StepKind.Delivered, to, "It went.")])(sql);
    }

    private ValueTask<List<FoundTrail>> FindAsync(string query) => TraceSearch.FindAsync(database, query, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, 20, default);
}
