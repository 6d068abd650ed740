using System.Globalization;
using System.Text;
using Sternpost.Accounts;
using Sternpost.Commands;
using Sternpost.Mailboxes;
using Sternpost.Messages.Text;

namespace Sternpost.Migration;

/// <summary>What one mailbox gave.</summary>
/// <param name="Mailbox">Its name.</param>
/// <param name="Written">Messages written now.</param>
/// <param name="Known">Messages that an earlier export into the same place had written.</param>
internal sealed record ExportedMailbox(string Mailbox, int Written, int Known);

/// <summary>Writes an account's mail into files that other programs read.</summary>
internal sealed class MailExport(MailStore mail, Account account, string? only)
{
    private static readonly (MessageFlags Flag, char Letter)[] Letters =
        [(MessageFlags.Draft, 'D'), (MessageFlags.Flagged, 'F'), (MessageFlags.Answered, 'R'), (MessageFlags.Seen, 'S'), (MessageFlags.Deleted, 'T')];

    /// <summary>A Maildir with its folders beside one another (Maildir++), as Dovecot reads it. Into the same folder again only what is new is written.</summary>
    internal async Task<IReadOnlyList<ExportedMailbox>> ToMaildirAsync(string folder, IProgress<string> progress, CancellationToken cancellation)
    {
        var exported = new List<ExportedMailbox>();
        foreach (var (mailbox, entries) in await MailboxesAsync(cancellation))
        {
            var path = mailbox.Use == SpecialUse.Inbox ? folder : Path.Combine(folder, "." + string.Join('.', mailbox.Name.Split('/').Select(Level)));
            foreach (var each in (ReadOnlySpan<string>)["cur", "new", "tmp"]) Private(Path.Combine(path, each));
            var keywords = entries.SelectMany(entry => entry.Keywords).Distinct(StringComparer.OrdinalIgnoreCase).Take(26).ToList();
            var there = Directory.EnumerateFiles(Path.Combine(path, "cur")).Select(file => Path.GetFileName(file).Split(":2,")[0]).ToHashSet(StringComparer.Ordinal);
            var (written, known) = (0, 0);
            foreach (var entry in entries)
            {
                progress.Report($"{mailbox.Name}: {written + known} of {entries.Count}");
                // The uid is the message's for as long as the UIDVALIDITY is the mailbox's.
                var name = string.Create(CultureInfo.InvariantCulture, $"{entry.InternalDate.ToUnixTimeSeconds()}.M{mailbox.UidValidity}U{entry.Uid}.sternpost");
                if (there.Contains(name))
                {
                    known++;
                    continue;
                }
                if (await mail.ContentAsync(entry.EmailId, cancellation) is not { } content) continue;
                var unfinished = Path.Combine(path, "tmp", name);
                await WriteAsync(unfinished, content, cancellation);
                File.SetLastWriteTimeUtc(unfinished, entry.InternalDate.UtcDateTime);
                File.Move(unfinished, Path.Combine(path, "cur", $"{name}:2,{Flags(entry, keywords)}"));
                written++;
            }
            if (keywords.Count > 0) await File.WriteAllLinesAsync(Path.Combine(path, "dovecot-keywords"), keywords.Select((keyword, i) => $"{i} {keyword}"), cancellation);
            exported.Add(new ExportedMailbox(mailbox.Name, written, known));
        }
        return exported;
    }

    /// <summary>An mbox file for each mailbox (RFC 4155, quoted as mboxrd), those of lower levels in folders.</summary>
    internal async Task<IReadOnlyList<ExportedMailbox>> ToMboxAsync(string folder, IProgress<string> progress, CancellationToken cancellation)
    {
        var exported = new List<ExportedMailbox>();
        foreach (var (mailbox, entries) in await MailboxesAsync(cancellation))
        {
            var path = Path.Combine([folder, .. mailbox.Name.Split('/').Select(Level)]) + ".mbox";
            if (File.Exists(path)) throw new OperationFailedException($"{path} is there already, and nothing is overwritten. Name another folder.");
            Private(Path.GetDirectoryName(path)!);
            var written = 0;
            await using (var mbox = Open(path + ".unfinished"))
            {
                foreach (var entry in entries)
                {
                    progress.Report($"{mailbox.Name}: {written} of {entries.Count}");
                    if (await mail.ContentAsync(entry.EmailId, cancellation) is not { } content) continue;
                    await mbox.WriteAsync(MboxForm(entry, content.Span), cancellation);
                    written++;
                }
            }
            File.Move(path + ".unfinished", path);
            exported.Add(new ExportedMailbox(mailbox.Name, written, 0));
        }
        return exported;
    }

    private async Task<List<(Mailbox Mailbox, IReadOnlyList<Entry> Entries)>> MailboxesAsync(CancellationToken cancellation)
    {
        var found = new List<(Mailbox, IReadOnlyList<Entry>)>();
        foreach (var mailbox in await mail.ListAsync(account.Id, cancellation))
        {
            if (only is not null && !mailbox.Name.Equals(only, StringComparison.OrdinalIgnoreCase)) continue;
            if (await mail.OpenAsync(mailbox.Id, cancellation) is { } opened) found.Add(opened);
        }
        return found.Count > 0 ? found : throw new OperationFailedException($"{account.Address} has no mailbox {only}.");
    }

    // A dot separates levels of Maildir++, and no file name holds a slash; modified UTF-7 can write both.
    private static string Level(string level) => ModifiedUtf7.Encode(level).Replace(".", "&AC4-", StringComparison.Ordinal);

    private static string Flags(Entry entry, List<string> keywords)
    {
        var flags = new StringBuilder();
        foreach (var (flag, letter) in Letters)
        {
            if (entry.Flags.HasFlag(flag)) flags.Append(letter);
        }
        foreach (var index in entry.Keywords.Select(keyword => keywords.FindIndex(each => each.Equals(keyword, StringComparison.OrdinalIgnoreCase))).Where(index => index >= 0).Order()) flags.Append((char)('a' + index));
        return flags.ToString();
    }

    /// <summary>A message as an mbox file has it (mboxrd), its flags in fields of its header.</summary>
    internal static byte[] MboxForm(Entry entry, ReadOnlySpan<byte> content)
    {
        var form = new MemoryStream(content.Length + 200);
        var date = entry.InternalDate.UtcDateTime;
        // RFC 4155 appendix A: asctime, in UTC.
        form.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"From MAILER-DAEMON {date:ddd MMM} {date.Day,2} {date:HH:mm:ss yyyy}\n")));
        var status = (entry.Flags.HasFlag(MessageFlags.Seen) ? "R" : "") + "O";
        var more = string.Concat(((MessageFlags, char)[])[(MessageFlags.Answered, 'A'), (MessageFlags.Flagged, 'F'), (MessageFlags.Deleted, 'D'), (MessageFlags.Draft, 'T')] is var pairs ? pairs.Where(pair => entry.Flags.HasFlag(pair.Item1)).Select(pair => pair.Item2) : []);
        form.Write(Encoding.ASCII.GetBytes($"Status: {status}\n{(more.Length > 0 ? $"X-Status: {more}\n" : "")}{(entry.Keywords.IsDefaultOrEmpty ? "" : $"X-Keywords: {string.Join(' ', entry.Keywords)}\n")}"));
        while (!content.IsEmpty)
        {
            var lineFeed = content.IndexOf((byte)'\n');
            var line = lineFeed < 0 ? content : content[..lineFeed];
            content = lineFeed < 0 ? [] : content[(lineFeed + 1)..];
            if (line.TrimStart((byte)'>').StartsWith("From "u8)) form.WriteByte((byte)'>');
            form.Write(lineFeed >= 0 && line is [.., (byte)'\r'] ? line[..^1] : line);
            form.WriteByte((byte)'\n');
        }
        form.WriteByte((byte)'\n');
        return form.ToArray();
    }

    private static void Private(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await using var file = Open(path);
        await file.WriteAsync(content, cancellation);
        file.Flush(flushToDisk: true);
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
