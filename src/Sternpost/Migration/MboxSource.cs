using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MimeKit.Utils;
using Sternpost.Commands;
using Sternpost.Mailboxes;
using Sternpost.Sendmail;

namespace Sternpost.Migration;

/// <summary>
/// Mbox files: one, several, or a folder of them as Thunderbird, Apple Mail and Google Takeout keep them. Flags are read from the fields that mbox keeps them in
/// (Status, X-Status, X-Keywords, X-Mozilla-Status), which then go; of Takeout the labels say where a message was.
/// </summary>
internal sealed class MboxSource : IMailSource
{
    private static readonly string[] FlagFields = ["Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys", "X-GM-THRID", "X-Gmail-Labels"];

    private readonly List<(string File, string Name)> files = [];

    /// <exception cref="OperationFailedException">There is no such file.</exception>
    internal MboxSource(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (File.Exists(path)) files.Add((path, NameOf(Path.GetFileName(path))));
            else if (Directory.Exists(path)) files.AddRange(In(path));
            else throw new OperationFailedException($"There is no file or folder {path}.");
        }
        if (files.Count == 0) throw new OperationFailedException("There is no mbox file: one begins with a line \"From \".");
    }

    public async IAsyncEnumerable<SourceMessage> MessagesAsync(Action<string> unreadable, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (file, name) in files)
        {
            var (number, seen) = (0, new Dictionary<string, int>(StringComparer.Ordinal));
            await using var mbox = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, useAsync: true);
            await foreach (var message in MboxReader.ReadAsync(mbox, cancellation))
            {
                number++;
                if (message.IsTooLarge)
                {
                    unreadable($"message {number} of {file} is larger than {Facts.Octets(MboxReader.LargestMessage)}");
                    continue;
                }
                var (content, fields) = WithoutFlagFields(LineEnds.ToCrLf(message.Content));
                // The same message twice in one file is two messages.
                var digest = Convert.ToHexStringLower(SHA256.HashData(content));
                var occurrence = seen[digest] = seen.GetValueOrDefault(digest) + 1;
                var labels = Labels(fields);
                var mailbox = labels.Length > 0 ? MailboxOf(labels) : name;
                yield return new SourceMessage(mailbox, FolderNames.UseOf(mailbox), $"mbox\n{mailbox}\n{digest}\n{occurrence}", Flags(fields, labels), Keywords(fields), message.Date ?? DateOf(content), _ => ValueTask.FromResult<byte[]?>(content));
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static IEnumerable<(string File, string Name)> In(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 32, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in Directory.EnumerateFiles(folder, "*", options).Order(StringComparer.Ordinal))
        {
            if (!IsMbox(file)) continue;
            // Thunderbird keeps the folders below "Work" in "Work.sbd"; Apple Mail exports "Work.mbox/mbox".
            var levels = Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Select(NameOf).ToList();
            if (levels is [.., _, "mbox"]) levels.RemoveAt(levels.Count - 1);
            yield return (file, string.Join('/', levels));
        }
    }

    private static bool IsMbox(string file)
    {
        using var stream = RegularFile.Open(file);
        var first = new byte[5];
        return stream is not null && stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first.AsSpan().SequenceEqual("From "u8);
    }

    private static string NameOf(string file) => Path.GetExtension(file).ToLowerInvariant() is ".mbox" or ".mbx" or ".sbd" ? Path.GetFileNameWithoutExtension(file) : file;

    private static (byte[] Content, Dictionary<string, string> Fields) WithoutFlagFields(byte[] message)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var kept = new MemoryStream(message.Length);
        var at = 0;
        while (at < message.Length && !message.AsSpan(at).StartsWith("\r\n"u8))
        {
            var end = at;
            do
            {
                var lineFeed = message.AsSpan(end).IndexOf((byte)'\n');
                end = lineFeed < 0 ? message.Length : end + lineFeed + 1;
            }
            while (end < message.Length && message[end] is (byte)' ' or (byte)'\t');
            var field = message.AsSpan(at, end - at);
            var colon = field.IndexOf((byte)':');
            var name = colon is > 0 and < 40 ? Encoding.Latin1.GetString(field[..colon]).Trim() : "";
            if (FlagFields.Contains(name, StringComparer.OrdinalIgnoreCase)) fields[name] = Rfc2047.DecodeText(field[(colon + 1)..].ToArray()).Trim();
            else kept.Write(field);
            at = end;
        }
        if (fields.Count == 0) return (message, fields);
        kept.Write(message.AsSpan(at));
        return (kept.ToArray(), fields);
    }

    private static MessageFlags Flags(Dictionary<string, string> fields, string[] labels)
    {
        var flags = MessageFlags.None;
        foreach (var letter in fields.GetValueOrDefault("Status", "") + fields.GetValueOrDefault("X-Status", ""))
            flags |= letter switch { 'R' => MessageFlags.Seen, 'A' => MessageFlags.Answered, 'F' => MessageFlags.Flagged, 'D' => MessageFlags.Deleted, 'T' => MessageFlags.Draft, _ => MessageFlags.None };
        // Thunderbird: 1 read, 2 answered, 4 marked, 8 deleted.
        if (int.TryParse(fields.GetValueOrDefault("X-Mozilla-Status"), System.Globalization.NumberStyles.HexNumber, null, out var bits)) flags |= (MessageFlags)(bits & 15);
        if (labels.Length > 0 && !labels.Contains("Unread")) flags |= MessageFlags.Seen;
        if (labels.Contains("Starred")) flags |= MessageFlags.Flagged;
        return flags;
    }

    private static ImmutableArray<string> Keywords(Dictionary<string, string> fields) =>
        [.. (fields.GetValueOrDefault("X-Keywords", "") + " " + fields.GetValueOrDefault("X-Mozilla-Keys", "")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(IsKeyword).Distinct(StringComparer.OrdinalIgnoreCase)];

    // RFC 9051 §9: an atom.
    private static bool IsKeyword(string word) => word.All(c => c is > ' ' and < '\x7f' && !"(){%*\"\\]".Contains(c));

    private static string[] Labels(Dictionary<string, string> fields) =>
        fields.GetValueOrDefault("X-Gmail-Labels", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // A message here is in one mailbox: the most telling of its labels.
    private static string MailboxOf(string[] labels) =>
        Array.Find(labels, label => label is "Spam" or "Trash" or "Drafts" or "Sent" or "Inbox")
        ?? Array.Find(labels, label => label is not ("Unread" or "Opened" or "Starred" or "Important" or "Archived" or "Chat") && !label.StartsWith("Category ", StringComparison.Ordinal))
        ?? "Archive";

    private static DateTimeOffset DateOf(byte[] content)
    {
        var message = Encoding.Latin1.GetString(content, 0, Math.Min(content.Length, 64 * 1024));
        foreach (var line in message.Split("\r\n"))
        {
            if (line.Length == 0) break;
            if (line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase) && DateUtils.TryParse(line[5..].Trim(), out var date)) return date;
        }
        return TimeProvider.System.GetUtcNow();
    }
}
