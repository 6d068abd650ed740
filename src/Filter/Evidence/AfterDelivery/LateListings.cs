using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Refitting;
using Sternpost.Filter.Judges;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.AfterDelivery;

/// <summary>
/// Asks the DNS lists a second and a third time, half an hour and six hours after delivery: spam comes through fresh domains and addresses,
/// and lists learn of them while it lies unread. Only copies that a listing could still condemn are asked about.
/// </summary>
internal sealed class LateListings(Database database, FilterOptions options, IReadOnlyList<IJudge> listJudges, LaterMoves moves, TimeProvider time)
{
    // What one listing may add at the most.
    private const double Reach = 5;
    private const int MostARound = 300;

    private readonly Rejudge rejudge = new(options, listJudges, time);
    private readonly HashSet<string> listSymbols = [.. listJudges.SelectMany(judge => judge.Symbols).Select(symbol => symbol.Name)];
    private readonly Pass[] passes = [new(TimeSpan.FromMinutes(30)), new(TimeSpan.FromHours(6))];

    /// <summary>One round; answers how many copies were moved.</summary>
    internal async ValueTask<int> LookAsync(IDeliveredMail mail, CancellationToken cancellation)
    {
        if (!options.AfterDelivery || options.AddressLists.Count + options.DomainLists.Count + options.HashLists.Count == 0) return 0;
        var moved = 0;
        foreach (var pass in passes)
        {
            var until = Database.IdAt(time.GetUtcNow() - pass.After);
            // After a start, what came while nobody looked is not made up for beyond a day.
            var from = Math.Max(pass.Done, Database.IdAt(time.GetUtcNow() - pass.After - TimeSpan.FromDays(1)));
            foreach (var copy in await CandidatesAsync(from, until, cancellation).ConfigureAwait(false))
            {
                if (await TurnAsync(copy, mail, cancellation).ConfigureAwait(false)) moved++;
            }
            pass.Done = until;
        }
        return moved;
    }

    private ValueTask<List<CampaignCopy>> CandidatesAsync(long from, long until, CancellationToken cancellation)
    {
        var least = FindingsCode.Thousandths(options.JunkThreshold - Reach);
        return database.ReadAsync(
            sql => sql.Query(
                $"""
                select m.id, m.sender, m.facts, m.score, c.account_id, c.email_id, c.mailbox_id, c.uid, c.shift, m.findings
                from judged_messages m join judged_copies c on c.judged_id = m.id
                where m.id > {from} and m.id <= {until} and c.disposition = 0 and c.label = 0 and not c.known and m.score + c.shift >= {least}
                order by m.score + c.shift desc limit {MostARound}
                """,
                row => new CampaignCopy(
                    row.GetInt64(0), row.GetString(1), (FactBits)row.GetInt32(2), row.GetInt64(3) / 1000.0, row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8) / 1000.0,
                    row.GetFieldValue<byte[]>(9))),
            cancellation);
    }

    private async ValueTask<bool> TurnAsync(CampaignCopy copy, IDeliveredMail mail, CancellationToken cancellation)
    {
        if (copy.Facts.HasFlag(FactBits.LoginCode) || await mail.StateAsync(copy.MailboxId, copy.Uid, copy.EmailId, cancellation).ConfigureAwait(false) != CopyState.Untouched) return false;
        if (await mail.ContentAsync(copy.EmailId, cancellation).ConfigureAwait(false) is not { } content) return false;
        var names = await database.ReadAsync(SymbolNumbers.All, cancellation).ConfigureAwait(false);
        var before = FindingsCode.Read(copy.Findings, names.GetValueOrDefault).Where(finding => listSymbols.Contains(finding.Symbol)).Sum(finding => finding.Weight);
        var found = await rejudge.FoundAsync(content.Message, content.PrefixLength, cancellation).ConfigureAwait(false);
        var now = found.Sum(finding => finding.Weight);
        if (now <= before || copy.Score + copy.Shift - before + now < options.JunkThreshold) return false;
        var reason = found.MaxBy(finding => finding.Weight)!.Explanation;
        return await moves.MoveAsync(copy.JudgedId, copy.AccountId, copy.EmailId, copy.MailboxId, copy.Uid, copy.Sender, reason, mail, cancellation).ConfigureAwait(false);
    }

    private sealed class Pass(TimeSpan after)
    {
        internal TimeSpan After { get; } = after;

        internal long Done { get; set; }
    }
}
