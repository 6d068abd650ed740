using Sternpost.Storage;

namespace Sternpost.Administration;

/// <summary>Something that an administrator did.</summary>
/// <param name="At">When.</param>
/// <param name="Administrator">Who: an address, which stays although the account may go.</param>
/// <param name="Action">What, as the action is called.</param>
/// <param name="Subject">To what.</param>
/// <param name="Client">From where.</param>
internal sealed record AuditEntry(DateTimeOffset At, string Administrator, string Action, string Subject, string Client);

/// <summary>What administrators did on their page, kept for whoever asks later. Nothing takes it back.</summary>
internal sealed class AuditBook(Database database)
{
    public async ValueTask WriteAsync(string administrator, string action, string subject, string client, CancellationToken cancellation)
    {
        var id = database.NextId();
        await database.WriteAsync(sql => sql.Execute($"insert into administration_log (id, administrator, action, subject, client) values ({id}, {administrator}, {action}, {subject}, {client})"), cancellation);
    }

    /// <summary>The newest, newest first.</summary>
    public ValueTask<IReadOnlyList<AuditEntry>> NewestAsync(int limit, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<AuditEntry>>(
        sql => sql.Query(
            $"select id, administrator, action, subject, client from administration_log order by id desc limit {limit}",
            row => new AuditEntry(Database.TimeOf(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4))),
        cancellation);
}
