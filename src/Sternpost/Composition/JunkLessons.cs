using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sternpost.Filter.Lessons;
using Sternpost.Mailboxes;

namespace Sternpost.Composition;

/// <summary>
/// Carries moves into and out of Junk from the store to the filter, in the background: the client's command is done when its mail
/// has moved. A queue too full drops the lesson, never the move.
/// </summary>
internal sealed partial class JunkLessons(MailStore store, AccountLessons lessons, ILogger<JunkLessons> logger) : BackgroundService, IJunkLessons
{
    private readonly Channel<(long AccountId, long EmailId, bool Junk)> waiting =
        Channel.CreateBounded<(long, long, bool)>(new BoundedChannelOptions(10_000) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public void Taught(long accountId, long emailId, bool junk) => waiting.Writer.TryWrite((accountId, emailId, junk));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (accountId, emailId, junk) in waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (await store.ContentAsync(emailId, stoppingToken) is { } content) await lessons.TeachAsync(accountId, content, junk, cancellation: stoppingToken);
            }
#pragma warning disable CA1031 // One message that cannot be learned must not end learning; it is logged with its id.
            catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
            {
                NotLearned(logger, failure, emailId, accountId);
            }
        }
    }

    [LoggerMessage(1050, LogLevel.Warning, "The lesson of message {EmailId} for account {AccountId} was lost")]
    private static partial void NotLearned(ILogger logger, Exception failure, long emailId, long accountId);
}
