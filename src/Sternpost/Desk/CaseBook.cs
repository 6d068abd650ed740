using System.Data.Common;
using Sternpost.Reports.Complaints;
using Sternpost.Storage;

namespace Sternpost.Desk;

/// <summary>The cases of the abuse desk.</summary>
internal sealed class CaseBook(Database database, TimeProvider time)
{
    private const int MaxListed = 1000;

    /// <summary>Keeps a case, inside the transaction that keeps its mail.</summary>
    public static void Write(Sql sql, ComplaintCase kept) => sql.Execute(
        $"""
        insert into complaints (id, received, kind, reporter, proved, category, subject, message_id, trail_id, account, excerpt, closed, note)
        values ({kept.Id}, {kept.Received.ToUnixTimeMilliseconds()}, {(long)kept.Kind}, {kept.Reporter}, {kept.Proved}, {kept.Category}, {kept.Subject}, {kept.MessageId}, {kept.TrailId}, {kept.Account}, {kept.Excerpt}, {(long?)null}, {""})
        """);

    /// <summary>Cases, the newest first; closed ones too where asked for.</summary>
    public ValueTask<IReadOnlyList<ComplaintCase>> ListAsync(bool all, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<ComplaintCase>>(
        sql => all
            ? sql.Query($"select id, received, kind, reporter, proved, category, subject, message_id, trail_id, account, excerpt, closed, note from complaints order by id desc limit {MaxListed}", Case)
            : sql.Query($"select id, received, kind, reporter, proved, category, subject, message_id, trail_id, account, excerpt, closed, note from complaints where closed is null order by id desc limit {MaxListed}", Case),
        cancellation);

    /// <summary>One case, or null.</summary>
    public ValueTask<ComplaintCase?> FindAsync(long id, CancellationToken cancellation) => database.ReadAsync(
        sql => sql.First($"select id, received, kind, reporter, proved, category, subject, message_id, trail_id, account, excerpt, closed, note from complaints where id = {id}", Case), cancellation);

    /// <summary>Closes a case; false where there is none that is open.</summary>
    public ValueTask<bool> CloseAsync(long id, string note, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(sql => sql.Execute($"update complaints set closed = {now}, note = {note} where id = {id} and closed is null") == 1, cancellation);
    }

    private static ComplaintCase Case(DbDataReader row) => new(row.GetInt64(0), Time(row.GetInt64(1)), (ComplaintKind)row.GetInt64(2), row.GetString(3), row.GetBoolean(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.IsDBNull(8) ? null : row.GetInt64(8), row.GetString(9), row.GetString(10), row.IsDBNull(11) ? null : Time(row.GetInt64(11)), row.GetString(12));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
