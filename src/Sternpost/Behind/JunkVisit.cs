using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Sternpost.Filter.Lessons;
using Sternpost.Mailboxes;
using Sternpost.Migration;
using Sternpost.Queue.Gateway;

namespace Sternpost.Behind;

/// <summary>
/// One look into one Junk folder over a connection that is signed in. Nothing there is changed. A message of ours that is new in it was put there by its
/// user, unless it was marked as junk when it came; one that has left it and lies in another folder was wanted. What was deleted says nothing.
/// </summary>
internal sealed class JunkVisit(ImapClient client, WatchedMailbox mailbox, string folderName, WatchedMailboxes book, PassedMail passed, AccountLessons lessons, TimeProvider time)
{
    // A look must end soon; what is left over is for the next one.
    private const int MostRead = 200, MostLessons = 50, MostFolders = 20;
    private const uint MostOctets = 10_000_000;

    private int left = MostLessons;

    /// <summary>Lessons of spam and of wanted mail that were taught.</summary>
    public (int Spam, int Ham) Taught { get; private set; }

    public async Task LookAsync(CancellationToken cancellation)
    {
        var folders = await FoldersAsync(cancellation);
        var junk = folders.FirstOrDefault(IsJunk) ?? throw new InvalidDataException(folderName.Length > 0
            ? $"There is no folder {folderName}; gateway.junk_folder names it." : "No folder says that it is for junk; name it with gateway.junk_folder.");
        await junk.OpenAsync(FolderAccess.ReadOnly, cancellation);
        var next = mailbox.NextUid;
        if (mailbox.UidValidity != junk.UidValidity)
        {
            await book.RenumberAsync(mailbox.Id, junk.UidValidity, cancellation);
            next = 1;
        }
        if (!await ReadNewAsync(junk, Math.Max(next, 1), cancellation)) return;
        await AskForGoneAsync(junk, folders, cancellation);
    }

    // True where everything in the folder has been read.
    private async Task<bool> ReadNewAsync(IMailFolder junk, long next, CancellationToken cancellation)
    {
        if (junk.UidNext is { } coming && coming.Id <= next) return true;
        SearchQuery query = SearchQuery.Uids(new UniqueIdRange(new UniqueId((uint)next), UniqueId.MaxValue));
        // Before that nothing of ours is remembered.
        if (next == 1) query = query.And(SearchQuery.DeliveredAfter((time.GetUtcNow() - PassedMail.Kept).UtcDateTime));
        var found = await junk.SearchAsync(query, cancellation);
        // n:* names the last message even where its uid is smaller.
        UniqueId[] fresh = [.. found.Where(uid => uid.Id >= next).Order()];
        var known = (await book.JunkAsync(mailbox.Id, cancellation)).Select(entry => entry.Message.Id).ToHashSet();
        var request = new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Size, ["Message-ID", "Received"]);
        IList<IMessageSummary> summaries = fresh.Length == 0 ? [] : await junk.FetchAsync([.. fresh.Take(MostRead)], request, cancellation);
        foreach (var summary in summaries.OrderBy(summary => summary.UniqueId))
        {
            if (left == 0) return false;
            var uid = summary.UniqueId;
            using var header = new MemoryStream();
            if (summary.Headers is not null) await summary.Headers.WriteToAsync(header, cancellation);
            if (await passed.FindAsync(LineEnds.ToCrLf(header.ToArray()), cancellation) is { } message)
            {
                if (!message.Junk && !known.Contains(message.Id) && summary.Size <= MostOctets) await TeachAsync(junk, uid, junk: true, cancellation);
                await book.SeenAsync(mailbox.Id, message.Id, uid.Id, cancellation);
            }
            await book.ReadAsync(mailbox.Id, uid.Id + 1L, cancellation);
        }
        if (fresh.Length > MostRead) return false;
        if (junk.UidNext is { } end) await book.ReadAsync(mailbox.Id, Math.Max(end.Id, fresh.Length == 0 ? 0 : fresh[^1].Id + 1L), cancellation);
        return true;
    }

    private async Task AskForGoneAsync(IMailFolder junk, List<IMailFolder> folders, CancellationToken cancellation)
    {
        var entries = await book.JunkAsync(mailbox.Id, cancellation);
        UniqueId[] expected = [.. entries.Where(entry => entry.Uid > 0).Select(entry => new UniqueId((uint)entry.Uid))];
        var there = expected.Length == 0 ? [] : (await junk.SearchAsync(SearchQuery.Uids(expected), cancellation)).Select(uid => (long)uid.Id).ToHashSet();
        List<JunkEntry> gone = [.. entries.Where(entry => !there.Contains(entry.Uid))];
        if (gone.Count == 0) return;
        await junk.CloseAsync(expunge: false, cancellation);
        foreach (var entry in gone)
        {
            if (left == 0) return;
            if (entry.Message.MessageId.Length > 0 && await FindAsync(entry.Message, folders, cancellation) is var (folder, uid)) await TeachAsync(folder, uid, junk: false, cancellation);
            await book.GoneAsync(mailbox.Id, entry.Message.Id, cancellation);
        }
    }

    // Where it lies now, the folder opened; null where it is nowhere that wanted mail is kept.
    private async Task<(IMailFolder Folder, UniqueId Uid)?> FindAsync(Passed message, List<IMailFolder> folders, CancellationToken cancellation)
    {
        foreach (var folder in folders.Where(IsForWanted).OrderBy(folder => folder != client.Inbox).Take(MostFolders))
        {
            if (!folder.IsOpen) await folder.OpenAsync(FolderAccess.ReadOnly, cancellation);
            foreach (var uid in await folder.SearchAsync(SearchQuery.HeaderContains("Message-ID", message.MessageId), cancellation))
            {
                if ((await folder.FetchAsync([uid], new FetchRequest(MessageSummaryItems.Size), cancellation)) is [{ Size: <= MostOctets }]) return (folder, uid);
            }
        }
        return null;
    }

    private async Task TeachAsync(IMailFolder folder, UniqueId uid, bool junk, CancellationToken cancellation)
    {
        await using var stream = await folder.GetStreamAsync(uid, "", cancellation);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellation);
        left--;
        if (await lessons.TeachAsync(-mailbox.Id, passed.AsPassed(LineEnds.ToCrLf(content.ToArray())), junk, cancellation: cancellation) == LessonOutcome.TooMany) return;
        Taught = junk ? (Taught.Spam + 1, Taught.Ham) : (Taught.Spam, Taught.Ham + 1);
    }

    private async Task<List<IMailFolder>> FoldersAsync(CancellationToken cancellation)
    {
        List<IMailFolder> folders = [client.Inbox!];
        foreach (var space in client.PersonalNamespaces) folders.AddRange(await client.GetFoldersAsync(space, cancellationToken: cancellation));
        return [.. folders.Where(folder => (folder.Attributes & (FolderAttributes.NonExistent | FolderAttributes.NoSelect)) == 0).DistinctBy(folder => folder.FullName)];
    }

    private bool IsJunk(IMailFolder folder) => folderName.Length > 0
        ? folder.FullName.Equals(folderName, StringComparison.OrdinalIgnoreCase)
        : folder.Attributes.HasFlag(FolderAttributes.Junk) || FolderNames.UseOf(folder.FullName) == SpecialUse.Junk;

    private bool IsForWanted(IMailFolder folder) => !IsJunk(folder)
        && (folder.Attributes & (FolderAttributes.Trash | FolderAttributes.Junk | FolderAttributes.Drafts | FolderAttributes.Sent | FolderAttributes.All | FolderAttributes.Flagged | FolderAttributes.Important)) == 0
        && FolderNames.UseOf(folder.FullName) is not (SpecialUse.Trash or SpecialUse.Junk or SpecialUse.Drafts or SpecialUse.Sent);
}
