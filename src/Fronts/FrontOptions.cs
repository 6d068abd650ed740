using Sternpost.Dns;

namespace Sternpost.Fronts;

/// <summary>What the fronts must know beside the filter itself.</summary>
public sealed record FrontOptions
{
    /// <summary>Our name: in the headers that are added, and the one whose forged Authentication-Results are removed.</summary>
    public required DomainName HostName { get; init; }

    /// <summary>The filter's score from which a message is junk.</summary>
    public required double JunkThreshold { get; init; }

    /// <summary>The filter's score from which a message is refused.</summary>
    public required double RejectThreshold { get; init; }

    /// <summary>Largest message that is judged, in octets. A larger one is passed unjudged. Default 50 MB.</summary>
    public int MaxMessage { get; init; } = 50_000_000;

    /// <summary>How long a client may be silent in the middle of a request. Default 1 minute.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an open connection may wait between two messages. Default 10 minutes; Postfix keeps milters open so long.</summary>
    public TimeSpan Waiting { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Teaches the filter on behalf of another server.</summary>
/// <param name="message">The message with CRLF lines.</param>
/// <param name="lesson">What it is said to be.</param>
/// <param name="user">The user the client named, or null for the server as a whole.</param>
/// <param name="cancellation">Ends the wait.</param>
/// <returns>True where the filter changed.</returns>
public delegate ValueTask<bool> FrontTeacher(ReadOnlyMemory<byte> message, FrontLesson lesson, string? user, CancellationToken cancellation);

/// <summary>What a client says of a message.</summary>
public enum FrontLesson
{
    /// <summary>It is spam.</summary>
    Spam,
    /// <summary>It is wanted.</summary>
    Ham,
    /// <summary>What was said of it before is taken back.</summary>
    Forget,
}
