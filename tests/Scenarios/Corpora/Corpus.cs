namespace Sternpost.Scenarios.Corpora;

/// <summary>
/// Labelled mail that cannot be part of the project (there is personal data in it). Looked for unpacked in the folder
/// STERNPOST_CORPORA names or ~/.cache/sternpost: a NAME.index of "spam|ham PATH" lines beside the files.
/// </summary>
public static class Corpus
{
    public static string? Folder { get; } = new[]
    {
        Environment.GetEnvironmentVariable("STERNPOST_CORPORA"),
        Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "sternpost"),
    }.FirstOrDefault(folder => folder is not null && System.IO.Directory.Exists(folder) && System.IO.Directory.EnumerateFiles(folder, "*.index").Any());

    /// <summary>One for each set; a NAME-train.index only chooses among the messages of NAME.index.</summary>
    public static IEnumerable<string> Indexes =>
        Folder is null ? [] : System.IO.Directory.EnumerateFiles(Folder, "*.index").Where(file => !file.EndsWith("-train.index", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Messages(string index) =>
        File.ReadLines(index).Select(line => Path.Combine(Path.GetDirectoryName(index)!, line[(line.IndexOf(' ') + 1)..]));

    /// <summary>As a client must send it: every line ends in CRLF, and the last one too.</summary>
    public static byte[] AsSent(byte[] file)
    {
        var sent = new MemoryStream(file.Length + 1024);
        for (var i = 0; i < file.Length; i++)
        {
            if (file[i] == '\r')
            {
                sent.Write("\r\n"u8);
                if (i + 1 < file.Length && file[i + 1] == '\n') i++;
            }
            else if (file[i] == '\n') sent.Write("\r\n"u8);
            else sent.WriteByte(file[i]);
        }
        if (sent.Length < 2 || sent.GetBuffer()[sent.Length - 1] != '\n') sent.Write("\r\n"u8);
        return sent.ToArray();
    }
}
