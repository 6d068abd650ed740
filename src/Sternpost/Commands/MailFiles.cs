namespace Sternpost.Commands;

/// <summary>Messages in files as people keep them: one message a file, Maildir folders, mbox files.</summary>
internal static class MailFiles
{
    /// <summary>All messages at <paramref name="path"/>, read one at a time.</summary>
    /// <exception cref="OperationFailedException">There is nothing there.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(string path)
    {
        if (Directory.Exists(path)) return ReadFolder(path);
        if (File.Exists(path)) return ReadFile(path);
        throw new OperationFailedException($"There is no file or folder {path}.");
    }

    private static IEnumerable<ReadOnlyMemory<byte>> ReadFolder(string folder)
    {
        string[] maildir = [Path.Combine(folder, "new"), Path.Combine(folder, "cur")];
        // A Maildir's tmp holds what is not yet mail.
        var folders = maildir.All(Directory.Exists) ? maildir : [folder];
        return folders.SelectMany(each => Directory.EnumerateFiles(each).Order(StringComparer.Ordinal)).SelectMany(ReadFile);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> ReadFile(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return bytes.AsSpan().StartsWith("From "u8) ? SplitMbox(bytes) : [bytes];
    }

    // RFC 4155: a message begins at a line "From " after an empty line; ">From " in a body is such a line quoted.
    private static IEnumerable<ReadOnlyMemory<byte>> SplitMbox(ReadOnlyMemory<byte> mbox)
    {
        var start = 0;
        while (start < mbox.Length)
        {
            var next = NextMessage(mbox.Span, start + 1);
            var content = mbox[start..next];
            var line = content.Span.IndexOf((byte)'\n');
            if (line >= 0) yield return content[(line + 1)..];
            start = next;
        }
    }

    private static int NextMessage(ReadOnlySpan<byte> mbox, int from)
    {
        while (mbox[from..].IndexOf("\nFrom "u8) is >= 0 and var at)
        {
            var position = from + at + 1;
            var before = mbox[..(position - 1)];
            if (before.EndsWith("\n"u8) || before.EndsWith("\n\r"u8)) return position;
            from = position;
        }
        return mbox.Length;
    }
}
