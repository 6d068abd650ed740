using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence.Campaigns;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.AfterDelivery;

/// <summary>
/// Moves delivered copies to Junk when evidence turns within three days: only copies that nobody has read, flagged or answered, and
/// never those whose sender the account knows. Each move is logged and can be undone.
/// </summary>
public sealed class LaterMoves
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly Database database;
    private readonly FilterOptions options;
    private readonly FindingsBook findings;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    internal LaterMoves(Database database, FilterOptions options, FindingsBook findings, TimeProvider time, ILogger logger)
    {
        this.database = database;
        this.options = options;
        this.findings = findings;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Moves since a moment, the newest first.</summary>
    public static ValueTask<IReadOnlyList<LaterMove>> ListAsync(Database database, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<LaterMove>>(
            sql => sql.Query(
                $"""
                select v.id, v.account_id, coalesce(a.address, ''), v.email_id, coalesce(m.sender, ''), coalesce(m.message_id, ''), v.reason, v.undone, v.from_mailbox, v.mailbox_id, v.uid
                from later_moves v left join accounts a on a.id = v.account_id left join judged_messages m on m.id = v.judged_id
                where v.id > {Database.IdAt(since)} and v.mailbox_id <> 0 order by v.id desc limit 10000
                """,
                Row),
            cancellation);

    /// <summary>Moves a copy back to where it was; false where there is no such move, it was undone before, or the copy is no longer in Junk.</summary>
    public static async ValueTask<bool> UndoAsync(Database database, IDeliveredMail mail, long id, TimeProvider time, CancellationToken cancellation)
    {
        var move = await database.ReadAsync(
            sql => sql.First(
                $"""
                select v.id, v.account_id, '', v.email_id, '', '', v.reason, v.undone, v.from_mailbox, v.mailbox_id, v.uid from later_moves v where v.id = {id}
                """,
                Row),
            cancellation).ConfigureAwait(false);
        if (move is null or { Undone: not null }) return false;
        if (!await mail.MoveBackAsync(move.AccountId, move.MailboxId, move.Uid, move.EmailId, move.FromMailbox, cancellation).ConfigureAwait(false)) return false;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(
            sql =>
            {
                // Its owner's mail again, and settled: it is not looked at a second time.
                sql.Execute($"update later_moves set undone = {now} where id = {id}");
                return sql.Execute($"update judged_copies set known = {true} where email_id = {move.EmailId} and account_id = {move.AccountId}");
            },
            cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Looks at the copies of a campaign of which more is known now, and moves those that would be junk today. Answers how many.</summary>
    internal async ValueTask<int> TurnAsync(CampaignView campaign, IDeliveredMail mail, CancellationToken cancellation)
    {
        if (!options.AfterDelivery || campaign.SpamBy + campaign.Trapped == 0) return 0;
        var moved = 0;
        foreach (var copy in await findings.InInboxesAsync(campaign.Id, time.GetUtcNow() - CampaignBook.Remembered, cancellation).ConfigureAwait(false))
        {
            if (copy.Facts.HasFlag(FactBits.LoginCode)) continue;
            var now = CampaignJudge.Of(campaign, copy.Facts.HasFlag(FactBits.Authenticated));
            var weight = now.Sum(finding => finding.Weight);
            if (weight <= 0 || copy.Score - await CampaignWeightAsync(copy, cancellation).ConfigureAwait(false) + copy.Shift + weight < options.JunkThreshold) continue;
            if (await MoveAsync(copy.JudgedId, copy.AccountId, copy.EmailId, copy.MailboxId, copy.Uid, copy.Sender, now[0].Explanation, mail, cancellation).ConfigureAwait(false)) moved++;
        }
        return moved;
    }

    /// <summary>Moves one copy unless its owner has touched it or wrote to its sender meanwhile.</summary>
    internal async ValueTask<bool> MoveAsync(
        long judgedId, long accountId, long emailId, long mailboxId, long uid, string sender, string reason, IDeliveredMail mail, CancellationToken cancellation)
    {
        var id = database.NextId();
        // The note comes first: a move without a note could not be undone, a note without a move is only not shown.
        var allowed = await database.WriteAsync(
            sql =>
            {
                if (ContactBook.Find(sql, accountId, sender, "").WroteTo) return false;
                sql.Execute($"""
                    insert into later_moves (id, judged_id, account_id, email_id, from_mailbox, mailbox_id, uid, reason, undone)
                    values ({id}, {judgedId}, {accountId}, {emailId}, {mailboxId}, 0, 0, {reason}, null)
                    """);
                return true;
            },
            cancellation).ConfigureAwait(false);
        if (!allowed) return false;
        var place = await mail.MoveToJunkAsync(accountId, mailboxId, uid, emailId, cancellation).ConfigureAwait(false);
        await database.WriteAsync(
            sql => place is { } there
                ? sql.Execute($"update later_moves set mailbox_id = {there.MailboxId}, uid = {there.Uid} where id = {id}")
                : sql.Execute($"delete from later_moves where id = {id}"),
            cancellation).ConfigureAwait(false);
        if (place is null) return false;
        logger.MovedLater(reason, accountId, emailId, id);
        FilterMetrics.RecordMovedLater();
        return true;
    }

    internal void Forget(Sql sql)
    {
        sql.Execute($"delete from later_moves where id <= {Database.IdAt(time.GetUtcNow() - Kept)}");
        sql.Execute($"delete from filter_proposals where id <= {Database.IdAt(time.GetUtcNow() - Kept)}");
    }

    // What the campaign said already when the copy was judged counts once.
    private async ValueTask<double> CampaignWeightAsync(CampaignCopy copy, CancellationToken cancellation)
    {
        var names = await database.ReadAsync(SymbolNumbers.All, cancellation).ConfigureAwait(false);
        return FindingsCode.Read(copy.Findings, names.GetValueOrDefault).Where(finding => finding.Symbol.StartsWith("CAMPAIGN_", StringComparison.Ordinal)).Sum(finding => finding.Weight);
    }

    private static LaterMove Row(System.Data.Common.DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.IsDBNull(7) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10));
}

/// <summary>A copy that was moved to Junk after delivery.</summary>
/// <param name="Id">What <c>after-delivery undo</c> takes; its time is the move's.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Account">The account's address; empty where it is gone.</param>
/// <param name="EmailId">The copy.</param>
/// <param name="Sender">Its author.</param>
/// <param name="MessageId">Its Message-ID.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Undone">When it was moved back; null where it was not.</param>
/// <param name="FromMailbox">Where it was.</param>
/// <param name="MailboxId">Where it was moved to.</param>
/// <param name="Uid">Its uid there.</param>
public sealed record LaterMove(long Id, long AccountId, string Account, long EmailId, string Sender, string MessageId, string Reason, DateTimeOffset? Undone, long FromMailbox, long MailboxId, long Uid)
{
    /// <summary>When it was moved.</summary>
    public DateTimeOffset At => Database.TimeOf(Id);
}
