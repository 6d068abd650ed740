namespace Sternpost.Filter.Corpora;

/// <summary>One line of a corpus index.</summary>
/// <param name="Spam">The label.</param>
/// <param name="Name">The path as the index has it.</param>
/// <param name="Path">The file.</param>
public sealed record LabelledMessage(bool Spam, string Name, string Path)
{
    /// <summary>"spam" or "ham".</summary>
    public string Label => Spam ? "spam" : "ham";
}

/// <summary>
/// A corpus index: lines <c>spam|ham PATH</c> in time order, paths relative to the index's folder. Empty lines and lines that
/// begin with # are passed over.
/// </summary>
public static class CorpusIndex
{
    /// <summary>Reads an index.</summary>
    /// <exception cref="InvalidDataException">A line is neither; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<LabelledMessage> Read(string file)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!;
        var messages = new List<LabelledMessage>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            var space = text.IndexOfAny([' ', '\t']);
            var label = space < 0 ? text : text[..space];
            if (space < 0 || label is not ("spam" or "ham"))
            {
                throw new InvalidDataException($"{file}, line {number}: an index has lines 'spam PATH' or 'ham PATH', not '{Shown(text)}'.");
            }
            var name = text[space..].Trim();
            messages.Add(new LabelledMessage(label == "spam", name, System.IO.Path.Combine(folder, name)));
        }
        if (messages.Count == 0) throw new InvalidDataException($"{file} names no messages.");
        return messages;
    }

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
