using System.Collections.Immutable;
using Sternpost.Mailboxes;

namespace Sternpost.Migration;

/// <summary>Where mail comes from: all of it, mailbox by mailbox.</summary>
internal interface IMailSource : IAsyncDisposable
{
    /// <summary>Every message. What cannot be read is told and passed over.</summary>
    /// <exception cref="Commands.OperationFailedException">The source cannot be read any further; the message says why.</exception>
    IAsyncEnumerable<SourceMessage> MessagesAsync(Action<string> unreadable, CancellationToken cancellation);
}

/// <summary>A message elsewhere.</summary>
/// <param name="Mailbox">Its mailbox there, levels separated by "/".</param>
/// <param name="Use">What the mailbox is for, where the source says so or its name does.</param>
/// <param name="Key">What tells it from every other message of the source, the same at every reading.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Keywords">Its keywords.</param>
/// <param name="Date">When it arrived there.</param>
/// <param name="ReadAsync">Reads its octets, lines ended by CRLF; null where it is gone.</param>
internal sealed record SourceMessage(
    string Mailbox, SpecialUse Use, string Key, MessageFlags Flags, ImmutableArray<string> Keywords, DateTimeOffset Date, Func<CancellationToken, ValueTask<byte[]?>> ReadAsync);
