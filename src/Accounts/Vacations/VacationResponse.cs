using Sternpost.Storage;

namespace Sternpost.Accounts.Vacations;

/// <summary>What an account answers by itself while its owner is away (RFC 8621 §8).</summary>
public sealed record VacationResponse
{
    /// <summary>Whether anything is answered at all.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>From when; null for at once.</summary>
    public DateTimeOffset? FromDate { get; init; }

    /// <summary>Until when; null for ever.</summary>
    public DateTimeOffset? ToDate { get; init; }

    /// <summary>The answer's subject; null for one that the server makes.</summary>
    public string? Subject { get; init; }

    /// <summary>Its text; null where there is none.</summary>
    public string? TextBody { get; init; }

    /// <summary>Its HTML; null where there is none.</summary>
    public string? HtmlBody { get; init; }

    /// <summary>Rises with every change.</summary>
    public long Version { get; init; }

    /// <summary>True where it answers at this moment.</summary>
    public bool IsOn(DateTimeOffset now) => IsEnabled && (FromDate is null || FromDate <= now) && (ToDate is null || now < ToDate);
}

/// <summary>The vacation responses of all accounts, and whom they have answered.</summary>
public sealed class VacationStore(Database database)
{
    // RFC 3834 §2: so often at most to one sender. The Sieve extension of that purpose says seven days (RFC 5230 §4.1).
    private static readonly TimeSpan Pause = TimeSpan.FromDays(7);

    /// <summary>The account's response; one that is off where it never set any.</summary>
    public static VacationResponse Read(Sql sql, long accountId) => sql.First(
        $"select is_enabled, from_date, to_date, subject, text_body, html_body, version from vacation_responses where account_id = {accountId}",
        row => new VacationResponse
        {
            IsEnabled = row.GetBoolean(0),
            FromDate = row.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
            ToDate = row.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
            Subject = row.IsDBNull(3) ? null : row.GetString(3),
            TextBody = row.IsDBNull(4) ? null : row.GetString(4),
            HtmlBody = row.IsDBNull(5) ? null : row.GetString(5),
            Version = row.GetInt64(6),
        }) ?? new VacationResponse();

    /// <summary>The same, on a snapshot of its own.</summary>
    public ValueTask<VacationResponse> ReadAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(sql => Read(sql, accountId), cancellation);

    /// <summary>Keeps a response. Changed while it is on or turned on, it begins anew: whoever was answered before is answered again.</summary>
    public static VacationResponse Write(Sql sql, long accountId, VacationResponse response)
    {
        var before = Read(sql, accountId);
        var now = response with { Version = before.Version + 1 };
        sql.Execute($"delete from vacation_responses where account_id = {accountId}");
        sql.Execute($"""
            insert into vacation_responses (account_id, is_enabled, from_date, to_date, subject, text_body, html_body, version)
            values ({accountId}, {now.IsEnabled}, {now.FromDate?.ToUnixTimeMilliseconds()}, {now.ToDate?.ToUnixTimeMilliseconds()}, {now.Subject}, {now.TextBody}, {now.HtmlBody}, {now.Version})
            """);
        if (now.IsEnabled) sql.Execute($"delete from vacation_answers where account_id = {accountId}");
        return now;
    }

    /// <summary>The accounts whose response is enabled, whether or not it is on at this moment.</summary>
    public static List<long> Enabled(Sql sql) => sql.Query($"select account_id from vacation_responses where is_enabled", row => row.GetInt64(0));

    /// <summary>Notes that a sender is answered now; false where that was done not long ago.</summary>
    public static bool Answer(Sql sql, long accountId, string sender, DateTimeOffset now)
    {
        var before = (now - Pause).ToUnixTimeMilliseconds();
        sql.Execute($"delete from vacation_answers where account_id = {accountId} and answered < {before}");
        if (sql.First($"select answered from vacation_answers where account_id = {accountId} and sender = {sender}", row => row.GetInt64(0)) != 0) return false;
        sql.Execute($"insert into vacation_answers (account_id, sender, answered) values ({accountId}, {sender}, {now.ToUnixTimeMilliseconds()})");
        return true;
    }

    /// <summary>Forgets an account that is being removed.</summary>
    public static void RemoveAccount(Sql sql, long accountId)
    {
        sql.Execute($"delete from vacation_responses where account_id = {accountId}");
        sql.Execute($"delete from vacation_answers where account_id = {accountId}");
    }
}
