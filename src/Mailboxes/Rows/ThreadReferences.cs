using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>The statements that find a message's thread from what it names.</summary>
internal static class ThreadReferences
{
    /// <summary>The thread that one of the keys leads to, else <paramref name="fresh"/>; the keys lead to it from now on.</summary>
    internal static long Join(Sql sql, long accountId, ReadOnlySpan<long> keys, long fresh)
    {
        var thread = 0L;
        Span<bool> known = stackalloc bool[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var found = sql.First($"select thread_id from thread_references where account_id = {accountId} and reference = {keys[i]}", row => row.GetInt64(0));
            known[i] = found != 0;
            // A thread id never changes (RFC 8621 §4.1.1): of several threads that a late message would join, it takes the nearest ancestor's.
            if (thread == 0) thread = found;
        }
        if (thread == 0) thread = fresh;
        for (var i = 0; i < keys.Length; i++)
        {
            if (!known[i]) sql.Execute($"insert into thread_references (account_id, reference, thread_id) values ({accountId}, {keys[i]}, {thread})");
        }
        return thread;
    }

    internal static void DeleteAll(Sql sql, long accountId) => sql.Execute($"delete from thread_references where account_id = {accountId}");
}
