using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence.AfterDelivery;
using Sternpost.Filter.Evidence.Campaigns;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Greylisting;
using Sternpost.Filter.Evidence.Refitting;
using Sternpost.Filter.Evidence.Reputation;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence;

/// <summary>What stored evidence needs beside mail: what other processes changed is read, old rows are forgotten, and once a night it is looked at what people kept.</summary>
internal sealed class EvidenceUpkeep(
    Database database, FilterOptions options, FindingsBook findings, ContactBook contacts, ReputationBook reputation, Greylist greylist, ServerEvidence evidence, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenListings = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BetweenForgetting = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenNights = TimeSpan.FromHours(24);
    private const int MostRestored = 60_000;

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    internal void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>Fills the campaign book from the findings of its time.</summary>
    internal async ValueTask RestoreAsync(CampaignBook campaigns, CancellationToken cancellation)
    {
        var members = await findings.CampaignsAsync(time.GetUtcNow() - CampaignBook.Remembered, MostRestored, cancellation).ConfigureAwait(false);
        members.Reverse();
        foreach (var member in members)
        {
            var facts = MessageFacts.Restored(member);
            campaigns.Restore(member.Campaign, member.Sketch, facts, member.Disposition, member.Score >= options.JunkThreshold + 1, Database.TimeOf(member.Id).ToUnixTimeMilliseconds());
            if (Testimony.Of(member.Label) is { Weight: >= 1 } said) campaigns.Testify(member.Campaign, member.AccountId, said.Unwanted);
        }
    }

    /// <summary>One night's work, for the upkeep and for tests: copies that were read and kept, then a proposal of better weights.</summary>
    internal async ValueTask NightAsync(CancellationToken cancellation)
    {
        if (evidence.Mail is { } mail) await LookAtKeptAsync(mail, cancellation).ConfigureAwait(false);
        await new Refit(database, findings, options, time, logger).ProposeAsync(cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var nextForgetting = time.GetUtcNow() + BetweenRounds;
        var nextListings = time.GetUtcNow() + BetweenListings;
        var listings = new LateListings(database, options, evidence.ListJudges, evidence.Later, time);
        // The first night comes half a day after the start, so that restarts neither skip it nor repeat it all the time.
        var nextNight = time.GetUtcNow() + (BetweenNights / 2);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenRounds, time, stopping.Token).ConfigureAwait(false);
                await reputation.RefreshAsync(stopping.Token).ConfigureAwait(false);
                await contacts.LoadAsync(stopping.Token).ConfigureAwait(false);
                if (time.GetUtcNow() >= nextListings && evidence.Mail is { } mail)
                {
                    nextListings = time.GetUtcNow() + BetweenListings;
                    await listings.LookAsync(mail, stopping.Token).ConfigureAwait(false);
                }
                if (time.GetUtcNow() >= nextForgetting)
                {
                    nextForgetting = time.GetUtcNow() + BetweenForgetting;
                    await ForgetAsync(stopping.Token).ConfigureAwait(false);
                }
                if (time.GetUtcNow() < nextNight) continue;
                nextNight = time.GetUtcNow() + BetweenNights;
                await NightAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is DbException or IOException or InvalidOperationException)
            {
                logger.EvidenceUpkeepFailed(failed);
            }
        }
    }

    private async ValueTask ForgetAsync(CancellationToken cancellation)
    {
        while (await database.WriteAsync(sql => findings.Forget(sql, options.KeepFindings), cancellation).ConfigureAwait(false))
        {
            cancellation.ThrowIfCancellationRequested();
        }
        await database.WriteAsync(
            sql =>
            {
                contacts.Forget(sql);
                reputation.Forget(sql);
                greylist.Forget(sql);
                evidence.Later.Forget(sql);
                return 0;
            },
            cancellation).ConfigureAwait(false);
    }

    // Of the day before yesterday: who reads his mail at all has had a day for it.
    private async ValueTask LookAtKeptAsync(IDeliveredMail mail, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var piece in (await findings.UnlabelledAsync(now - (2.5 * BetweenNights), now - BetweenNights, cancellation).ConfigureAwait(false)).Chunk(100))
        {
            var labels = new List<(UnlabelledCopy Copy, KnownLabel Label)>(piece.Length);
            foreach (var copy in piece)
            {
                var state = await mail.StateAsync(copy.MailboxId, copy.Uid, copy.EmailId, cancellation).ConfigureAwait(false);
                if (state is CopyState.Answered or CopyState.Touched) labels.Add((copy, state == CopyState.Answered ? KnownLabel.Answered : KnownLabel.Kept));
            }
            await database.WriteAsync(
                sql =>
                {
                    foreach (var (copy, label) in labels)
                    {
                        if (findings.Label(sql, copy.AccountId, copy.EmailId, label, onlyIfNone: true) is not { } labelled) continue;
                        // Where a link leads says nothing about who was read.
                        reputation.Testify(sql, labelled.Keys.Where(key => key.Kind != EvidenceKind.Link).Select(key => key.Key), Testimony.Of(label).Weight, unwanted: false, copy.AccountId);
                    }
                    return 0;
                },
                cancellation).ConfigureAwait(false);
        }
    }
}
