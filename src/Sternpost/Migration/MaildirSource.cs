using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Sternpost.Commands;
using Sternpost.Mailboxes;
using Sternpost.Messages.Text;
using Sternpost.Sendmail;

namespace Sternpost.Migration;

/// <summary>
/// A Maildir and the folders in it: beside one another with names that begin with a dot (Maildir++, as Dovecot and Courier keep them) or inside one another.
/// Flags are those in the file names, keywords those of Dovecot, the date of arrival the file's time, as Dovecot keeps it. Whose mail it is may have made the
/// files, and who imports is often root: links are not followed.
/// </summary>
internal sealed class MaildirSource : IMailSource
{
    private const long LargestMessage = 256L * 1024 * 1024;

    private static readonly string[] Messages = ["cur", "new"];

    private readonly string root;

    /// <exception cref="OperationFailedException">There is no Maildir.</exception>
    internal MaildirSource(string root)
    {
        this.root = Path.GetFullPath(root);
        if (!Folders().Any()) throw new OperationFailedException($"{this.root} is no Maildir and holds none: a Maildir has the folders cur and new.");
    }

    public async IAsyncEnumerable<SourceMessage> MessagesAsync(Action<string> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (path, name) in Folders())
        {
            var keywords = Keywords(path);
            var files = Messages.Select(each => new DirectoryInfo(Path.Combine(path, each))).Where(each => each.Exists)
                .SelectMany(each => each.EnumerateFiles()).Where(file => !file.Name.StartsWith('.')).OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal);
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                if (file.LinkTarget is not null)
                {
                    unreadable($"{file.FullName} is a link");
                    continue;
                }
                if (file.Length > LargestMessage)
                {
                    unreadable($"{file.FullName} is larger than {Facts.Octets(LargestMessage)}");
                    continue;
                }
                var (flags, words) = Flags(file.Name, keywords);
                // The part before the flags stays when a message is read or moved from new to cur.
                var key = $"maildir\n{name}\n{Base(file.Name)}";
                yield return new SourceMessage(name, FolderNames.UseOf(name), key, flags, words, new DateTimeOffset(file.LastWriteTimeUtc), token => ReadAsync(file.FullName, token));
            }
        }
        await Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<(string Path, string Name)> Folders()
    {
        if (IsMaildir(root)) yield return (root, "INBOX");
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 32, AttributesToSkip = FileAttributes.ReparsePoint };
        if (!Directory.Exists(root)) yield break;
        foreach (var path in Directory.EnumerateDirectories(root, "*", options).Where(IsMaildir).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
            // Maildir++: ".Archive.2024" is Archive/2024.
            var levels = relative.StartsWith('.') ? relative[1..].Split('.') : relative.Split('/');
            yield return (path, string.Join('/', levels.Select(level => ModifiedUtf7.TryDecode(level, out var decoded) ? decoded.Replace('/', '_') : level)));
        }
    }

    private static bool IsMaildir(string path) => Messages.All(each => new DirectoryInfo(Path.Combine(path, each)) is { Exists: true, LinkTarget: null });

    private static string Base(string file) => file.IndexOf(":2,", StringComparison.Ordinal) is > 0 and var colon ? file[..colon] : file;

    private static (MessageFlags Flags, ImmutableArray<string> Keywords) Flags(string file, string[] names)
    {
        var flags = MessageFlags.None;
        var keywords = ImmutableArray.CreateBuilder<string>();
        foreach (var letter in file.AsSpan(Math.Min(file.Length, Base(file).Length + 3)))
        {
            flags |= letter switch { 'S' => MessageFlags.Seen, 'R' => MessageFlags.Answered, 'F' => MessageFlags.Flagged, 'T' => MessageFlags.Deleted, 'D' => MessageFlags.Draft, _ => MessageFlags.None };
            if (letter == 'P') keywords.Add("$Forwarded");
            if (letter is >= 'a' and <= 'z' && letter - 'a' < names.Length && names[letter - 'a'].Length > 0) keywords.Add(names[letter - 'a']);
        }
        return (flags, keywords.ToImmutable());
    }

    // Dovecot: "0 $Forwarded" and so on, a line for each letter.
    private static string[] Keywords(string path)
    {
        var names = new string[26];
        Array.Fill(names, "");
        var file = Path.Combine(path, "dovecot-keywords");
        if (RegularFile.Open(file) is not { } stream) return names;
        using var lines = new StreamReader(stream);
        for (var read = 0; read < names.Length && lines.ReadLine() is { } line; read++)
        {
            if (line.Split(' ', 2) is [var number, var name] && int.TryParse(number, out var index) && index is >= 0 and < 26) names[index] = name;
        }
        return names;
    }

    private static async ValueTask<byte[]?> ReadAsync(string file, CancellationToken cancellation)
    {
        // Null also where its server gave it another name or deleted it meanwhile; the next import finds it.
        if (RegularFile.Open(file) is not { } stream) return null;
        await using (stream)
        {
            if (stream.Length > LargestMessage) return null;
            var octets = new byte[stream.Length];
            await stream.ReadExactlyAsync(octets, cancellation);
            return LineEnds.ToCrLf(octets is [0x1F, 0x8B, ..] ? Unpacked(octets) : octets);
        }
    }

    // Dovecot's zlib plugin keeps messages packed under their usual names.
    private static byte[] Unpacked(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        var piece = new byte[64 * 1024];
        int read;
        while ((read = gzip.Read(piece)) > 0)
        {
            unpacked.Write(piece, 0, read);
            if (unpacked.Length > LargestMessage) throw new InvalidDataException($"It unpacks to more than {Facts.Octets(LargestMessage)}.");
        }
        return unpacked.ToArray();
    }
}
