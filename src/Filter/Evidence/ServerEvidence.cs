using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Accounts.Senders;
using Sternpost.Accounts.Shields;
using Sternpost.Filter.Evidence.AfterDelivery;
using Sternpost.Filter.Evidence.Bombs;
using Sternpost.Filter.Evidence.Campaigns;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Expected;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Greylisting;
using Sternpost.Filter.Evidence.Masked;
using Sternpost.Filter.Evidence.Reputation;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;
using Sternpost.Filter.Views;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence;

/// <summary>
/// What this server's own history says about mail: whom its accounts have to do with, the reputation of senders, campaigns, and the
/// findings of the last weeks. Judging asks it with one database read a message; what becomes of a message is written behind its
/// delivery. An evaluation judges without it, so its figures do not depend on any server's past.
/// </summary>
public sealed class ServerEvidence : IAsyncDisposable
{
    private const int MostAccounts = 50;
    private const int MostWaiting = 20_000;

    private readonly Database database;
    private readonly AccountDirectory directory;
    private readonly FilterOptions options;
    private readonly WriteBehind writer;
    private readonly FindingsBook findings;
    private readonly ContactBook contacts;
    private readonly ReputationBook reputation;
    private readonly CampaignBook campaigns;
    private readonly BombWatch bombs;
    private readonly EvidenceUpkeep upkeep;
    private readonly HashSet<EmailAddress> traps;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>Evidence kept in <paramref name="database"/> about the accounts of <paramref name="directory"/>. Call <see cref="StartAsync"/> before mail comes.</summary>
    public ServerEvidence(Database database, AccountDirectory directory, FilterOptions options, TimeProvider time, ILogger<ServerEvidence>? logger = null)
    {
        this.database = database;
        this.directory = directory;
        this.options = options;
        this.time = time;
        this.logger = logger ?? NullLogger<ServerEvidence>.Instance;
        writer = new WriteBehind(database, MostWaiting, time, this.logger.EvidenceDropped, this.logger.EvidenceFailed);
        findings = new FindingsBook(database, time);
        contacts = new ContactBook(database, time);
        reputation = new ReputationBook(database, time);
        campaigns = new CampaignBook(time);
        bombs = new BombWatch(options, time, this.logger);
        Later = new LaterMoves(database, options, findings, time, this.logger);
        Greylist = new Greylist(database, options, reputation, time, this.logger);
        upkeep = new EvidenceUpkeep(database, options, findings, contacts, reputation, Greylist, this, time, this.logger);
        traps = [.. options.Traps];
        Judges = [new ContactsJudge(), new BounceJudge(contacts), new ReputationJudge(reputation), new CampaignJudge(campaigns), new MaskedJudge(), new ExpectedCodeJudge()];
    }

    /// <summary>Every symbol that only a server with a history finds, by judge.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Symbol>> Symbols { get; } = new SortedDictionary<string, IReadOnlyList<Symbol>>(StringComparer.Ordinal)
    {
        ["contacts"] = ContactsJudge.All,
        ["bounces"] = BounceJudge.All,
        ["reputation"] = ReputationJudge.All,
        ["campaigns"] = CampaignJudge.All,
        ["mail-bomb"] = BombWatch.All,
        ["expected-code"] = ExpectedCodeJudge.All,
        ["masked"] = MaskedJudge.All,
        ["own-rules"] = OwnRules.All,
    };

    /// <summary>The judges that go by it.</summary>
    public IReadOnlyList<IJudge> Judges { get; }

    /// <summary>What is moved after delivery.</summary>
    public LaterMoves Later { get; }

    /// <summary>Who is asked to come back.</summary>
    public Greylist Greylist { get; }

    /// <summary>The judges of DNS lists, asked again after delivery; none asks nothing again. Set once at composition.</summary>
    public IReadOnlyList<IJudge> ListJudges { get; set; } = [];

    /// <summary>Delivered copies; null keeps hands off them. Set once at composition.</summary>
    public IDeliveredMail? Mail { get; set; }

    /// <summary>Warns the owner of an account that is being signed up everywhere: the account, messages and domains within the hour. Set once at composition.</summary>
    public Func<long, int, int, ValueTask>? WarnOfBomb { get; set; }

    /// <summary>Reads what is in memory while mail is judged, and begins the upkeep.</summary>
    public async ValueTask StartAsync(CancellationToken cancellation)
    {
        await reputation.RefreshAsync(cancellation).ConfigureAwait(false);
        await contacts.LoadAsync(cancellation).ConfigureAwait(false);
        await upkeep.RestoreAsync(campaigns, cancellation).ConfigureAwait(false);
        writer.Start();
        upkeep.Start();
    }

    /// <summary>Ends the upkeep and writes what still waits.</summary>
    public async ValueTask DisposeAsync()
    {
        await upkeep.DisposeAsync().ConfigureAwait(false);
        await writer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A message was refused.</summary>
    public void Refused(Judgement judgement) => Note(judgement, []);

    /// <summary>A message was delivered to accounts here; none where it was only passed on.</summary>
    public void Delivered(Judgement judgement, IReadOnlyList<DeliveredCopy> copies) => Note(judgement, copies);

    /// <summary>An account sent a message: its answers are expected, and whom it writes to is no stranger.</summary>
    public void Submitted(long accountId, ReadOnlyMemory<byte> content, IReadOnlyList<EmailAddress> recipients)
    {
        var header = HeaderFields.Parse(content, 0, content.Length);
        var own = MessageIds.Own(header);
        var answered = MessageIds.Answered(header).FirstOrDefault();
        var written = recipients.Take(MostAccounts).ToArray();
        writer.Add(sql =>
        {
            foreach (var address in written) contacts.Wrote(sql, accountId, address);
            if (own.Length > 0) contacts.Sent(sql, accountId, own);
            if (answered is null) return;
            foreach (var copy in findings.Answered(sql, accountId, answered)) reputation.Testify(sql, copy.Keys.Select(key => key.Key), Testimony.Answered, unwanted: false, accountId);
        });
    }

    /// <summary>Whether an account has written to an address, or heard from it and nothing was wrong with that. In any transaction.</summary>
    public static bool Knows(Sql sql, long accountId, EmailAddress address)
    {
        var relation = ContactBook.Find(sql, accountId, address.Key, "");
        return relation.WroteTo || relation.KnowsSender;
    }

    /// <summary>The owner of an account said that a copy is (not) junk. Completes when durable and when what follows from it has been done.</summary>
    public async ValueTask LabelAsync(long accountId, long emailId, bool junk, CancellationToken cancellation)
    {
        var copy = await database.WriteAsync(sql => Label(sql, accountId, emailId, junk), cancellation).ConfigureAwait(false);
        if (copy is null) return;
        var campaign = campaigns.Testify(copy.Campaign, accountId, junk);
        if (campaign is not null && Mail is not null) await Later.TurnAsync(campaign, Mail, cancellation).ConfigureAwait(false);
    }

    /// <summary>Completes when everything noted so far is written.</summary>
    public Task FlushAsync() => writer.FlushAsync();

    /// <summary>One night's work at once.</summary>
    internal ValueTask NightAsync(CancellationToken cancellation) => upkeep.NightAsync(cancellation);

    /// <summary>What judges go by, in one database read.</summary>
    internal async ValueTask<MessageFacts> FactsAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var accounts = new List<long>(1);
        var domains = new List<string>(1);
        var masked = new List<long?>(1);
        var trap = false;
        foreach (var recipient in message.Envelope.Recipients)
        {
            if (accounts.Count >= MostAccounts) break;
            trap |= traps.Contains(recipient.Address);
            if (await directory.ResolveAsync(recipient.Address, cancellation).ConfigureAwait(false) is not RecipientResolution.Deliver found) continue;
            var by = await directory.FindMaskedAsync(recipient.Address, cancellation).ConfigureAwait(false);
            foreach (var (account, _) in found.Local)
            {
                if (accounts.Contains(account.Id)) continue;
                accounts.Add(account.Id);
                domains.Add(account.Address.Domain.Ascii);
                masked.Add(by?.Id);
            }
        }
        var facts = MessageFacts.Of(message, options.Attachments, database.NextId(), accounts, trap);
        facts.At = time.GetUtcNow();
        if (accounts.Count == 0) return facts;
        facts.Relations = await contacts.RelationsAsync(facts, cancellation).ConfigureAwait(false);
        // Who is proved to be of the account's own house is not shut out by it.
        facts.Against = [.. facts.Against.Select((rule, i) => rule is { Kind: SenderRuleKind.Blocked } && facts.ProvedDomain is not null && facts.Sender.EndsWith("@" + domains[i], StringComparison.Ordinal) ? null : rule)];
        if (masked.Exists(id => id is not null))
        {
            facts.Masked = await database.ReadAsync<IReadOnlyList<MaskedUse?>>(
                sql => [.. masked.Select((id, i) => id is { } known ? MaskedUse.Of(sql, known, facts, facts.Relations[i]) : null)], cancellation).ConfigureAwait(false);
        }
        if (facts.Relations.All(relation => relation.IsFirstContact)) facts.Bits |= FactBits.FirstContact;
        return facts;
    }

    /// <summary>What holds for one account's copy alone.</summary>
    internal IReadOnlyList<Finding> ForAccount(MessageFacts facts, long account, IReadOnlyList<Finding> found)
    {
        IReadOnlyList<Finding> own = [.. ContactsJudge.ForAccount(facts, account), .. MaskedJudge.ForAccount(facts, account)];
        if (ExpectedCodeJudge.ForAccount(facts, account, found) is { } expected) own = [.. own, expected];
        if (OwnRules.ForAccount(facts, account) is { } rule) own = [.. own, rule];
        return bombs.Judge(facts, account) is { } bomb ? [.. own, bomb] : own;
    }

    private void Note(Judgement judgement, IReadOnlyList<DeliveredCopy> copies)
    {
        if (judgement.Facts is not { } facts) return;
        var verdict = judgement.Verdict;
        facts.Campaign = campaigns.Add(facts, verdict.Disposition, IsCondemned(verdict));
        var shielded = new List<Action<Sql>>();
        foreach (var copy in copies)
        {
            var account = copy.AccountId;
            if (bombs.Count(facts, account) is { } bomb)
            {
                var now = time.GetUtcNow();
                shielded.Add(sql => ShieldRows.Bombed(sql, account, bomb.Begins, bomb.Messages, bomb.Domains, now, now + BombWatch.Aftermath));
                if (bomb.Begins && WarnOfBomb is { } warn) Warn(warn, account, (bomb.Messages, bomb.Domains));
            }
            if (copy.Verdict.Findings.Any(finding => finding.Symbol == BombWatch.Bomb.Name)) shielded.Add(sql => ShieldRows.SetAside(sql, account));
            if (ExpectedCodeJudge.IsExpected(facts, account)) shielded.Add(sql => ShieldRows.CodeCame(sql, account, copy.EmailId));
        }
        writer.Add(sql =>
        {
            if (options.KeepFindings > TimeSpan.Zero) findings.Write(sql, facts, verdict, copies);
            foreach (var copy in copies)
            {
                // Who came to Junk is no acquaintance.
                if (copy.Verdict.Disposition == Disposition.Accept) contacts.Received(sql, copy.AccountId, facts);
                facts.MaskedFor(copy.AccountId)?.Came(sql, facts, copy.Verdict.Disposition == Disposition.Accept, time.GetUtcNow());
            }
            foreach (var write in shielded) write(sql);
            if (facts.Is(FactBits.Trap)) reputation.Testify(sql, facts.Keys.Select(key => key.Key), Testimony.Trap, unwanted: true, Testimony.TrapItself);
        });
    }

    // Certain enough to count against others' copies: clearly beyond the threshold, and not only by what the campaign itself said.
    private bool IsCondemned(Verdict verdict) =>
        verdict.Score - verdict.Findings.Where(finding => finding.Symbol.StartsWith("CAMPAIGN_", StringComparison.Ordinal)).Sum(finding => finding.Weight) >= options.JunkThreshold + 1;

    private LabelledCopy? Label(Sql sql, long accountId, long emailId, bool junk)
    {
        if (findings.Label(sql, accountId, emailId, junk ? KnownLabel.Spam : KnownLabel.Wanted) is not { } copy) return null;
        var keys = copy.Keys.Select(key => key.Key).ToList();
        // What the account said before is taken back first, so that it cannot say the same thing twice.
        var before = Testimony.Of(copy.Before);
        if (before.Weight > 0) reputation.Testify(sql, keys, -before.Weight, before.Unwanted, accountId);
        if (!reputation.Testify(sql, keys, Testimony.Lesson, unwanted: junk, accountId)) logger.TestimonyRefused(accountId);
        return copy;
    }

    private void Warn(Func<long, int, int, ValueTask> warn, long account, (int Messages, int Domains) bomb) => _ = Task.Run(async () =>
    {
#pragma warning disable CA1031 // Nothing waits for the warning; that it failed is logged.
        try
        {
            await warn(account, bomb.Messages, bomb.Domains).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            logger.EvidenceFailed(failure);
        }
#pragma warning restore CA1031
    });
}
