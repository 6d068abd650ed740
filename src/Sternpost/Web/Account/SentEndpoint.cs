using Microsoft.AspNetCore.Http;
using Sternpost.Queue;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Web.Account;

/// <summary>
/// Where the mail of an account is that it sent: each message with what became of it for each recipient. Into which folder a recipient of this server got it is
/// that recipient's own affair, and not said.
/// </summary>
internal sealed class SentEndpoint(Database database)
{
    private const int Most = 50;
    private const int MostFates = 200;

    public async Task AnswerAsync(HttpContext context, Accounts.Account account)
    {
        var before = QueueId.TryParse(context.Request.Query["before"].ToString(), out var id) ? id : long.MaxValue;
        var trails = await TraceSearch.OfAccountAsync(database, account.Id, before, Most, context.RequestAborted);
        await AccountPages.JsonAsync(context, new
        {
            sent = trails.Select(trail => new
            {
                id = QueueId.Format(trail.Id),
                at = Database.TimeOf(trail.Id),
                subject = trail.Subject,
                recipients = Fate.Of(trail).Take(MostFates).Select(fate => new { to = fate.Recipient, at = fate.At, state = State(fate.Last.Kind), said = Said(fate.Last) }),
                note = trail.Steps.LastOrDefault(step => step.Step is { Recipient.Length: 0, Kind: StepKind.Held or StepKind.Failed or StepKind.Refused })?.Step.What ?? "",
            }),
            more = trails.Count == Most,
        });
    }

    private static string State(StepKind kind) => kind switch
    {
        StepKind.Filed or StepKind.Delivered => "there",
        StepKind.Failed or StepKind.Refused => "failed",
        StepKind.Held => "held",
        _ => "waiting",
    };

    // What is advised is for whoever runs the server, but for its beginning, which says the same as the other server in people's words.
    private static string Said(Step step) => step.Kind switch
    {
        StepKind.Filed => "",
        StepKind.Deferred or StepKind.Failed when step.Advice.StartsWith("In other words, ", StringComparison.Ordinal) && step.Advice.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end => $"{step.Advice[..(end + 1)]} {step.What}",
        _ => step.What,
    };
}
