using System.Text.Json;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>A message that another server may have taken, after the server that sent it ended.</summary>
/// <param name="Note">What that server noted.</param>
/// <param name="IsOver">Whether it is known what became of it.</param>
/// <param name="Reply">The other server's reply; null where it gave none.</param>
public sealed record LeftNote(ReadOnlyMemory<byte> Note, bool IsOver, SmtpReply? Reply);

/// <summary>
/// The file a <see cref="WireKeeper"/> leaves: what was sent and not answered when the server ended, and each answer when it comes. It
/// outlives a process and not a power failure, for it waits for no disk.
/// </summary>
public sealed class HandoverNotes : IDisposable
{
    private const string Holding = ".lock";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly string path;
    private readonly FileStream holding;
    private readonly FileStream file;
    private readonly Lock gate = new();

    private sealed record Line(IReadOnlyList<byte[]>? Listed, int Number, SmtpReply? Reply);

    private HandoverNotes(string path)
    {
        this.path = path;
        // Held as long as there may be more to come: the system lets go of it however this process ends.
        holding = new FileStream(path + Holding, Options(FileMode.Create, FileShare.None));
        file = new FileStream(path, Options(FileMode.Create, FileShare.ReadWrite | FileShare.Delete));
    }

    internal static HandoverNotes Create(string path) => new(path);

    /// <summary>Whether a keeper still writes there.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path + Holding)) return false;
        try
        {
            using var taken = new FileStream(path + Holding, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>What is there now; null where the keeper has listed nothing (yet).</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<LeftNote>? Read(string path)
    {
        if (!File.Exists(path)) return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var lines = new StreamReader(file);
        List<LeftNote>? left = null;
        while (lines.ReadLine() is { } text)
        {
            try
            {
                if (JsonSerializer.Deserialize<Line>(text) is not { } line) continue;
                if (line.Listed is { } listed) left = [.. listed.Select(note => new LeftNote(note, false, null))];
                else if (left is not null && line.Number >= 0 && line.Number < left.Count) left[line.Number] = left[line.Number] with { IsOver = true, Reply = line.Reply };
            }
            catch (JsonException)
            {
                // Half a line: the keeper is writing it, or died of it.
                continue;
            }
        }
        return left;
    }

    /// <summary>The same, waiting a little for a keeper that has only just seen its server end.</summary>
    public static async ValueTask<IReadOnlyList<LeftNote>?> ReadAsync(string path, TimeSpan within, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; ; waited += Step)
        {
            var held = IsHeld(path);
            if (Read(path) is { } left) return left;
            if (!held || waited >= within) return null;
            await Task.Delay(Step, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a file that nobody holds any more.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(path + Holding);
    }

    internal void List(IReadOnlyList<byte[]> notes) => Write(new Line(notes, -1, null));

    internal void Answer(int number, SmtpReply? reply) => Write(new Line(null, number, reply));

    internal void Remove() => Delete(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        holding.Dispose();
    }

    private void Write(Line line)
    {
        lock (gate)
        {
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n']);
            file.Flush();
        }
    }

    private static FileStreamOptions Options(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
