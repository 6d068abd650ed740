using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>A recipient that another server answers for.</summary>
/// <param name="RecipientId">The row.</param>
/// <param name="Status">RFC 3463.</param>
/// <param name="Reason">The server's words.</param>
/// <param name="NotifiesSuccess">See <see cref="RecipientResult.NotifiesSuccess"/>.</param>
internal sealed record TakenRecipient(long RecipientId, string Status, string Reason, bool NotifiesSuccess);

/// <summary>What a server has taken.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Host">The server.</param>
/// <param name="Protection">How its connection was protected, as <see cref="AttemptProtection.ToJson"/> writes it.</param>
/// <param name="Recipients">For whom.</param>
internal sealed record Handover(long MessageId, string Host, string Protection, IReadOnlyList<TakenRecipient> Recipients);

/// <summary>
/// What other servers have taken and the database does not say yet. RFC 1047: between a server's last reply and our commit lies a wait for
/// the disk, and a process killed in it sends again what has arrived. A line here is written the moment the reply is read and outlives the
/// process, though not a power failure, for it waits for no disk; so the wait shrinks to the reading of the reply.
/// </summary>
/// <remarks>Two files take turns, so that one of them can be emptied once all it says is in the database. Errors of the disk are logged and cost no more than the journal itself: what is not written here is sent again, as without it.</remarks>
internal sealed class HandoverJournal(string folder, ILogger log) : IDisposable
{
    /// <summary>Octets after which the other file is taken into use.</summary>
    internal const int TurnAt = 256 * 1024;

    private readonly Lock gate = new();
    private readonly Page[] pages = [new(Path.Combine(folder, "handover.0")), new(Path.Combine(folder, "handover.1"))];
    private int current;

    /// <summary>What the last process left here, oldest first in each file; lines that a crash cut short are none.</summary>
    internal List<Handover> Read()
    {
        List<Handover> found = [];
        foreach (var page in pages)
        {
            if (!File.Exists(page.Path)) continue;
            foreach (var line in File.ReadLines(page.Path))
            {
                try
                {
                    if (JsonSerializer.Deserialize<Handover>(line) is { Recipients: not null, Host: not null, Protection: not null } handover) found.Add(handover);
                }
                catch (JsonException)
                {
                    // The last line of a process that was killed while it wrote.
                    continue;
                }
            }
        }
        return found;
    }

    /// <summary>Forgets what was read: it is in the database now.</summary>
    internal void Empty()
    {
        lock (gate)
        {
            foreach (var page in pages)
            {
                if (page.Handle is not null || File.Exists(page.Path)) Try(page, Clear);
            }
        }
    }

    /// <summary>Writes down what a server has just taken; what is answered is disposed when the database says it. Blocks for a copy to the system's cache, no longer.</summary>
    internal Entry Write(Handover handover)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line)) JsonSerializer.Serialize(json, handover);
        line.Write("\n"u8);
        lock (gate)
        {
            if (pages[current].Length >= TurnAt && pages[1 - current].Open == 0)
            {
                current = 1 - current;
                if (pages[current].Length > 0) Try(pages[current], Clear);
            }
            var page = pages[current];
            Try(page, written =>
            {
                RandomAccess.Write(OpenPage(written), line.WrittenSpan, written.Length);
                written.Length += line.WrittenCount;
            });
            page.Open++;
            return new Entry(this, page);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var page in pages) page.Handle?.Dispose();
    }

    private static SafeFileHandle OpenPage(Page page)
    {
        if (page.Handle is not null) return page.Handle;
        page.Handle = File.OpenHandle(page.Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(page.Handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        page.Length = RandomAccess.GetLength(page.Handle);
        return page.Handle;
    }

    private static void Clear(Page page)
    {
        RandomAccess.SetLength(OpenPage(page), 0);
        page.Length = 0;
    }

    private void Try(Page page, Action<Page> change)
    {
        try
        {
            change(page);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            log.JournalFailed(broken);
        }
    }

    private void Settled(Page page)
    {
        lock (gate) page.Open--;
    }

    /// <summary>A line that stays until the database says the same. Never disposed, it is read by the next process.</summary>
    internal sealed class Entry(HandoverJournal journal, object page)
    {
        internal void Settled() => journal.Settled((Page)page);
    }

    private sealed class Page(string path)
    {
        internal string Path => path;

        internal SafeFileHandle? Handle { get; set; }

        internal long Length { get; set; }

        /// <summary>Lines that the database does not say yet.</summary>
        internal int Open { get; set; }
    }
}
