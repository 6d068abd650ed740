using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Expected;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Bombs;

/// <summary>
/// Notices when somebody signs an address up everywhere, to bury the one message that matters: a burst of confirmations and welcomes
/// from strangers. Further ones go to Junk until the burst is over; login codes and everybody the account knows are left alone.
/// </summary>
internal sealed class BombWatch(FilterOptions options, TimeProvider time, ILogger logger)
{
    internal static readonly Symbol Bomb = new("MAIL_BOMB", 0, "The recipient is being signed up everywhere just now, and this is one more letter of a stranger's program.");

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    internal static readonly TimeSpan Aftermath = TimeSpan.FromHours(3);
    private const int MostWatched = 20_000;

    private readonly Dictionary<long, Watch> watches = [];
    private readonly Lock guard = new();

    internal static IReadOnlyList<Symbol> All { get; } = [Bomb];

    /// <summary>Counts a copy that was delivered; answers messages and domains of the hour where there is a burst, and whether it begins with this one.</summary>
    internal (int Messages, int Domains, bool Begins)? Count(MessageFacts facts, long account)
    {
        if (options.MailBomb == 0 || !Belongs(facts, account, strict: true) || facts.ShieldOf(account).IgnoresBombs(facts.At)) return null;
        var now = time.GetTimestamp();
        lock (guard)
        {
            if (watches.Count >= MostWatched) Prune(now);
            if (!watches.TryGetValue(account, out var watch)) watches[account] = watch = new Watch();
            watch.Add(facts.SenderDomain, now, time, Window);
            // Many letters of few senders are those senders' doing; a bomb comes from everywhere.
            if (watch.Messages < options.MailBomb || watch.Domains * 3 < watch.Messages * 2) return null;
            var began = watch.Until is not { } until || now > until;
            watch.Until = now + (long)(Aftermath.TotalSeconds * time.TimestampFrequency);
            if (began) logger.BombBegan(account, watch.Messages, watch.Domains);
            return (watch.Messages, watch.Domains, began);
        }
    }

    /// <summary>The finding for an account's copy while its burst lasts.</summary>
    internal Finding? Judge(MessageFacts facts, long account)
    {
        if (options.MailBomb == 0 || !Belongs(facts, account, strict: false)) return null;
        var shield = facts.ShieldOf(account);
        if (shield.IgnoresBombs(facts.At) || ExpectedCodeJudge.IsExpected(facts, account)) return null;
        // As it is kept: a restart ends no attack.
        if (shield.IsBombed(facts.At)) return Bomb.Found(compels: Disposition.Junk);
        lock (guard)
        {
            return watches.TryGetValue(account, out var watch) && time.GetTimestamp() <= watch.Until ? Bomb.Found(compels: Disposition.Junk) : null;
        }
    }

    // Counted is what looks like a sign-up; set aside is, during a burst, what a stranger's program wrote at all.
    private static bool Belongs(MessageFacts facts, long account, bool strict)
    {
        // This machine hands on what came to others; a burst in it is somebody moving his mail.
        if (!facts.ClientKnown || facts.Is(FactBits.LoginCode) || facts.Is(FactBits.Notice) || !ContactsJudge.RelationOf(facts, account).IsFirstContact) return false;
        return facts.Is(FactBits.SignUp) || (!strict && facts.Is(FactBits.Bulk));
    }

    private void Prune(long now)
    {
        foreach (var (account, _) in watches.Where(pair => pair.Value.Until is not { } until || until < now).Take(MostWatched / 2).ToList()) watches.Remove(account);
    }

    /// <summary>One account's sign-ups of the last hour.</summary>
    private sealed class Watch
    {
        private const int Most = 500;
        private readonly Queue<(long At, string Domain)> letters = new();

        internal int Messages => letters.Count;

        internal int Domains => letters.Select(letter => letter.Domain).Distinct(StringComparer.Ordinal).Count();

        /// <summary>Until when further ones are set aside; null while there was no burst.</summary>
        internal long? Until { get; set; }

        internal void Add(string domain, long now, TimeProvider time, TimeSpan window)
        {
            letters.Enqueue((now, domain));
            while (letters.Count > Most || time.GetElapsedTime(letters.Peek().At, now) > window) letters.Dequeue();
        }
    }
}
