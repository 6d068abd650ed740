using Sternpost.Accounts.Scripts;
using Sternpost.Mailboxes;
using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Verification;

/// <summary>Whether what the database holds is whole and agrees with itself.</summary>
internal static class StoredData
{
    // Where much is broken, more lines tell nobody more.
    private const int MostNamed = 20;

    private const string Restore = "Restore the last good backup beside this folder (sternpost restore DIR --data OTHER) and compare; look at the disk (smartctl, dmesg) before you trust it again.";

    internal static async Task<IReadOnlyList<CheckResult>> CheckAsync(Database database, IProgress<string> progress, CancellationToken cancellation)
    {
        progress.Report("Reading the database");
        var pages = await database.IntegrityAsync(cancellation);
        var (contents, damaged) = await database.Blobs.VerifyAsync(progress, cancellation);
        progress.Report("Comparing counters");
        var disagreements = await database.ReadAsync(StoreInvariants.Check, cancellation);
        var scripts = await database.ReadAsync(ScriptStore.Check, cancellation);
        return
        [
            pages.Count == 0 ? CheckResult.Ok("database", "every page and index is sound") : CheckResult.Failed("database", Sentences(pages), Restore),
            damaged.Count == 0 ? CheckResult.Ok("messages", $"{contents} contents are as they were stored") : CheckResult.Failed("messages", $"{damaged.Count} of {contents} contents are damaged. {Sentences(damaged)}", Restore),
            disagreements.Count == 0 ? CheckResult.Ok("mailboxes", "counters, uids and references agree") : CheckResult.Failed("mailboxes", Sentences(disagreements), "This is an error of the program. Mail is there; please report these lines."),
            scripts.Count == 0 ? CheckResult.Ok("scripts", "Sieve scripts are whole and have their accounts") : CheckResult.Failed("scripts", Sentences(scripts), Restore),
        ];
    }

    internal static string Sentences(IReadOnlyList<string> wrong) =>
        string.Join(" ", wrong.Take(MostNamed).Select(each => each.TrimEnd('.') + ".")) + (wrong.Count > MostNamed ? $" And {wrong.Count - MostNamed} more." : "");
}
