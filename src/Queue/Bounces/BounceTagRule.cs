using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Reputation;
using Sternpost.Storage;

namespace Sternpost.Queue.Bounces;

/// <summary>
/// Tells bounces of mail that was never sent here: they have no tag. Only once mail has left with tags for longer than a bounce takes, and
/// never at addresses that must take everything.
/// </summary>
/// <param name="database">Where it stands since when tags are made.</param>
/// <param name="directory">Knows the tags.</param>
/// <param name="options">The setting.</param>
/// <param name="time">The clock.</param>
/// <param name="exempt">Local-parts that take every bounce; postmaster (RFC 5321 §4.5.1) and abuse (RFC 2142 §4) always do.</param>
public sealed class BounceTagRule(Database database, AccountDirectory directory, QueueOptions options, TimeProvider time, IReadOnlyList<string> exempt)
{
    private const string Fact = "bounceTags";
    // A message waits five days in a queue, and its bounce again.
    private static readonly TimeSpan TaggedFor = TimeSpan.FromDays(10);
    private static readonly string[] Always = ["postmaster", "abuse"];

    /// <summary>Whether a message with the null reverse-path is a bounce of mail that did not come from here.</summary>
    public async ValueTask<bool> IsForeignAsync(EmailAddress recipient, CancellationToken cancellation)
    {
        if (options.BounceTags != BounceTagging.Refuse || Always.Concat(exempt).Contains(recipient.LocalPart, StringComparer.OrdinalIgnoreCase)) return false;
        var (value, since) = await database.ReadAsync(sql => QueueFacts.Read(sql, Fact), cancellation).ConfigureAwait(false);
        return value is not null && since + TaggedFor <= time.GetUtcNow() && !await directory.HasBounceTagAsync(recipient, cancellation).ConfigureAwait(false);
    }

    /// <summary>Notes since when mail leaves with tags.</summary>
    internal static async ValueTask NoteAsync(Database database, QueueOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var noted = await database.ReadAsync(sql => QueueFacts.Read(sql, Fact).Value, cancellation).ConfigureAwait(false) is not null;
        if (noted == (options.BounceTags != BounceTagging.Off)) return;
        await database.WriteAsync(sql => noted ? QueueFacts.Forget(sql, Fact) : QueueFacts.Write(sql, Fact, "tagged", time.GetUtcNow()), cancellation).ConfigureAwait(false);
    }
}
