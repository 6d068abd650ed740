using System.Collections.Concurrent;
using Sternpost.Accounts.Contacts;
using Sternpost.Accounts.Senders;
using Sternpost.Accounts.Shields;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>Whom each account has to do with: read with one statement an account while a message is judged, written behind delivery.</summary>
internal sealed class ContactBook(Database database, TimeProvider time)
{
    // Bounces come within the days a queue tries for, as a rule five.
    private static readonly TimeSpan LongEnough = TimeSpan.FromDays(7);

    private const int MostNoted = 100_000;
    private const long NotedAgainAfter = 6 * 3_600_000;

    private readonly ConcurrentDictionary<(long Account, long Contact), long> noted = new();
    private long since = long.MaxValue;

    /// <summary>True where what was sent has been written down for longer than bounces take.</summary>
    internal bool WatchesLongEnough => time.GetUtcNow().ToUnixTimeMilliseconds() - since >= LongEnough.TotalMilliseconds;

    /// <summary>Reads since when there are contacts.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellation) =>
        since = await database.ReadAsync(sql => sql.First($"select min(first_seen) from contacts", row => row.IsDBNull(0) ? long.MaxValue : row.GetInt64(0)), cancellation).ConfigureAwait(false);

    // Of a message to many, the first ones speak for the rest.
    private const int MostAccounts = 8;

    // The longest that people wait for an answer, and longer than anyone remembers a shop.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    /// <summary>The relation of each of the message's accounts to its sender, in one read, and with it what their owners have said about him and what protects them just now.</summary>
    internal ValueTask<IReadOnlyList<Relation>> RelationsAsync(MessageFacts facts, CancellationToken cancellation)
    {
        if (facts.Accounts.Count == 0) return new([]);
        var keys = Keys.Of(facts);
        return database.ReadAsync<IReadOnlyList<Relation>>(
            sql =>
            {
                var relations = new Relation[facts.Accounts.Count];
                for (var i = 0; i < relations.Length && i < MostAccounts; i++) relations[i] = Find(sql, facts.Accounts[i], facts.Sender, keys);
                // What was not looked at is nobody's first contact, so that nothing is held against it.
                for (var i = MostAccounts; i < relations.Length; i++) relations[i] = new Relation(false, false, true, false);
                facts.Against = [.. facts.Accounts.Select(account => SenderRules.Against(sql, account, facts.Sender, facts.ListId))];
                facts.Shields = [.. facts.Accounts.Select(account => ShieldRows.Of(sql, account))];
                return relations;
            },
            cancellation);
    }

    /// <summary>Whether the account has written to the author or knows him, asked again later.</summary>
    internal static Relation Find(Sql sql, long account, string sender, string senderDomain) =>
        Find(sql, account, sender, new Keys(
            EvidenceKey.Of(EvidenceKind.WrittenTo, sender), EvidenceKey.Of(EvidenceKind.ProvedSender, sender), EvidenceKey.Of(EvidenceKind.SenderDomain, senderDomain), 0, 0));

    /// <summary>Notes a copy that came to the inbox.</summary>
    internal void Received(Sql sql, long account, MessageFacts facts)
    {
        if (facts.Sender.Length == 0) return;
        Note(sql, account, EvidenceKey.Of(facts.ProvedDomain is null ? EvidenceKind.ClaimedSender : EvidenceKind.ProvedSender, facts.Sender));
        if (facts.SenderDomain.Length > 0 && !Lessons.FreeMail.Contains(facts.SenderDomain)) Note(sql, account, EvidenceKey.Of(EvidenceKind.SenderDomain, facts.SenderDomain));
    }

    /// <summary>Notes that the account wrote to an address.</summary>
    internal void Wrote(Sql sql, long account, EmailAddress address)
    {
        Note(sql, account, EvidenceKey.Of(EvidenceKind.WrittenTo, address.Key));
        var domain = RelatedDomains.Registered(address.Domain.Ascii).ToString();
        if (!Lessons.FreeMail.Contains(domain)) Note(sql, account, EvidenceKey.Of(EvidenceKind.SenderDomain, domain));
    }

    /// <summary>Notes the Message-ID of a message the account sent, so that its answers are known.</summary>
    internal void Sent(Sql sql, long account, string messageId) => Note(sql, account, EvidenceKey.Of(EvidenceKind.SentMessage, messageId));

    /// <summary>Forgets what was not used for long, and accounts that are gone.</summary>
    internal void Forget(Sql sql)
    {
        var limit = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        sql.Execute($"delete from contacts where (account_id, contact) in (select account_id, contact from contacts where last_seen < {limit} limit 5000)");
        sql.Execute($"delete from contacts where account_id not in (select id from accounts)");
    }

    private void Note(Sql sql, long account, long contact)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // A row says that two know each other and roughly since when they last did; it need not be written for each letter.
        if (noted.TryGetValue((account, contact), out var last) && now - last < NotedAgainAfter) return;
        if (noted.Count >= MostNoted) noted.Clear();
        noted[(account, contact)] = now;
        sql.Execute($"""
            insert into contacts (account_id, contact, first_seen, last_seen, messages) values ({account}, {contact}, {now}, {now}, 1)
            on conflict (account_id, contact) do update set last_seen = excluded.last_seen, messages = messages + 1
            """);
    }

    // Who stands in the account's own address book is as good as written to.
    private static Relation Find(Sql sql, long account, string sender, Keys keys)
    {
        var relation = default(Relation);
        sql.Query(
            $"select contact from contacts where account_id = {account} and contact in ({keys.WrittenTo}, {keys.Sender}, {keys.Domain}, {keys.AnsweredNearest}, {keys.AnsweredNext})",
            row =>
            {
                var contact = row.GetInt64(0);
                if (contact == keys.WrittenTo) relation = relation with { WroteTo = true };
                else if (contact == keys.Sender) relation = relation with { KnowsSender = true };
                else if (contact == keys.Domain) relation = relation with { KnowsDomain = true };
                else relation = relation with { Answers = true };
                return 0;
            });
        return relation.WroteTo || !ContactCards.Has(sql, account, sender) ? relation : relation with { WroteTo = true };
    }

    private readonly record struct Keys(long WrittenTo, long Sender, long Domain, long AnsweredNearest, long AnsweredNext)
    {
        internal static Keys Of(MessageFacts facts) => new(
            EvidenceKey.Of(EvidenceKind.WrittenTo, facts.Sender),
            EvidenceKey.Of(facts.ProvedDomain is null ? EvidenceKind.ClaimedSender : EvidenceKind.ProvedSender, facts.Sender),
            // Everybody knows somebody at a free-mail house.
            Lessons.FreeMail.Contains(facts.SenderDomain) ? 0 : EvidenceKey.Of(EvidenceKind.SenderDomain, facts.SenderDomain),
            facts.Answered.Count > 0 ? EvidenceKey.Of(EvidenceKind.SentMessage, facts.Answered[0]) : 0,
            facts.Answered.Count > 1 ? EvidenceKey.Of(EvidenceKind.SentMessage, facts.Answered[1]) : 0);
    }
}
