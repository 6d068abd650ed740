using Sternpost.Abuse.Sites;
using Sternpost.Accounts;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>What must hold in the transaction that keeps a message of a program: that it was not kept before under its key, and that its site is within its limits.</summary>
/// <param name="sending">Counts sites.</param>
/// <param name="site">The sender's account; null for programs of no site.</param>
/// <param name="script">Where it came from.</param>
/// <param name="outside">Recipients outside.</param>
/// <param name="key">The key it came with, or null.</param>
/// <param name="held">True where what leaves waits.</param>
/// <param name="time">The clock.</param>
internal sealed class SiteGuard(SiteSending sending, Account? site, string script, int outside, string? key, bool held, TimeProvider time) : IIntakeGuard
{
    // Longer than any queue on the way keeps a message; the rows are small.
    private static readonly TimeSpan KeepKeys = TimeSpan.FromDays(30);

    private long Owner => site?.Id ?? 0;

    public IntakeResult? Before(Sql sql)
    {
        if (key is not null && sql.First($"select name from submission_keys where account_id = {Owner} and once_key = {key}", row => row.GetString(0)) is { } kept)
            return new IntakeResult(true, 250, "2.0.0", "Ok, was kept before as " + kept, kept);
        if (site?.Site is { } details && sending.Check(sql, details, script, outside) is { } obstacle)
            return obstacle.IsLimit ? new IntakeResult(false, 452, "4.7.28", obstacle.Explanation, "") : new IntakeResult(false, 550, "5.7.1", obstacle.Explanation, "");
        return null;
    }

    public void Kept(Sql sql, long id, string name, bool leaves)
    {
        if (site?.Site is { } details) sending.Count(sql, details, script, outside, held && leaves ? id : null);
        if (key is null) return;
        var now = time.GetUtcNow();
        sql.Execute($"insert into submission_keys (account_id, once_key, name, created) values ({Owner}, {key}, {name}, {now.ToUnixTimeMilliseconds()})");
        sql.Execute($"delete from submission_keys where created < {(now - KeepKeys).ToUnixTimeMilliseconds()}");
    }
}
