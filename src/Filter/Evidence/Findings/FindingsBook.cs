using System.Buffers.Binary;
using Sternpost.Filter.Evidence.Campaigns;
using Sternpost.Filter.Verdicts;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Findings;

/// <summary>The findings of every message judged in the last weeks, with what became of its copies. Bounded in time and number.</summary>
public sealed class FindingsBook
{
    // Some 400 octets each with its copies: half a gigabyte at the very most.
    private const int MostKept = 1_500_000;
    private const int MostAtOnce = 2000;
    private const int MostTextLength = 250;

    private readonly Database database;
    private readonly TimeProvider time;
    private readonly SymbolNumbers symbols = new();

    /// <summary>What is kept in <paramref name="database"/>.</summary>
    public FindingsBook(Database database, TimeProvider time)
    {
        this.database = database;
        this.time = time;
    }

    /// <summary>Reads what was judged since a moment, oldest first, a thousand at a time, so that a month of mail needs no memory.</summary>
    public async IAsyncEnumerable<KeptMessage> SinceAsync(DateTimeOffset since, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = Database.IdAt(since);
        while (true)
        {
            var start = after;
            var page = await database.ReadAsync(sql => Page(sql, start), cancellation).ConfigureAwait(false);
            foreach (var message in page) yield return message;
            if (page.Count == 0) yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>How many messages were judged since a moment, by what became of them.</summary>
    public ValueTask<IReadOnlyDictionary<Disposition, long>> CountsAsync(DateTimeOffset since, CancellationToken cancellation) => database.ReadAsync<IReadOnlyDictionary<Disposition, long>>(
        sql => sql.Query($"select disposition, count(*) from judged_messages where id >= {Database.IdAt(since)} group by disposition", row => (Disposition: (Disposition)row.GetInt32(0), Count: row.GetInt64(1)))
            .ToDictionary(judged => judged.Disposition, judged => judged.Count), cancellation);

    /// <summary>Writes a message and its copies. In a write transaction.</summary>
    internal void Write(Sql sql, MessageFacts facts, Verdict verdict, IReadOnlyList<DeliveredCopy> copies)
    {
        var findings = FindingsCode.Write(verdict.Findings, symbol => symbols.NumberOf(sql, symbol));
        var messageKey = EvidenceKey.Of(EvidenceKind.ReceivedMessage, facts.MessageId);
        sql.Execute($"""
            insert into judged_messages (id, reference, message_id, message_key, sender, facts, disposition, score, findings, sketch, keys, campaign)
            values ({facts.Id}, {verdict.Reference}, {Cut(facts.MessageId)}, {messageKey}, {Cut(facts.Sender)}, {(long)facts.Bits}, {(long)verdict.Disposition},
                {FindingsCode.Thousandths(verdict.Score)}, {findings}, {facts.Sketch.ToBytes()}, {KeysOf(facts)}, {facts.Campaign})
            """);
        foreach (var copy in copies)
        {
            var known = Contacts.ContactsJudge.RelationOf(facts, copy.AccountId) is { WroteTo: true } or { KnowsSender: true } or { Answers: true };
            sql.Execute($"""
                insert into judged_copies (judged_id, account_id, email_id, mailbox_id, uid, disposition, shift, known, label, labelled)
                values ({facts.Id}, {copy.AccountId}, {copy.EmailId}, {copy.MailboxId}, {copy.Uid}, {(long)copy.Verdict.Disposition},
                    {FindingsCode.Thousandths(copy.Verdict.Score - verdict.Score)}, {known}, 0, 0)
                on conflict (judged_id, account_id) do nothing
                """);
        }
    }

    /// <summary>Labels a copy; answers what it was before, or null where its message is not kept. In a write transaction.</summary>
    internal LabelledCopy? Label(Sql sql, long accountId, long emailId, KnownLabel label, bool onlyIfNone = false)
    {
        var found = sql.First(
            $"""
            select m.id, m.keys, m.campaign, m.facts, c.label from judged_copies c join judged_messages m on m.id = c.judged_id
            where c.email_id = {emailId} and c.account_id = {accountId}
            """,
            row => new LabelledCopy(row.GetInt64(0), ReadKeys(row.GetFieldValue<byte[]>(1)), row.GetInt64(2), (FactBits)row.GetInt32(3), (KnownLabel)row.GetInt32(4)));
        if (found is null || (onlyIfNone && found.Before != KnownLabel.None)) return null;
        sql.Execute($"update judged_copies set label = {(long)label}, labelled = {Now} where judged_id = {found.JudgedId} and account_id = {accountId}");
        return found;
    }

    /// <summary>Labels the account's copies of messages it answers; what it said itself before stands. In a write transaction.</summary>
    internal List<LabelledCopy> Answered(Sql sql, long accountId, string messageId)
    {
        var key = EvidenceKey.Of(EvidenceKind.ReceivedMessage, messageId);
        var found = sql.Query(
            $"""
            select m.id, m.keys, m.campaign, m.facts, c.label from judged_messages m join judged_copies c on c.judged_id = m.id
            where m.message_key = {key} and c.account_id = {accountId} and c.label in (0, 4)
            """,
            row => new LabelledCopy(row.GetInt64(0), ReadKeys(row.GetFieldValue<byte[]>(1)), row.GetInt64(2), (FactBits)row.GetInt32(3), (KnownLabel)row.GetInt32(4)));
        foreach (var copy in found) sql.Execute($"update judged_copies set label = 3, labelled = {Now} where judged_id = {copy.JudgedId} and account_id = {accountId}");
        return found;
    }

    /// <summary>Copies that came to an inbox between two moments and of which nothing is known yet.</summary>
    internal ValueTask<List<UnlabelledCopy>> UnlabelledAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        database.ReadAsync(
            sql => sql.Query(
                $"""
                select account_id, email_id, mailbox_id, uid from judged_copies
                where judged_id > {Database.IdAt(from)} and judged_id <= {Database.IdAt(to)} and disposition = 0 and label = 0 limit 100000
                """,
                row => new UnlabelledCopy(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3))),
            cancellation);

    /// <summary>Copies of a campaign that came to an inbox since a moment, whose owners neither know the sender nor have said anything.</summary>
    internal ValueTask<List<CampaignCopy>> InInboxesAsync(long campaign, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync(
            sql => sql.Query(
                $"""
                select m.id, m.sender, m.facts, m.score, c.account_id, c.email_id, c.mailbox_id, c.uid, c.shift, m.findings
                from judged_messages m join judged_copies c on c.judged_id = m.id
                where m.campaign = {campaign} and campaign <> 0 and m.id > {Database.IdAt(since)} and c.disposition = 0 and c.label = 0 and not c.known limit {MostAtOnce}
                """,
                row => new CampaignCopy(
                    row.GetInt64(0), row.GetString(1), (FactBits)row.GetInt32(2), row.GetInt64(3) / 1000.0, row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8) / 1000.0,
                    row.GetFieldValue<byte[]>(9))),
            cancellation);

    /// <summary>What the campaign book needs to begin where it ended.</summary>
    internal ValueTask<List<CampaignMember>> CampaignsAsync(DateTimeOffset since, int most, CancellationToken cancellation) =>
        database.ReadAsync(
            sql => sql.Query(
                $"""
                select m.id, m.campaign, m.sketch, m.sender, m.facts, m.disposition, m.score, m.keys, c.account_id, c.label
                from judged_messages m left join judged_copies c on c.judged_id = m.id
                where m.id > {Database.IdAt(since)} and m.campaign <> 0 order by m.id desc limit {most}
                """,
                row => new CampaignMember(
                    row.GetInt64(0), row.GetInt64(1), TextSketch.Read(row.GetFieldValue<byte[]>(2)), row.GetString(3), (FactBits)row.GetInt32(4), (Disposition)row.GetInt32(5), row.GetInt64(6) / 1000.0,
                    ReadKeys(row.GetFieldValue<byte[]>(7)), row.IsDBNull(8) ? 0 : row.GetInt64(8), row.IsDBNull(9) ? KnownLabel.None : (KnownLabel)row.GetInt32(9))),
            cancellation);

    /// <summary>Forgets what is older than <paramref name="kept"/> or beyond the bound; a piece at a time, true while there is more. In a write transaction.</summary>
    internal bool Forget(Sql sql, TimeSpan kept)
    {
        var oldest = Database.IdAt(time.GetUtcNow() - kept);
        var bound = sql.First($"select id from judged_messages order by id desc limit 1 offset {MostKept}", row => row.GetInt64(0));
        oldest = Math.Max(oldest, bound);
        var last = sql.First($"select max(id) from (select id from judged_messages where id <= {oldest} order by id limit {MostAtOnce})", row => row.IsDBNull(0) ? 0 : row.GetInt64(0));
        if (last == 0) return false;
        sql.Execute($"delete from judged_copies where judged_id <= {last}");
        sql.Execute($"delete from judged_messages where id <= {last}");
        return last < oldest;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static List<KeptMessage> Page(Sql sql, long after)
    {
        const int size = 1000;
        var names = SymbolNumbers.All(sql);
        var messages = sql.Query(
            $"select id, reference, message_id, sender, disposition, score, findings from judged_messages where id > {after} order by id limit {size}",
            row => (Id: row.GetInt64(0), Reference: row.GetString(1), MessageId: row.GetString(2), Sender: row.GetString(3), Disposition: (Disposition)row.GetInt32(4), Score: row.GetInt64(5) / 1000.0, Findings: row.GetFieldValue<byte[]>(6)));
        if (messages.Count == 0) return [];
        var copies = sql.Query(
            $"select judged_id, account_id, email_id, disposition, shift, label from judged_copies where judged_id > {after} and judged_id <= {messages[^1].Id}",
            row => (Message: row.GetInt64(0), Copy: new KeptCopy(row.GetInt64(1), row.GetInt64(2), (Disposition)row.GetInt32(3), row.GetInt64(4) / 1000.0, (KnownLabel)row.GetInt32(5))))
            .ToLookup(pair => pair.Message, pair => pair.Copy);
        return [.. messages.Select(message => new KeptMessage(
            message.Id, Database.TimeOf(message.Id), message.Reference, message.MessageId, message.Sender, message.Disposition, message.Score, FindingsCode.Read(message.Findings, names.GetValueOrDefault), [.. copies[message.Id]]))];
    }

    private static byte[] KeysOf(MessageFacts facts)
    {
        var octets = new byte[facts.Keys.Count * 9];
        for (var i = 0; i < facts.Keys.Count; i++)
        {
            octets[i * 9] = (byte)facts.Keys[i].Kind;
            BinaryPrimitives.WriteInt64LittleEndian(octets.AsSpan((i * 9) + 1), facts.Keys[i].Key);
        }
        return octets;
    }

    private static List<(EvidenceKind Kind, long Key)> ReadKeys(byte[] octets)
    {
        var keys = new List<(EvidenceKind, long)>(octets.Length / 9);
        for (var i = 0; i + 9 <= octets.Length; i += 9) keys.Add(((EvidenceKind)octets[i], BinaryPrimitives.ReadInt64LittleEndian(octets.AsSpan(i + 1))));
        return keys;
    }

    private static string Cut(string text) => text.Length <= MostTextLength ? text : text[..MostTextLength];
}

/// <summary>A copy that somebody said something of.</summary>
internal sealed record LabelledCopy(long JudgedId, IReadOnlyList<(EvidenceKind Kind, long Key)> Keys, long Campaign, FactBits Facts, KnownLabel Before);

/// <summary>A copy as it was delivered.</summary>
internal sealed record UnlabelledCopy(long AccountId, long EmailId, long MailboxId, long Uid);

/// <summary>A copy of a campaign as it was delivered.</summary>
internal sealed record CampaignCopy(long JudgedId, string Sender, FactBits Facts, double Score, long AccountId, long EmailId, long MailboxId, long Uid, double Shift, byte[] Findings);

/// <summary>A member of a campaign as it is kept.</summary>
internal sealed record CampaignMember(
    long Id, long Campaign, TextSketch Sketch, string Sender, FactBits Facts, Disposition Disposition, double Score, IReadOnlyList<(EvidenceKind Kind, long Key)> Keys, long AccountId, KnownLabel Label);
