using Microsoft.Extensions.Logging;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Replies;
using Sternpost.Storage;

namespace Sternpost.Queue.Forwarding;

/// <summary>
/// How mail that aliases pass on fares at its targets. What is refused there as spam counts against this server, not against who wrote it,
/// so a target that refuses much gets for a day only what is surely wanted.
/// </summary>
internal static class ForwardTargets
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private const int RefusedAtLeast = 5;
    // One of so many refused is too many.
    private const int OneOf = 5;

    /// <summary>Until when a target gets only what is surely wanted; null where it gets everything.</summary>
    internal static DateTimeOffset? RestsUntil(Sql sql, EmailAddress target, DateTimeOffset now)
    {
        var until = sql.First($"select rests_until from forward_targets where target_key = {target.Key}", row => row.GetInt64(0));
        return until > now.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null;
    }

    /// <summary>Counts what became of a copy, in the transaction that settles it.</summary>
    /// <param name="sql">The transaction.</param>
    /// <param name="target">The target.</param>
    /// <param name="cause">Why it was not taken; null where it was.</param>
    /// <param name="reply">What the target's server said.</param>
    /// <param name="moment">Now.</param>
    /// <param name="log">Is told of a target that rests from now on.</param>
    internal static void Count(Sql sql, EmailAddress target, DeliveryCause? cause, string reply, DateTimeOffset moment, ILogger log)
    {
        // A full mailbox or a broken connection says nothing about what was passed on.
        var refused = cause?.Kind is CauseKind.Content or CauseKind.Reputation or CauseKind.Blocked or CauseKind.Rate or CauseKind.Policy;
        if (cause is not null && !refused) return;
        var now = moment.ToUnixTimeMilliseconds();
        var (begun, passed, refusals, rests) = sql.First($"select begun, passed, refused, rests_until from forward_targets where target_key = {target.Key}", row => (row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetInt64(3)));
        if (begun + (long)Day.TotalMilliseconds < now) (begun, passed, refusals) = (now, 0, 0);
        if (refused) refusals++;
        else passed++;
        if (refusals >= RefusedAtLeast && refusals * OneOf >= passed + refusals && rests <= now)
        {
            rests = (moment + Day).ToUnixTimeMilliseconds();
            sql.AfterCommit(() => log.ForwardTargetRests(target.ToString(), moment + Day, reply));
            (begun, passed, refusals) = (now, 0, 0);
        }
        sql.Execute($"""
            insert into forward_targets (target_key, target, begun, passed, refused, rests_until, last_reply) values ({target.Key}, {target.ToString()}, {begun}, {passed}, {refusals}, {rests}, {reply})
            on conflict (target_key) do update set begun = excluded.begun, passed = excluded.passed, refused = excluded.refused, rests_until = excluded.rests_until, last_reply = excluded.last_reply
            """);
    }
}
