using System.CommandLine;
using Sternpost.Desk;
using Sternpost.Queue;
using Sternpost.Reports.Complaints;
using Sternpost.Tracing;

namespace Sternpost.Commands;

/// <summary><c>abuse list|show|close</c>.</summary>
internal static class AbuseCommand
{
    public static Command Create() => new("abuse", "Complaints that came to abuse and postmaster, with the message and the account they are about.") { List(), Show(), Close() };

    private static Argument<string> Id() => new("id") { Description = "The case, as 'abuse list' names it.", HelpName = "ID" };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Closed cases, too." };
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the open cases.") { all, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var facts = (await new CaseBook(installation.Database, TimeProvider.System).ListAsync(result.GetValue(all), cancellation)).Select(CaseFact.Of).ToList();
            Facts.PrintList(facts, result.GetValue(json), "There are no open complaints.",
                ("ID", fact => fact.Id), ("RECEIVED", fact => fact.Received.ToString("u")), ("FROM", fact => fact.Reporter + (fact.Proved ? "" : " (not proved)")), ("ABOUT", fact => fact.Account.Length > 0 ? fact.Account : "not found"),
                ("KIND", fact => fact.Category.Length > 0 ? $"{fact.Kind.ToString().ToLowerInvariant()}: {fact.Category}" : fact.Kind.ToString().ToLowerInvariant()), ("SUBJECT", fact => fact.Subject));
        });
        return command;
    }

    private static Command Show()
    {
        var (id, json) = (Id(), CommonOptions.Json());
        var command = new Command("show", "Shows a case: what was said, the message of ours, its way, and what can be done.") { id, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var found = await FindAsync(installation, result.GetRequiredValue(id), cancellation);
            var fact = CaseFact.Of(found);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(Facts.Json(fact));
                return;
            }
            Facts.PrintOne(fact, false, ("Case", fact.Id), ("Received", fact.Received.ToString("u")), ("From", fact.Reporter + (fact.Proved ? "" : " (not proved; anybody can write that)")),
                ("Form", fact.Kind.ToString().ToLowerInvariant()), ("Complains of", fact.Category.Length > 0 ? fact.Category : "see below"), ("Account", fact.Account.Length > 0 ? fact.Account : "not found"),
                ("Subject", fact.Subject), ("Message-ID", fact.MessageId), ("Message", fact.Message ?? "not found among the traces"), ("State", fact.Closed is { } closed ? $"closed {closed:u}. {fact.Note}" : "open"));
            if (found.TrailId is { } trail && await TraceSearch.FindAsync(installation.Database, QueueId.Format(trail), DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow, 1, cancellation) is [var way])
            {
                Console.Out.WriteLine();
                foreach (var step in way.Steps) Console.Out.WriteLine($"  {step.At:u}  {step.Step.What}");
            }
            Console.Out.WriteLine();
            Console.Out.WriteLine(found.Excerpt.TrimEnd());
            Console.Out.WriteLine();
            Console.Out.WriteLine(fact.Account.Length > 0
                ? $"Is it spam? Stop it: sternpost account suspend {fact.Account} (a site: sternpost site block {fact.Account}). What else it sent: sternpost trace {fact.Account}. Then: sternpost abuse close {fact.Id} --note …"
                : $"Look for it by what you know: sternpost trace WORDS. Where it is nothing of ours: sternpost abuse close {fact.Id}");
        });
        return command;
    }

    private static Command Close()
    {
        var id = Id();
        var note = new Option<string>("--note") { Description = "What was done, for whoever looks later.", DefaultValueFactory = _ => "" };
        var command = new Command("close", "Closes a case.") { id, note };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var found = await FindAsync(installation, result.GetRequiredValue(id), cancellation);
            if (!await new CaseBook(installation.Database, TimeProvider.System).CloseAsync(found.Id, result.GetRequiredValue(note), cancellation)) throw new OperationFailedException("The case is closed already.");
            await Console.Error.WriteLineAsync("The case is closed.");
        });
        return command;
    }

    private static async Task<ComplaintCase> FindAsync(Installation installation, string id, CancellationToken cancellation) =>
        QueueId.TryParse(id, out var number) && await new CaseBook(installation.Database, TimeProvider.System).FindAsync(number, cancellation) is { } found
            ? found
            : throw new OperationFailedException($"There is no case {id}. See them with: sternpost abuse list --all");

    private sealed record CaseFact(
        string Id, DateTimeOffset Received, ComplaintKind Kind, string Reporter, bool Proved, string Category, string Account, string? Message, string MessageId, string Subject, string Excerpt, DateTimeOffset? Closed, string Note)
    {
        public static CaseFact Of(ComplaintCase kept) => new(QueueId.Format(kept.Id), kept.Received, kept.Kind, kept.Reporter, kept.Proved, kept.Category, kept.Account, kept.TrailId is { } trail ? QueueId.Format(trail) : null, kept.MessageId, kept.Subject, kept.Excerpt, kept.Closed, kept.Note);
    }
}
