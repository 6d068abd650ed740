using Sternpost.Dns;
using Sternpost.Queue.Routing;

namespace Sternpost.Queue.Schedule;

/// <summary>
/// Decides what is worked on: which next hop may have another connection, and which message it carries. Holds ids and counts, never
/// messages: a page of ids for each next hop with due mail, so that the queue may be far larger than memory. Next hops take
/// turns; one with a hundred thousand messages waits behind one with a single message.
/// </summary>
internal sealed class ActiveSet(RouteTable routes, QueueOptions options, TimeProvider time)
{
    // Beyond so many next hops the scan of the next poll brings the rest.
    private const int MaxDestinations = 50_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    // Workers that only wait for a slow server give their place to others, up to so many times the places there are.
    private const int StalledPerConnection = 4;
    // One message put off may be greylisting, which speaks of its sender; several in a row speak of us.
    private const int PutOffBeforeRest = 3;

    private readonly Lock gate = new();
    private readonly Dictionary<string, DestinationState> destinations = [];
    private readonly Queue<DestinationState> line = new();
    private readonly PriorityQueue<DestinationState, DateTimeOffset> resting = new();
    // Messages that nobody may take for now.
    private readonly HashSet<long> withheld = [];
    private int working;
    private int stalled;

    /// <summary>Workers now, waiting ones included.</summary>
    internal int Workers
    {
        get { lock (gate) return working + stalled; }
    }

    /// <summary>These domains have mail that is due.</summary>
    internal void Notice(IEnumerable<string> domains)
    {
        lock (gate)
        {
            if (destinations.Count >= MaxDestinations) Forget(TimeSpan.Zero);
            foreach (var name in domains)
            {
                if (!DomainName.TryParse(name, out var domain)) continue;
                var hop = routes.Of(domain);
                if (!destinations.TryGetValue(hop.Name, out var destination))
                {
                    if (destinations.Count >= MaxDestinations) continue;
                    destinations[hop.Name] = destination = new DestinationState(hop, options.ConnectionsPerDestination);
                }
                destination.LastUsed = time.GetUtcNow();
                // A domain that is being read goes on being read; what it misses the next scan finds.
                destination.Domains.TryAdd(name, DueCursor.Start);
                Line(destination);
            }
        }
    }

    /// <summary>Takes a place for a worker and the next hop whose turn it is; null where there is no place or no work.</summary>
    internal DestinationState? Start()
    {
        lock (gate)
        {
            WakeRested();
            while (working < options.Connections && line.TryDequeue(out var destination))
            {
                destination.InLine = false;
                if (!MayStart(destination)) continue;
                destination.Workers++;
                working++;
                // The next one of the same next hop queues up behind all others.
                Line(destination);
                return destination;
            }
            return null;
        }
    }

    /// <summary>A worker has ended.</summary>
    internal void End(DestinationState destination)
    {
        lock (gate)
        {
            destination.Workers--;
            working--;
            destination.LastUsed = time.GetUtcNow();
            Line(destination);
        }
    }

    /// <summary>The worker waits for a server that takes its time; true where its place was given back.</summary>
    internal bool Stall()
    {
        lock (gate)
        {
            if (stalled >= options.Connections * StalledPerConnection) return false;
            working--;
            stalled++;
            return true;
        }
    }

    /// <summary>A stalled worker goes on, even where all places are taken meanwhile.</summary>
    internal void Resume()
    {
        lock (gate)
        {
            stalled--;
            working++;
        }
    }

    /// <summary>
    /// The next message for a worker. Null with a domain: the domain's due mail must be read first (<see cref="Loaded"/>);
    /// null without: there is nothing for it.
    /// </summary>
    internal long? Claim(DestinationState destination, out string? domain, out DueCursor from)
    {
        lock (gate)
        {
            domain = null;
            from = default;
            if (destination.Waiting.TryDequeue(out var message)) return message;
            foreach (var (name, cursor) in destination.Domains)
            {
                domain = name;
                from = cursor;
                break;
            }
            return null;
        }
    }

    /// <summary>A page of a domain's due mail was read.</summary>
    /// <param name="destination">Whose.</param>
    /// <param name="domain">Of which domain.</param>
    /// <param name="from">Where the page began.</param>
    /// <param name="page">Its rows in order.</param>
    /// <param name="more">Whether there may be more behind it.</param>
    internal void Loaded(DestinationState destination, string domain, DueCursor from, IReadOnlyList<DueRecipient> page, bool more)
    {
        lock (gate)
        {
            // Another worker may have read the same page; then this one tells nothing new.
            if (!destination.Domains.TryGetValue(domain, out var cursor) || cursor != from) return;
            foreach (var row in page)
            {
                if (!withheld.Contains(row.MessageId) && destination.Known.Add(row.MessageId)) destination.Waiting.Enqueue(row.MessageId);
            }
            if (more) destination.Domains[domain] = new DueCursor(page[^1].NextAttempt, page[^1].RecipientId);
            else destination.Domains.Remove(domain);
            Line(destination);
        }
    }

    /// <summary>Leaves messages alone until it is known what became of them.</summary>
    internal void Withhold(IEnumerable<long> messages)
    {
        lock (gate) withheld.UnionWith(messages);
    }

    /// <summary>It is known; the next scan finds what is still owed.</summary>
    internal void LetGo(long message)
    {
        lock (gate) withheld.Remove(message);
    }

    /// <summary>A claimed message that was not tried: it is the next one again.</summary>
    internal void Return(DestinationState destination, long message)
    {
        lock (gate)
        {
            destination.Waiting.Enqueue(message);
            Line(destination);
        }
    }

    /// <summary>The same of a message that has to wait for its provider, and all of the next hop with it.</summary>
    internal void PutBack(DestinationState destination, long message, TimeSpan wait)
    {
        lock (gate)
        {
            destination.Waiting.Enqueue(message);
            Rest(destination, wait);
        }
    }

    /// <summary>A claimed message is settled.</summary>
    internal void Release(DestinationState destination, long message)
    {
        lock (gate) destination.Known.Remove(message);
    }

    /// <summary>Whether this worker should go on: fewer connections may be allowed by now, or others be waiting for its place.</summary>
    internal bool MayGoOn(DestinationState destination)
    {
        lock (gate) return destination.Workers <= destination.Window.Width && destination.RestUntil <= time.GetUtcNow();
    }

    internal void Connected(DestinationState destination, bool up)
    {
        lock (gate) destination.Connected += up ? 1 : -1;
    }

    internal void Succeeded(DestinationState destination)
    {
        lock (gate)
        {
            destination.Window.Succeeded();
            destination.PutOff = 0;
            Line(destination);
        }
    }

    /// <summary>The next hop took none of a message for now and says that this is its policy (RFC 3463 X.7.x): it gets less, and after some of that nothing for a while.</summary>
    internal void Slowed(DestinationState destination)
    {
        lock (gate)
        {
            destination.Window.Troubled();
            if (++destination.PutOff < PutOffBeforeRest) return;
            destination.PutOff = 0;
            Rest(destination);
        }
    }

    /// <summary>A connection broke or was turned away. Where it was the last one, the next hop rests.</summary>
    internal void Troubled(DestinationState destination)
    {
        lock (gate)
        {
            var lowest = destination.Window.Width == 1;
            destination.Window.Troubled();
            if (lowest && destination.Connected <= 1) Rest(destination);
        }
    }

    /// <summary>
    /// The worker found no server that takes mail. True where it is the only worker, so that this is the failure of the whole next
    /// hop; false where others are connected or still trying, and it may only take no more connections.
    /// </summary>
    internal bool Failed(DestinationState destination, bool rest)
    {
        lock (gate)
        {
            if (destination.Workers > 1)
            {
                destination.Window.Troubled();
                return false;
            }
            destination.Window.Failed();
            if (rest) Rest(destination);
            return true;
        }
    }

    /// <summary>Something of ours failed while working on it: nothing to conclude about the next hop, but no reason to hurry either.</summary>
    internal void LeaveAlone(DestinationState destination)
    {
        lock (gate) Rest(destination);
    }

    /// <summary>When the first of the resting ones that have work wants to be tried again; null where none rests.</summary>
    internal DateTimeOffset? NextWake
    {
        get { lock (gate) return resting.TryPeek(out _, out var until) ? until : null; }
    }

    /// <summary>Forgets next hops nobody has written to for a while.</summary>
    internal void Forget()
    {
        lock (gate) Forget(Remembered);
    }

    private void Forget(TimeSpan unusedFor)
    {
        var now = time.GetUtcNow();
        foreach (var (name, destination) in destinations)
        {
            if (destination is { Workers: 0, HasWork: false, InLine: false } && destination.RestUntil <= now && destination.LastUsed + unusedFor <= now) destinations.Remove(name);
        }
    }

    private void Rest(DestinationState destination) => Rest(destination, options.RestAfterFailure);

    private void Rest(DestinationState destination, TimeSpan span)
    {
        destination.RestUntil = time.GetUtcNow() + span;
        resting.Enqueue(destination, destination.RestUntil);
    }

    private void WakeRested()
    {
        var now = time.GetUtcNow();
        while (resting.TryPeek(out var destination, out var until) && until <= now)
        {
            resting.Dequeue();
            Line(destination);
        }
    }

    private void Line(DestinationState destination)
    {
        if (destination.InLine || !MayStart(destination)) return;
        destination.InLine = true;
        line.Enqueue(destination);
    }

    private bool MayStart(DestinationState destination) =>
        destination.HasWork && destination.Workers < destination.Window.Width && destination.RestUntil <= time.GetUtcNow()
        // Each message needs one worker; a domain not read yet is worth one.
        && destination.Workers < destination.Known.Count + destination.Domains.Count;
}
