using Sternpost.Storage;

namespace Sternpost.Queue.Schedule;

/// <summary>The octets of queued messages, kept apart from the rows the schedule reads.</summary>
internal static class QueueContents
{
    internal static void Store(Sql sql, long id, ReadOnlyMemory<byte> content) =>
        sql.Execute($"insert into queue_contents (id, content) values ({id}, {content})");

    internal static ReadOnlyMemory<byte>? Read(Sql sql, long id) =>
        sql.First($"select content from queue_contents where id = {id}", row => row.GetFieldValue<byte[]>(0)) is { } content ? content : null;

    internal static void Release(Sql sql, long id) => sql.Execute($"delete from queue_contents where id = {id}");
}
