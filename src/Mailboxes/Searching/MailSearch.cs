using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Searching;

/// <summary>
/// Words in the bodies of an account's messages. Each account has an index file of its own, brought up to date before it is asked and,
/// for accounts in use, behind the mail: delivery does nothing for it.
/// </summary>
public sealed class MailSearch : IAsyncDisposable
{
    // Messages to a transaction of the index: what a search that comes meanwhile waits for.
    private const int PieceSize = 200;
    private const int MostOpen = 64;

    private readonly MailStore mail;
    private readonly string folder;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<long, Index> indexes = [];
    private long clock;

    /// <summary>A search over this store, with its files in the folder <c>search</c> of the data folder.</summary>
    public MailSearch(MailStore mail, Database database, ILogger<MailSearch> log)
    {
        this.mail = mail;
        this.log = log;
        folder = Path.Combine(database.Folder, SearchFile.FolderName);
    }

    /// <summary>The emails whose bodies hold the words of a term one after the other, the last perhaps only begun; in any case, accents left aside.</summary>
    public async ValueTask<IReadOnlySet<long>> FindAsync(long accountId, string term, CancellationToken cancellation)
    {
        var index = Take(accountId);
        await index.Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await CatchUpAsync(index, cancellation).ConfigureAwait(false);
            return index.File!.Find(SearchWords.Query(term));
        }
        catch (SqliteException damaged)
        {
            log.IndexDamaged(damaged, accountId);
            index.Reset(PathOf(accountId));
            await CatchUpAsync(index, cancellation).ConfigureAwait(false);
            return index.File!.Find(SearchWords.Query(term));
        }
        finally
        {
            Give(index);
        }
    }

    /// <summary>Brings an account's index up to date, so that its next search need not. Answers how many messages were added.</summary>
    public async ValueTask<int> PrepareAsync(long accountId, CancellationToken cancellation)
    {
        var index = Take(accountId);
        await index.Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await CatchUpAsync(index, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Give(index);
        }
    }

    /// <summary>Removes the index of an account that is gone.</summary>
    public void Remove(long accountId)
    {
        lock (gate)
        {
            if (indexes.Remove(accountId, out var index)) index.Reset(PathOf(accountId));
            else SearchFile.Delete(PathOf(accountId));
        }
    }

    /// <summary>Deletes the index file of an account that is gone, where nothing in this process has it open.</summary>
    public static void Delete(Database database, long accountId) => SearchFile.Delete(PathOf(Path.Combine(database.Folder, SearchFile.FolderName), accountId));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Index> all;
        lock (gate)
        {
            all = [.. indexes.Values];
            indexes.Clear();
        }
        foreach (var index in all)
        {
            await index.Turn.WaitAsync().ConfigureAwait(false);
            index.File?.Dispose();
        }
    }

    private string PathOf(long accountId) => PathOf(folder, accountId);

    private static string PathOf(string folder, long accountId) => Path.Combine(folder, accountId.ToString(System.Globalization.CultureInfo.InvariantCulture) + ".fts");

    private Index Take(long accountId)
    {
        lock (gate)
        {
            if (!indexes.TryGetValue(accountId, out var index))
            {
                indexes[accountId] = index = new Index(accountId);
                if (indexes.Count > MostOpen) CloseOldest(except: index);
            }
            index.Used = ++clock;
            index.Users++;
            return index;
        }
    }

    private void Give(Index index)
    {
        index.Turn.Release();
        lock (gate) index.Users--;
    }

    // One that is in use stays open until it is the oldest again. Within the gate.
    private void CloseOldest(Index except)
    {
        if (indexes.Values.Where(index => index != except && index.Users == 0).MinBy(index => index.Used) is not { } oldest) return;
        oldest.File?.Dispose();
        indexes.Remove(oldest.AccountId);
    }

    private async ValueTask<int> CatchUpAsync(Index index, CancellationToken cancellation)
    {
        index.File ??= SearchFile.Open(PathOf(index.AccountId));
        index.Known ??= index.File.Ids();
        var known = index.Known;
        var (missing, gone) = await mail.Objects.ReadAsync(
            index.AccountId,
            reader => index.Seq == reader.View.Seq && index.IsComplete
                ? ([], [])
                : (Missing: reader.View.Emails.Where(email => !known.Contains(email.Id)).Select(email => email.Id).ToList(), Gone: Gone(reader.View, known, index, reader.View.Seq)),
            cancellation).ConfigureAwait(false);
        foreach (var piece in gone.Chunk(PieceSize))
        {
            index.File.Change([], piece);
            known.ExceptWith(piece);
        }
        // The newest first: they are what is looked for while an old mailbox is still being read.
        missing.Sort((one, other) => other.CompareTo(one));
        foreach (var piece in missing.Chunk(PieceSize))
        {
            cancellation.ThrowIfCancellationRequested();
            var texts = new List<(long Id, string Text)>(piece.Length);
            foreach (var email in await mail.EmailsAsync(piece, cancellation).ConfigureAwait(false))
            {
                if (await mail.ContentAsync(email.Id, cancellation).ConfigureAwait(false) is { } content) texts.Add((email.Id, MessageBodies.Of(content, email)));
            }
            index.File.Change(texts, []);
            known.UnionWith(texts.Select(text => text.Id));
        }
        index.IsComplete = true;
        return missing.Count;
    }

    private static List<long> Gone(Objects.AccountView view, HashSet<long> known, Index index, long seq)
    {
        index.Seq = seq;
        return [.. known.Where(id => view.Find(id) is null)];
    }

    private sealed class Index(long accountId)
    {
        internal long AccountId => accountId;

        internal SemaphoreSlim Turn { get; } = new(1);

        internal SearchFile? File { get; set; }

        internal HashSet<long>? Known { get; set; }

        internal long Seq { get; set; } = -1;

        internal bool IsComplete { get; set; }

        internal long Used { get; set; }

        internal int Users { get; set; }

        internal void Reset(string path)
        {
            File?.Dispose();
            File = null;
            Known = null;
            IsComplete = false;
            SearchFile.Delete(path);
        }
    }
}
