using Sternpost.Storage;

namespace Sternpost.Abuse.Limits;

/// <summary>A limit that differs from the configuration's.</summary>
/// <param name="Subject">The scope of a layer, or <c>accounts:</c> and a domain.</param>
/// <param name="Name">Which limit.</param>
/// <param name="Soft">Null where that bound is inherited.</param>
/// <param name="Hard">Null where that bound is inherited.</param>
public sealed record LimitOverride(string Subject, LimitName Name, long? Soft, long? Hard);

/// <summary>What administrators have set otherwise for single domains, accounts and other layers. It holds from the next message on.</summary>
public sealed class LimitOverrides(Database database)
{
    /// <summary>Sets a limit; a null bound is inherited.</summary>
    public async ValueTask SetAsync(LimitOverride set, CancellationToken cancellation) => await database.WriteAsync(
        sql => sql.Execute($"""
            insert into sending_limits (subject, measure, span, soft, hard) values ({set.Subject}, {(int)set.Name.Measure}, {(int)set.Name.Span}, {set.Soft}, {set.Hard})
            on conflict (subject, measure, span) do update set soft = excluded.soft, hard = excluded.hard
            """),
        cancellation).ConfigureAwait(false);

    /// <summary>Takes back one limit of a subject, or all; answers how many.</summary>
    public ValueTask<int> ClearAsync(string subject, LimitName? name, CancellationToken cancellation) => database.WriteAsync(
        sql => name is { } one
            ? sql.Execute($"delete from sending_limits where subject = {subject} and measure = {(int)one.Measure} and span = {(int)one.Span}")
            : sql.Execute($"delete from sending_limits where subject = {subject}"),
        cancellation);

    /// <summary>All of them.</summary>
    public ValueTask<IReadOnlyList<LimitOverride>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<LimitOverride>>(
        sql => sql.Query($"select subject, measure, span, soft, hard from sending_limits order by subject, measure, span", Row), cancellation);

    /// <summary>Those of a subject.</summary>
    internal static List<LimitOverride> Of(Sql sql, string subject) =>
        sql.Query($"select subject, measure, span, soft, hard from sending_limits where subject = {subject}", Row);

    private static LimitOverride Row(System.Data.Common.DbDataReader row) => new(
        row.GetString(0), new LimitName((Measure)row.GetInt32(1), (Span)row.GetInt32(2)), row.IsDBNull(3) ? null : row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4));
}
