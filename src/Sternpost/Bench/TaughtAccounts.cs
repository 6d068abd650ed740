using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Lessons;
using Sternpost.Storage;

namespace Sternpost.Bench;

/// <summary>Accounts that have taught their filters, in a database that goes with them: what a server holds in memory for its users' lessons.</summary>
internal sealed class TaughtAccounts : IAsyncDisposable
{
    // As many as somebody moves before the filter has learned.
    private const int LessonsEach = 4;

    private readonly DirectoryInfo folder;
    private readonly Database database;

    private TaughtAccounts(DirectoryInfo folder, Database database, AccountLessons lessons, int count)
    {
        this.folder = folder;
        this.database = database;
        Lessons = lessons;
        Count = count;
    }

    /// <summary>What they taught.</summary>
    public AccountLessons Lessons { get; }

    /// <summary>How many there are; they are numbered from 1.</summary>
    public int Count { get; }

    /// <summary>Has so many accounts teach some of the messages, each against its label: a lesson in what the filter says anyway would leave nothing in memory.</summary>
    public static async Task<TaughtAccounts> StartAsync(int count, IReadOnlyList<LabelledMessage> messages, FilterOptions options, StatisticalClassifier classifier, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-bench-");
        var database = await Database.OpenAsync(folder.FullName, TimeProvider.System, cancellation);
        var taught = new TaughtAccounts(folder, database, new AccountLessons(database, options, classifier, TimeProvider.System), count);
        for (var account = 1; account <= count; account++)
        {
            for (var lesson = 0; lesson < LessonsEach; lesson++)
            {
                var message = messages[((account * LessonsEach) + lesson) % messages.Count];
                await taught.Lessons.TeachAsync(account, await File.ReadAllBytesAsync(message.Path, cancellation), !message.Spam, unlimited: true, cancellation);
            }
        }
        return taught;
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
