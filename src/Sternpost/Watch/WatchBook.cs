using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Watch;

/// <summary>Something that is not as it should be, seen from outside.</summary>
/// <param name="Check">Which check found it.</param>
/// <param name="Subject">What tells it from others of that check.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Since">Since when.</param>
internal sealed record WatchedProblem(string Check, string Subject, CheckLevel Level, string Finding, string Advice, DateTimeOffset Since);

/// <summary>A problem that appeared, changed how bad it is, or is over.</summary>
internal sealed record WatchChange(WatchedProblem Problem, bool IsOver);

/// <summary>What is wrong now, kept so that a change can be told from what was known.</summary>
internal sealed class WatchBook(Database database, TimeProvider time)
{
    /// <summary>Writes what checks found and answers what changed. What could not be found out changes nothing.</summary>
    /// <param name="checks">The checks that were made.</param>
    /// <param name="results">What they found.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<IReadOnlyList<WatchChange>> WriteAsync(IReadOnlyList<string> checks, IReadOnlyList<CheckResult> results, CancellationToken cancellation) => database.WriteAsync<IReadOnlyList<WatchChange>>(
        sql =>
        {
            var now = time.GetUtcNow();
            var changes = new List<WatchChange>();
            var known = Problems(sql).ToDictionary(problem => (problem.Check, problem.Subject));
            foreach (var result in results.Where(result => !result.IsUnknown && result.Level is CheckLevel.Failed or CheckLevel.Warning).DistinctBy(result => (result.Check, result.Subject)))
            {
                known.Remove((result.Check, result.Subject), out var before);
                var problem = new WatchedProblem(result.Check, result.Subject, result.Level, result.Finding, result.Advice, before?.Since ?? now);
                if (before?.Level != result.Level) changes.Add(new WatchChange(problem, IsOver: false));
                sql.Execute($"delete from watch_problems where check_name = {problem.Check} and subject = {problem.Subject}");
                sql.Execute($"insert into watch_problems (check_name, subject, level, finding, advice, since) values ({problem.Check}, {problem.Subject}, {(long)problem.Level}, {problem.Finding}, {problem.Advice}, {problem.Since.ToUnixTimeMilliseconds()})");
            }
            foreach (var problem in known.Values.Where(problem => checks.Contains(problem.Check) && !results.Any(result => result.IsUnknown && result.Check == problem.Check && problem.Subject.EndsWith(result.Subject, StringComparison.Ordinal))))
            {
                sql.Execute($"delete from watch_problems where check_name = {problem.Check} and subject = {problem.Subject}");
                changes.Add(new WatchChange(problem, IsOver: true));
            }
            foreach (var check in checks)
            {
                sql.Execute($"delete from watch_checks where check_name = {check}");
                sql.Execute($"insert into watch_checks (check_name, checked) values ({check}, {now.ToUnixTimeMilliseconds()})");
            }
            return changes;
        },
        cancellation);

    /// <summary>All that is wrong, the worst first.</summary>
    public ValueTask<IReadOnlyList<WatchedProblem>> ProblemsAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<WatchedProblem>>(Problems, cancellation);

    /// <summary>When each check was last made.</summary>
    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> CheckedAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyDictionary<string, DateTimeOffset>>(
        sql => sql.Query($"select check_name, checked from watch_checks", row => (Name: row.GetString(0), At: DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)))).ToDictionary(check => check.Name, check => check.At), cancellation);

    private static List<WatchedProblem> Problems(Sql sql) => sql.Query(
        $"select check_name, subject, level, finding, advice, since from watch_problems order by level desc, since",
        row => new WatchedProblem(row.GetString(0), row.GetString(1), (CheckLevel)row.GetInt64(2), row.GetString(3), row.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))));
}
