using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Storage;

namespace Sternpost.Queue.Signing;

/// <summary>When keys change.</summary>
public sealed record RotationOptions
{
    /// <summary>How long a key signs before its successor is made; zero for never. Default 180 days.</summary>
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromDays(180);

    /// <summary>How long a new key must have been in DNS before it signs: longer than anybody remembers that it was not there. Default 2 days.</summary>
    public TimeSpan PublishedBefore { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long an old key stays in DNS after it signed last: mail waits in queues for days and is checked again later. Default 30 days.</summary>
    public TimeSpan KeptAfter { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a revoked key is shown as such before it is forgotten. Default 60 days.</summary>
    public TimeSpan RevokedFor { get; init; } = TimeSpan.FromDays(60);
}

/// <summary>Puts a domain's keys into its zone, where this server may; null where all are there, otherwise why not. A seam: rotation knows no zones.</summary>
public delegate Task<string?> KeyPublisher(DomainName domain, IReadOnlyList<PublishedKey> keys, CancellationToken cancellation);

/// <summary>
/// Changes DKIM keys without a moment in which mail is signed with a key that receivers cannot find: the successor is made, waits until it
/// has been seen in DNS for some days, and only then takes over; the old one stays published, is revoked, and goes. Who never
/// publishes the successor goes on with the key he has.
/// </summary>
public sealed class DkimRotation(Database database, AccountDirectory directory, DkimKeys keys, IDnsResolver dns, RotationOptions options, TimeProvider time, ILogger<DkimRotation> log) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>Publishes keys; null where the administrator does.</summary>
    public KeyPublisher? Publish { get; init; }

    /// <summary>Begins; a round every hour.</summary>
    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>One round over all domains.</summary>
    internal async Task RoundAsync(CancellationToken cancellation)
    {
        foreach (var domain in await directory.DomainsAsync(cancellation).ConfigureAwait(false)) await RoundAsync(domain.Name, cancellation).ConfigureAwait(false);
    }

    private async Task RoundAsync(DomainName domain, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var kept = await database.ReadAsync(sql => DkimKeys.All(sql, domain), cancellation).ConfigureAwait(false);
        if (options.RotateAfter > TimeSpan.Zero && kept.Any(key => key.Use == KeyUse.Signing && now - key.Since >= options.RotateAfter) && await keys.PrepareAsync(domain, cancellation).ConfigureAwait(false) > 0)
        {
            if (Publish is null) log.NextKeysMade(domain.Ascii);
            await PublishAsync(domain, cancellation).ConfigureAwait(false);
            return;
        }
        foreach (var key in kept)
        {
            switch (key.Use)
            {
                case KeyUse.Next: await LookForAsync(domain, key, now, cancellation).ConfigureAwait(false); break;
                case KeyUse.Retired when now - key.Since >= options.KeptAfter:
                    await WriteAsync(sql => DkimKeys.Revoke(sql, key.Id, now), cancellation).ConfigureAwait(false);
                    if (Publish is null) log.KeyRevoked(domain.Ascii, key.Selector);
                    break;
                case KeyUse.Revoked when now - key.Since >= options.RevokedFor:
                    await WriteAsync(sql => DkimKeys.Forget(sql, key.Id), cancellation).ConfigureAwait(false);
                    break;
            }
        }
        await PublishAsync(domain, cancellation).ConfigureAwait(false);
    }

    // Again and again: what is there already costs a question, and what failed is made good.
    private async Task PublishAsync(DomainName domain, CancellationToken cancellation)
    {
        if (Publish is not { } publish) return;
        var published = await keys.PublishedAsync(domain, cancellation).ConfigureAwait(false);
        if (await publish(domain, published, cancellation).ConfigureAwait(false) is { } problem) log.KeysNotPublished(domain.Ascii, problem);
    }

    private async Task LookForAsync(DomainName domain, KeptKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        switch (await KeyPublication.IsPublishedAsync(domain, key.Published, dns, cancellation).ConfigureAwait(false))
        {
            // What is not known now changes nothing.
            case null: return;
            // It was there and is gone: whoever remembers that needs his time again.
            case false when key.Seen is not null: await WriteAsync(sql => DkimKeys.SetSeen(sql, key.Id, null), cancellation).ConfigureAwait(false); return;
            case false: return;
            case true when key.Seen is null:
                await WriteAsync(sql => DkimKeys.SetSeen(sql, key.Id, now), cancellation).ConfigureAwait(false);
                log.NextKeySeen(domain.Ascii, key.Selector, now + options.PublishedBefore);
                return;
        }
        if (now - key.Seen < options.PublishedBefore) return;
        // In one transaction: at no moment are there two keys of a kind that sign, or none.
        await WriteAsync(sql =>
        {
            foreach (var other in DkimKeys.All(sql, domain))
            {
                if (other.Use == KeyUse.Signing && other.Algorithm == key.Algorithm) DkimKeys.SetUse(sql, other.Id, KeyUse.Retired, now);
            }
            DkimKeys.SetUse(sql, key.Id, KeyUse.Signing, now);
        }, cancellation).ConfigureAwait(false);
        log.KeyTookOver(domain.Ascii, key.Selector);
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenRounds, time, stopping.Token).ConfigureAwait(false);
                await RoundAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is DbException or IOException or InvalidOperationException)
            {
                log.RotationFailed(failed);
            }
        }
    }

    private async Task WriteAsync(Action<Sql> work, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            work(sql);
            return true;
        },
        cancellation).ConfigureAwait(false);
}
