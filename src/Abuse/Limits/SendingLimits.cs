using System.Globalization;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Abuse.Limits;

/// <summary>A limit as it stands for a layer now.</summary>
/// <param name="Layer">Of which layer.</param>
/// <param name="Name">Which limit.</param>
/// <param name="Bounds">What it allows.</param>
/// <param name="Used">What was sent within its span.</param>
/// <param name="From">Where it was laid down: a subject, or "configuration".</param>
public sealed record LimitState(SendingLayer Layer, LimitName Name, Bounds Bounds, long Used, string From);

/// <summary>
/// Counts what is sent, durably, in sliding windows of an hour and a day, in every layer of who sends: account, app password,
/// domain, address, server. Mail that stays here, mail that leaves, recipients never written to before, and automatic replies are
/// counted apart, because they harm differently.
/// </summary>
/// <remarks>
/// Totals stand in buckets of five minutes, and a bucket counts until all of it has left the window: no true hour or day ever holds
/// more than the limit, and room may come up to five minutes late. Windows slide, because a limit by the calendar's hours lets twice
/// as much through around the full hour. The count that decides is made in the transaction that accepts the message, and
/// transactions of all processes run one after another, so the boundary is exact under any concurrency and nothing of it is in memory.
/// </remarks>
public sealed class SendingLimits(Database database, SendingLimitOptions options, TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Dictionary<string, LimitSet> standards = SendingLayer.Kinds.ToDictionary(kind => kind, options.Standard);

    /// <summary>Whether an account had to do with an address before this release counted, or was written to by it. Set once at composition; null knows nobody.</summary>
    public Func<Sql, long, EmailAddress, bool>? Acquainted { get; set; }

    /// <summary>
    /// Whether a message to so many more would be refused now; null where it would not. Called at RCPT, so that who is over a limit hears of
    /// it early; counts nothing and looks at hard limits alone.
    /// </summary>
    public ValueTask<LimitReached?> CheckAsync(SendingIdentity sender, int internalRecipients, int externalRecipients, CancellationToken cancellation) => database.ReadAsync(
        sql =>
        {
            var asked = new Totals(1, internalRecipients, externalRecipients, 0, 0);
            var now = time.GetUtcNow();
            foreach (var layer in sender.Layers)
            {
                var limits = LimitsOf(sql, layer);
                if (Beyond(sql, layer, limits, Used(sql, layer.Scope, now), asked, now, bounds => bounds.Hard) is { } reached) return reached;
            }
            return null;
        },
        cancellation);

    /// <summary>
    /// Counts inside the transaction that accepts the message, so that no count is lost or doubled. Where a hard limit stands in
    /// the way it is answered and nothing is counted: the caller then accepts nothing.
    /// </summary>
    public CountOutcome Count(Sql sql, SendingIdentity sender, OutgoingCount message)
    {
        var now = time.GetUtcNow();
        List<EmailAddress> fresh = [];
        foreach (var recipient in message.External)
        {
            if (!SendingContacts.Knows(sql, sender.Account.Id, recipient) && Acquainted?.Invoke(sql, sender.Account.Id, recipient) != true) fresh.Add(recipient);
        }
        var asked = message.IsAutomatic
            ? new Totals(0, 0, 0, 0, message.Internal + message.External.Count)
            : new Totals(1, message.Internal, message.External.Count, fresh.Count, 0);
        var layers = sender.Layers.Select(layer => (Layer: layer, Limits: LimitsOf(sql, layer), Used: Used(sql, layer.Scope, now))).ToArray();
        foreach (var (layer, limits, used) in layers)
        {
            if (Beyond(sql, layer, limits, used, asked, now, bounds => bounds.Hard) is { } refusal) return new CountOutcome(refusal, null, []);
        }
        LimitReached? hold = null;
        foreach (var (layer, limits, used) in layers)
        {
            hold ??= message.External.Count == 0 ? null : Beyond(sql, layer, limits, used, asked, now, bounds => bounds.Soft);
            SendingTotals.Add(sql, layer.Scope, used.Newest, asked, now);
        }
        foreach (var recipient in fresh) SendingContacts.Add(sql, sender.Account.Id, recipient, now);
        return new CountOutcome(null, hold, fresh);
    }

    /// <summary>Every limit of some layers that allows less than everything, with what is used of it.</summary>
    public ValueTask<IReadOnlyList<LimitState>> StatesAsync(IReadOnlyList<SendingLayer> layers, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<LimitState>>(
        sql =>
        {
            var now = time.GetUtcNow();
            var states = new List<LimitState>();
            foreach (var layer in layers)
            {
                var limits = LimitsOf(sql, layer);
                var overrides = Subjects(layer).SelectMany(subject => LimitOverrides.Of(sql, subject)).ToList();
                var used = Used(sql, layer.Scope, now);
                foreach (var name in LimitName.All)
                {
                    var from = overrides.FindLast(set => set.Name == name)?.Subject;
                    if (limits[name] is { Soft: 0, Hard: 0 } && from is null) continue;
                    states.Add(new LimitState(layer, name, limits[name], name.Span == Span.Message ? 0 : used.In(name.Span).Of(name.Measure), from ?? "configuration"));
                }
            }
            return states;
        },
        cancellation);

    /// <summary>The layers of a kind, by scope, in which something was sent within the last day; the busiest are not told from others.</summary>
    public ValueTask<IReadOnlyList<string>> ActiveAsync(string kind, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<string>>(
        sql => SendingTotals.Active(sql, kind + ":", time.GetUtcNow(), Day), cancellation);

    /// <summary>Forgets layers that send no more; answers whether there may be more of them.</summary>
    public async ValueTask<bool> ForgetAsync(CancellationToken cancellation) =>
        await database.WriteAsync(sql => SendingTotals.Forget(sql, time.GetUtcNow()), cancellation).ConfigureAwait(false) > 0;

    /// <summary>Whoever an account wrote to for the first time since a moment is a stranger again: it was not its owner who did.</summary>
    public static void ForgetContactsSince(Sql sql, long account, DateTimeOffset since) => SendingContacts.ForgetSince(sql, account, since);

    private static IEnumerable<string> Subjects(SendingLayer layer) => layer.Inherits.Append(layer.Scope);

    private LimitSet LimitsOf(Sql sql, SendingLayer layer)
    {
        var limits = standards.GetValueOrDefault(layer.Kind, LimitSet.None);
        foreach (var subject in Subjects(layer))
        {
            foreach (var set in LimitOverrides.Of(sql, subject)) limits = limits.With(set.Name, set.Soft, set.Hard);
        }
        return limits;
    }

    private static Usage Used(Sql sql, string scope, DateTimeOffset now)
    {
        var newest = SendingTotals.Newest(sql, scope);
        return newest.Bucket == 0 ? default : new Usage(newest, SendingTotals.Before(sql, scope, now, Hour), SendingTotals.Before(sql, scope, now, Day));
    }

    private static LimitReached? Beyond(Sql sql, SendingLayer layer, LimitSet limits, Usage used, Totals asked, DateTimeOffset now, Func<Bounds, long> which)
    {
        foreach (var name in LimitName.All)
        {
            var (allowed, more) = (which(limits[name]), asked.Of(name.Measure));
            if (allowed == 0 || more == 0) continue;
            var sent = name.Span == Span.Message ? 0 : used.In(name.Span).Of(name.Measure);
            if (sent + more > allowed) return Explain(sql, layer, name, allowed, sent, more, used, now);
        }
        return null;
    }

    private static LimitReached Explain(Sql sql, SendingLayer layer, LimitName name, long allowed, long sent, long more, Usage used, DateTimeOffset now)
    {
        var limit = $"{name.Adjective} limit of {layer.Name}" + (name.Measure == Measure.External ? "" : $" on {name.Nouns}");
        if (name.Span == Span.Message || more > allowed)
        {
            return new LimitReached(limit, allowed, DateTimeOffset.MaxValue, name.Span == Span.Message
                ? $"The {limit} is {allowed} {name.Nouns} and this one has {more}; send to fewer recipients at once"
                : $"The {limit} is {allowed} {name.Nouns} and {sent} have been {Verb(name)}; send to fewer recipients at once");
        }
        var window = name.Span == Span.Hour ? Hour : Day;
        // As much as was asked for fits once the totals at the window's beginning have come so far.
        var end = SendingTotals.EndOf(sql, layer.Scope, now, window, name.Measure, used.Newest.Sums.Of(name.Measure) + more - allowed);
        var roomAt = (end ?? now) + window;
        var room = roomAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return new LimitReached(limit, allowed, roomAt, $"The {limit} is {allowed} {name.Nouns} and {sent} have been {Verb(name)}; there is room again at {room} UTC");
    }

    private static string Verb(LimitName name) => name.Measure == Measure.Messages ? "sent" : "written to";

    private readonly record struct Usage((long Bucket, Totals Sums) Newest, Totals BeforeHour, Totals BeforeDay)
    {
        internal Totals In(Span span) => Newest.Sums - (span == Span.Hour ? BeforeHour : BeforeDay);
    }
}
