using System.Globalization;
using System.Net;
using Sternpost.Abuse.Holds;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Signs;
using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Abuse.Trust;

/// <summary>
/// The trust each sender has, from its own history. Mail that is as always costs nothing; what is unusual is paid for; where the budget
/// does not suffice the message is held, not refused. Everything is read and written in the transaction that accepts the message.
/// </summary>
public sealed class SenderTrust(Database database, TrustOptions options, TimeProvider time)
{
    private const double Thousand = 1000;
    // How fast the usual content score follows: the last fifty messages or so.
    private const long Remembered = 50;
    private const double ComplaintCost = 4;
    private const double BounceCost = 0.5;
    private const int FewBounces = 3;
    private const int BouncesOfBurst = 10;
    private const int ComplaintsOfTheft = 3;

    /// <summary>Looks at a message about to be accepted; answers the hold where it is too unusual, and writes down what was seen of it.</summary>
    /// <param name="sql">The accepting transaction.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="account">Who sends.</param>
    /// <param name="traits">What it is like.</param>
    /// <param name="external">Recipients outside.</param>
    /// <param name="fresh">Of them those never written to before.</param>
    public Hold? Judge(Sql sql, long id, Account account, MessageTraits traits, int external, int fresh)
    {
        if (!options.Enabled) return null;
        var now = time.GetUtcNow();
        var trust = TrustRows.Trust(sql, account.Id);
        var habits = TrustRows.Habits(sql, account.Id, traits, now, (trust?.UsualScore ?? 0) / Thousand);
        var price = Price.Of(habits, traits.ContentScore, external, fresh);
        var left = Left(sql, account.Id, trust, now);
        var held = price.Cost > left;
        SentMessages.Insert(sql, id, account.Id, traits, price.Cost > 0 || habits.IsAway, price.Cost);
        TrustRows.AddDay(sql, account.Id, now, messages: 1, external: habits.IsAway ? 0 : external, fresh: habits.IsAway ? 0 : fresh, odd: habits.IsAway ? external : 0);
        if (held)
        {
            // What is held teaches nothing, or a thief would teach us his ways.
            TrustRows.PutTrust(sql, account.Id, (long)(left * Thousand), now, trust?.UsualScore ?? 0, trust?.Scored ?? 0);
            return HoldOf(sql, id, account, habits, price, now, external);
        }
        TrustRows.NoteTraits(sql, account.Id, traits, now);
        var scored = Math.Min((trust?.Scored ?? 0) + 1, Remembered);
        var usual = (trust?.UsualScore ?? 0) + (((long)(traits.ContentScore * Thousand) - (trust?.UsualScore ?? 0)) / scored);
        TrustRows.PutTrust(sql, account.Id, (long)((left - price.Cost) * Thousand), now, usual, scored);
        return null;
    }

    /// <summary>Whether held mail of an account may go on: nothing bad was heard since.</summary>
    public static bool MayRelease(Sql sql, HeldMessage held) =>
        held.Hold.Kind != HoldKind.Trust || SignRows.Since(sql, held.AccountId, held.Since).All(sign => sign.Kind == SignKind.Held);

    /// <summary>Recipients of an account's mail turned out not to exist. In the transaction that writes that down.</summary>
    public void Bounced(Sql sql, long accountId, int recipients)
    {
        if (!options.Enabled || recipients == 0) return;
        var now = time.GetUtcNow();
        TrustRows.AddDay(sql, accountId, now, bounced: recipients);
        var (external, bounced, _) = TrustRows.Today(sql, accountId, now);
        // Addresses grow old; a list that was bought, or thought up, is full of them.
        if (bounced <= Math.Max(FewBounces, external / 10)) return;
        Spend(sql, accountId, BounceCost * recipients, now);
        if (bounced < BouncesOfBurst || bounced * 10 < external * 3) return;
        var away = SentMessages.Since(sql, accountId, now.AddHours(-6), onlyOdd: true).Count > 0;
        SignRows.Raise(sql, database.NextId(), accountId, SignKind.BounceBurst, string.Create(CultureInfo.InvariantCulture, $"{bounced} of {external} recipients of today do not exist."), away && bounced >= 2 * BouncesOfBurst);
    }

    /// <summary>A recipient's provider passed a complaint on about a message of an account.</summary>
    public void Complained(Sql sql, SentMessage message, string by)
    {
        if (!options.Enabled) return;
        var now = time.GetUtcNow();
        TrustRows.AddDay(sql, message.AccountId, now, complaints: 1);
        Spend(sql, message.AccountId, ComplaintCost, now);
        var complaints = TrustRows.Today(sql, message.AccountId, now).Complaints;
        SignRows.Raise(sql, database.NextId(), message.AccountId, SignKind.Complaint,
            string.Create(CultureInfo.InvariantCulture, $"{by} passed on a complaint about a message of this account; it is complaint {complaints} of today."), complaints >= ComplaintsOfTheft && message.IsOdd);
    }

    /// <summary>Something certain, or grave, was noticed about an account.</summary>
    public async ValueTask NoticeAsync(long accountId, SignKind kind, string what, bool certain, double cost, CancellationToken cancellation)
    {
        if (!options.Enabled) return;
        var id = database.NextId();
        await database.WriteAsync(
            sql =>
            {
                if (cost > 0) Spend(sql, accountId, cost, time.GetUtcNow());
                SignRows.Raise(sql, id, accountId, kind, what, certain);
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>An account signed in from somewhere, by whatever protocol: people read before they write.</summary>
    public void SignedIn(Sql sql, long accountId, IPAddress from) => TrustRows.NoteTrait(sql, accountId, TraitKind.Network, MessageTraits.NetworkOf(from), time.GetUtcNow());

    /// <summary>Whether an account was known from a network before.</summary>
    public bool KnowsNetwork(Sql sql, long accountId, IPAddress from) => TrustRows.Habits(sql, accountId, new MessageTraits { Source = from }, time.GetUtcNow(), 0) is { IsAway: false };

    /// <summary>What is left of an account's trust, and of how much.</summary>
    public ValueTask<(double Left, double Budget)> LeftAsync(long accountId, CancellationToken cancellation) =>
        database.ReadAsync(sql => (Left(sql, accountId, TrustRows.Trust(sql, accountId), time.GetUtcNow()), options.Budget), cancellation);

    /// <summary>What was learnt since a moment was not the owner's doing; his trust is whole again.</summary>
    public void ForgetSince(Sql sql, long accountId, DateTimeOffset since)
    {
        TrustRows.ForgetSince(sql, accountId, since);
        SendingLimits.ForgetContactsSince(sql, accountId, since);
        var trust = TrustRows.Trust(sql, accountId);
        TrustRows.PutTrust(sql, accountId, (long)(options.Budget * Thousand), time.GetUtcNow(), trust?.UsualScore ?? 0, trust?.Scored ?? 0);
    }

    /// <summary>Forgets what is too old to matter.</summary>
    public async ValueTask ForgetAsync(CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            TrustRows.Forget(sql, time.GetUtcNow());
            return true;
        },
        cancellation).ConfigureAwait(false);

    private double Left(Sql sql, long accountId, (long Remaining, long AsOf, long UsualScore, long Scored)? trust, DateTimeOffset now)
    {
        if (trust is not { } known) return options.Budget;
        var left = known.Remaining / Thousand;
        if (left >= options.Budget) return options.Budget;
        // Nothing comes back while something waits to be judged by what follows.
        if (HoldRows.Of(sql, accountId).Any(held => held.Hold.Kind == HoldKind.Trust)) return left;
        var days = Math.Max(0, now.ToUnixTimeMilliseconds() - known.AsOf) / 86_400_000.0;
        return Math.Min(options.Budget, left + (days * options.PerDay));
    }

    private void Spend(Sql sql, long accountId, double cost, DateTimeOffset now)
    {
        var trust = TrustRows.Trust(sql, accountId);
        TrustRows.PutTrust(sql, accountId, (long)((Left(sql, accountId, trust, now) - cost) * Thousand), now, trust?.UsualScore ?? 0, trust?.Scored ?? 0);
    }

    private Hold HoldOf(Sql sql, long id, Account account, Habits habits, Price price, DateTimeOffset now, int external)
    {
        SignRows.Raise(sql, database.NextId(), account.Id, SignKind.Held, $"Mail of {account.Address} is held: {string.Join(", ", price.Reasons)}.", certain: false);
        if (habits.IsAway)
        {
            var before = sql.First($"""
                select count(*) from sent_copies c join sending_holds h on h.message_id = c.message_id where h.account_id = {account.Id} and h.kind = {(int)HoldKind.Trust} and c.account_id is null
                """, row => row.GetInt64(0));
            if (before + external >= options.ContainAfter)
                SignRows.Raise(sql, database.NextId(), account.Id, SignKind.Runaway, string.Create(CultureInfo.InvariantCulture, $"{before + external} recipients were written to from a network that {account.Address} was never used from, after the account's trust was spent."), certain: true);
        }
        return new Hold(HoldKind.Trust, "it is unusual for this account: " + string.Join(", ", price.Reasons.Take(3)), now + options.Silence);
    }
}
