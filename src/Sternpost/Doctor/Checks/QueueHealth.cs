using Sternpost.Queue;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>What waits in the queue, how long, and by what cause.</summary>
internal static class QueueHealth
{
    private const int MostLookedAt = 2000;
    private const int MostCauses = 4;
    private static readonly TimeSpan Old = TimeSpan.FromHours(4);
    private static readonly TimeSpan TooOld = TimeSpan.FromHours(24);

    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var queue = new QueueInspection(patient.Database, TimeProvider.System);
        var (messages, recipients) = await queue.CountAsync(cancellation);
        if (messages == 0) return [CheckResult.Ok("Queue", "empty")];
        var entries = await queue.ListAsync(new QueueSelection(), MostLookedAt, cancellation);
        var waiting = entries.SelectMany(entry => entry.Recipients.Select(recipient => (entry.Message, Recipient: recipient))).ToList();
        var held = waiting.Count(one => one.Recipient.Held);
        var results = new List<CheckResult>();
        if (held > 0) results.Add(CheckResult.Warning("Queue", $"{held} {(held == 1 ? "recipient is" : "recipients are")} held", "Look at them with 'sternpost queue list', then 'sternpost queue release' or 'sternpost queue drop'."));
        var going = waiting.Where(one => !one.Recipient.Held).ToList();
        if (going.Count == 0) return results;
        var age = DateTimeOffset.UtcNow - going.Min(one => one.Message.Created);
        var causes = going.Where(one => one.Recipient.LastReply is not null)
            .GroupBy(one => Cause(QueueInspection.InWords(one.Recipient))).OrderByDescending(group => group.Count()).Take(MostCauses)
            .Select(group => $"{group.Count()} × {group.Key} ({string.Join(", ", group.Select(one => one.Recipient.Recipient.Address.Domain.Ascii).Distinct().Take(3))})").ToList();
        var finding = $"{messages} {(messages == 1 ? "message waits" : "messages wait")} for {recipients} recipients, the oldest for {Words(age)}{(causes.Count == 0 ? "" : ": " + string.Join("; ", causes))}";
        results.Add(age >= TooOld ? CheckResult.Failed("Queue", finding, "'sternpost queue list' shows each with its reason; 'sternpost queue retry' tries at once when the cause is mended.")
            : age >= Old ? CheckResult.Warning("Queue", finding, "'sternpost queue list' shows each with its reason.")
            : CheckResult.Ok("Queue", finding));
        return results;
    }

    // The sentence without what is the one attempt's own.
    private static string Cause(string words) => words.Split([" (", ". ", ": "], StringSplitOptions.None)[0].TrimEnd('.');

    private static string Words(TimeSpan age) => age.TotalDays >= 2 ? $"{age.TotalDays:0} days" : age.TotalHours >= 2 ? $"{age.TotalHours:0} hours" : $"{age.TotalMinutes:0} minutes";
}
