using System.Text.Json;
using Sternpost.Storage;

namespace Sternpost.Certificates;

/// <summary>A name that a certificate does not hold, though it might.</summary>
/// <param name="Name">The name.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Advice">What to do.</param>
/// <param name="RetryAt">When it is tried again, where the authority did not believe it; null where DNS decides.</param>
internal sealed record LeftOutName(string Name, string Reason, string Advice, DateTimeOffset? RetryAt = null);

/// <summary>What is known of an ordered certificate.</summary>
/// <param name="Name"><c>host</c>, or a domain.</param>
internal sealed record CertificateState(string Name)
{
    /// <summary>When it is renewed; null before there is one.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>The authority's window (RFC 9773); null where it has none.</summary>
    public (DateTimeOffset Start, DateTimeOffset End)? Window { get; init; }

    /// <summary>When the authority is asked for it again.</summary>
    public DateTimeOffset InfoAt { get; init; }

    /// <summary>Not ordered before, unless somebody asks.</summary>
    public DateTimeOffset NextAttempt { get; init; }

    /// <summary>Not ordered before, whoever asks: the authority said so.</summary>
    public DateTimeOffset BlockedUntil { get; init; }

    /// <summary>How often ordering failed in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Why it failed last; empty where all is well.</summary>
    public string Problem { get; init; } = "";

    /// <summary>What to do.</summary>
    public string Advice { get; init; } = "";

    public DateTimeOffset? ProblemSince { get; init; }

    public IReadOnlyList<LeftOutName> LeftOut { get; init; } = [];

    /// <summary>Somebody asked for it.</summary>
    public bool IsAsked { get; init; }
}

/// <summary>The state of ordered certificates, kept so that a restart asks the authority for nothing anew and other processes can see it and ask for a renewal.</summary>
internal sealed class CertificateBook(Database database)
{
    public ValueTask<IReadOnlyList<CertificateState>> AllAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<CertificateState>>(
        sql => sql.Query($"select name, renew_at, info_start, info_end, info_at, next_attempt, blocked_until, failures, problem, advice, problem_since, left_out, asked from acme_certificates order by name", row => new CertificateState(row.GetString(0))
        {
            RenewAt = Time(row, 1),
            Window = Time(row, 2) is { } start && Time(row, 3) is { } end ? (start, end) : null,
            InfoAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            NextAttempt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            BlockedUntil = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            Failures = row.GetInt32(7),
            Problem = row.GetString(8),
            Advice = row.GetString(9),
            ProblemSince = Time(row, 10),
            LeftOut = JsonSerializer.Deserialize<List<LeftOutName>>(row.GetString(11)) ?? [],
            IsAsked = row.GetInt64(12) != 0,
        }), cancellation);

    public async ValueTask<CertificateState> FindAsync(string name, CancellationToken cancellation) =>
        (await AllAsync(cancellation)).FirstOrDefault(state => state.Name == name) ?? new CertificateState(name);

    /// <summary>Writes a state; whether somebody asked stays as it is in the table, unless <paramref name="answered"/>.</summary>
    public ValueTask<bool> WriteAsync(CertificateState state, bool answered, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            var asked = answered ? 0 : sql.First($"select asked from acme_certificates where name = {state.Name}", row => row.GetInt64(0));
            sql.Execute($"delete from acme_certificates where name = {state.Name}");
            sql.Execute($"""
                insert into acme_certificates (name, renew_at, info_start, info_end, info_at, next_attempt, blocked_until, failures, problem, advice, problem_since, left_out, asked)
                values ({state.Name}, {Number(state.RenewAt)}, {Number(state.Window?.Start)}, {Number(state.Window?.End)}, {state.InfoAt.ToUnixTimeMilliseconds()}, {state.NextAttempt.ToUnixTimeMilliseconds()}, {state.BlockedUntil.ToUnixTimeMilliseconds()}, {state.Failures},
                    {state.Problem}, {state.Advice}, {Number(state.ProblemSince)}, {JsonSerializer.Serialize(state.LeftOut)}, {asked})
                """);
            return true;
        },
        cancellation);

    /// <summary>Asks the running server for a renewal.</summary>
    public ValueTask<bool> AskAsync(string name, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            if (sql.Execute($"update acme_certificates set asked = 1 where name = {name}") > 0) return true;
            sql.Execute($"insert into acme_certificates (name, info_at, next_attempt, blocked_until, failures, problem, advice, left_out, asked) values ({name}, {0}, {0}, {0}, {0}, {""}, {""}, {"[]"}, {1})");
            return true;
        },
        cancellation);

    /// <summary>Those that somebody asked for.</summary>
    public ValueTask<bool> IsAnyAskedAsync(CancellationToken cancellation) =>
        database.ReadAsync(sql => sql.First($"select count(*) from acme_certificates where asked <> 0", row => row.GetInt64(0)) > 0, cancellation);

    /// <summary>Forgets one that is no longer ordered.</summary>
    public ValueTask<bool> ForgetAsync(string name, CancellationToken cancellation) =>
        database.WriteAsync(sql => sql.Execute($"delete from acme_certificates where name = {name}") > 0, cancellation);

    /// <summary>Notes how far the warnings about a certificate have come; true where it is further than before.</summary>
    public ValueTask<bool> WarnAsync(string certificate, int stage, Action<Sql> alsoIfNew, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            var before = sql.First($"select stage from certificate_warnings where certificate = {certificate}", row => row.GetInt64(0));
            if (before == stage) return false;
            sql.Execute($"delete from certificate_warnings where certificate = {certificate}");
            if (stage > 0) sql.Execute($"insert into certificate_warnings (certificate, stage) values ({certificate}, {stage})");
            if (stage > before) alsoIfNew(sql);
            return stage > before;
        },
        cancellation);

    /// <summary>Remembers a record put into DNS, or forgets one that is out of it.</summary>
    public ValueTask<bool> RecordAsync(string name, string text, bool isThere, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            sql.Execute($"delete from acme_dns_records where name = {name} and text = {text}");
            if (isThere) sql.Execute($"insert into acme_dns_records (name, text) values ({name}, {text})");
            return true;
        },
        cancellation);

    /// <summary>The records that should not be in DNS any more, unless an order is under way.</summary>
    public ValueTask<IReadOnlyList<(string Name, string Text)>> RecordsAsync(CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<(string, string)>>(sql => sql.Query($"select name, text from acme_dns_records", row => (row.GetString(0), row.GetString(1))), cancellation);

    private static DateTimeOffset? Time(System.Data.Common.DbDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static long? Number(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
