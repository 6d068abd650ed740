using System.CommandLine;
using Sternpost.Queue;
using Sternpost.Tracing;

namespace Sternpost.Commands;

/// <summary><c>trace</c>: what became of a message, step by step. Works on the database, so it does not matter whether the server runs.</summary>
internal static class TraceCommand
{
    private const int UsualLimit = 20;

    private static readonly Argument<string[]> Query = new("query")
    {
        Description = "What you know of the message: an address, a domain, a Message-ID, the id or reference that a reply or bounce quotes, words of the subject. All must hold. Nothing shows the newest.",
        HelpName = "QUERY",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<TimeSpan?> Since = new("--since") { Description = "Only mail of the last while, for example 12h or 7d.", HelpName = "DURATION", CustomParser = Inputs.ParseDuration };
    private static readonly Option<TimeSpan?> Until = new("--until") { Description = "Only mail older than that.", HelpName = "DURATION", CustomParser = Inputs.ParseDuration };
    private static readonly Option<int> Limit = new("--limit") { Description = "Messages at most, the newest first.", HelpName = "N", DefaultValueFactory = _ => UsualLimit };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("trace", "Shows what became of a message: who brought it, why it was refused or where it was put, every attempt to pass it on, and what can be done.")
        {
            Query, Since, Until, Limit, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult result, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        var now = TimeProvider.System.GetUtcNow();
        var query = string.Join(' ', result.GetValue(Query) ?? []);
        var since = result.GetValue(Since) is { } ago ? now - ago : DateTimeOffset.UnixEpoch;
        var until = result.GetValue(Until) is { } before ? now - before : now + TimeSpan.FromDays(1);
        var limit = result.GetValue(Limit);
        var found = await TraceSearch.FindAsync(installation.Database, query, since, until, limit, cancellation);
        if (result.GetValue(Json))
        {
            Console.Out.WriteLine(Facts.Json(found.Select(TrailFact.Of)));
            return;
        }
        if (found.Count == 0)
        {
            await Console.Error.WriteLineAsync(query.Length == 0
                ? "No message has passed yet."
                : $"No message is known by '{query}'. Each word must be whole; try fewer, or only the domain. What is older than storage.keep_traces is forgotten, and a message that never reached this server has left no trace here: then its sender's server holds it.");
            return;
        }
        foreach (var trail in found) Print(trail);
        if (found.Count == limit) await Console.Error.WriteLineAsync($"The newest {limit} are shown; --limit shows more.");
    }

    private static void Print(FoundTrail trail)
    {
        Console.Out.WriteLine($"{QueueId.Format(trail.Id)}  from {(trail.Sender.Length > 0 ? trail.Sender : "<>")}{(trail.Subject.Length > 0 ? $"  \"{trail.Subject}\"" : "")}");
        if (trail.MessageId.Length > 0) Console.Out.WriteLine($"  Message-ID {trail.MessageId}");
        if (trail.Session.Length > 0) Console.Out.WriteLine($"  Reference  {trail.Session}");
        foreach (var (at, step) in trail.Steps)
        {
            Console.Out.WriteLine($"  {at.UtcDateTime:u}  {Word(step.Kind),-9}  {step.What}");
            if (step.Advice.Length > 0) Console.Out.WriteLine($"  {"",20}  {"",-9}  {step.Advice}");
        }
        Console.Out.WriteLine();
    }

    private static string Word(StepKind kind) => kind.ToString().ToLowerInvariant();

    private sealed record TrailFact(string Id, string Session, string Sender, string MessageId, string Subject, IReadOnlyList<StepFact> Steps)
    {
        internal static TrailFact Of(FoundTrail trail) =>
            new(QueueId.Format(trail.Id), trail.Session, trail.Sender, trail.MessageId, trail.Subject, [.. trail.Steps.Select(step => new StepFact(step.At, step.Step.Kind, step.Step.Recipient, step.Step.What, step.Step.Advice))]);
    }

    private sealed record StepFact(DateTimeOffset At, StepKind Kind, string Recipient, string What, string Advice);
}
