using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Lessons;
using Sternpost.Mailboxes;

namespace Sternpost.Composition;

/// <summary>
/// Carries what users say by moving mail into and out of Junk from the store to the filter, behind the move and in its order. A
/// lesson that is still waiting when the process dies is not learned; the move stands.
/// </summary>
internal sealed partial class JunkLessons : IJunkLessons, IAsyncDisposable
{
    // A client that moves a whole folder gives thousands at once. More than these at a time teach nothing new.
    private const int MostWaiting = 10_000;

    private readonly Channel<Lesson> waiting = Channel.CreateBounded<Lesson>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly MailStore mail;
    private readonly AccountLessons lessons;
    private readonly ServerEvidence evidence;
    private readonly ILogger logger;
    private readonly Task teaching;

    public JunkLessons(MailStore mail, AccountLessons lessons, ServerEvidence evidence, ILogger<JunkLessons> logger)
    {
        this.mail = mail;
        this.lessons = lessons;
        this.evidence = evidence;
        this.logger = logger;
        teaching = Task.Run(TeachAsync);
    }

    public void Taught(long accountId, long emailId, bool junk) => waiting.Writer.TryWrite(new Lesson(accountId, emailId, junk));

    /// <summary>Learns what still waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await teaching;
    }

    private async Task TeachAsync()
    {
        await foreach (var lesson in waiting.Reader.ReadAllAsync())
        {
#pragma warning disable CA1031 // A lesson that fails is logged and the next one is taught: nothing above could do better.
            try
            {
                // Gone already where the user has deleted it since.
                if (await mail.ContentAsync(lesson.EmailId, CancellationToken.None) is { } content) await lessons.TeachAsync(lesson.AccountId, content, lesson.Junk);
                await evidence.LabelAsync(lesson.AccountId, lesson.EmailId, lesson.Junk, CancellationToken.None);
            }
            catch (Exception failure)
            {
                LogFailed(failure, lesson.EmailId, lesson.AccountId);
            }
#pragma warning restore CA1031
        }
    }

    private sealed record Lesson(long AccountId, long EmailId, bool Junk);

    [LoggerMessage(1020, LogLevel.Error, "The lesson of message {EmailId} for account {AccountId} failed")]
    private partial void LogFailed(Exception failure, long emailId, long accountId);
}
