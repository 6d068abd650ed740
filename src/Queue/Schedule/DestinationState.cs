using Sternpost.Queue.Routing;

namespace Sternpost.Queue.Schedule;

/// <summary>What the runner knows of one next hop while there is mail for it. Belongs to <see cref="ActiveSet"/>, under whose lock alone it is touched.</summary>
internal sealed class DestinationState(NextHop hop, int mostConnections)
{
    internal NextHop Hop { get; } = hop;

    internal DeliveryWindow Window { get; } = new(mostConnections);

    /// <summary>Domains with due mail in the database that has not been read yet, each with how far reading has come.</summary>
    internal Dictionary<string, DueCursor> Domains { get; } = [];

    /// <summary>Messages read, waiting for a connection.</summary>
    internal Queue<long> Waiting { get; } = new();

    /// <summary>Messages in <see cref="Waiting"/> or with a worker: not to be taken twice.</summary>
    internal HashSet<long> Known { get; } = [];

    /// <summary>Whose servers they are; known from the first connection on. Written by workers without the lock: all would write the same.</summary>
    internal string? Provider { get; set; }

    /// <summary>Workers, each with at most one connection.</summary>
    internal int Workers { get; set; }

    /// <summary>Workers whose connection is up.</summary>
    internal int Connected { get; set; }

    /// <summary>Messages put off by its policy one after another.</summary>
    internal int PutOff { get; set; }

    /// <summary>Until when it is left alone.</summary>
    internal DateTimeOffset RestUntil { get; set; }

    /// <summary>It stands in the line for a worker.</summary>
    internal bool InLine { get; set; }

    /// <summary>When it last had work, for forgetting it.</summary>
    internal DateTimeOffset LastUsed { get; set; }

    internal bool HasWork => Waiting.Count > 0 || Domains.Count > 0;
}

/// <summary>The place in a domain's due mail up to which it has been read.</summary>
internal readonly record struct DueCursor(long NextAttempt, long RecipientId)
{
    internal static DueCursor Start { get; } = new(long.MinValue, 0);
}
