using System.Text;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Finds and reads rule files: first all <c>.pre</c>, then all <c>.cf</c>, folder by folder, each folder in the order of names.</summary>
internal static class RuleFiles
{
    private const int LargestFile = 8 * 1024 * 1024;
    private const int MostFiles = 1000;

    /// <summary>Everything the folders (or single files) say.</summary>
    /// <exception cref="IOException">A folder or file cannot be read.</exception>
    internal static RuleBook Read(IEnumerable<string> paths)
    {
        var book = new RuleBook();
        var capabilities = new Capabilities();
        var files = paths.SelectMany(Expand).Take(MostFiles).ToList();
        foreach (var file in files)
        {
            if (Path.GetExtension(file) == ".pre") capabilities.ReadPreamble(Text(file));
        }
        var parser = new RuleFileParser(book, capabilities, Included);
        foreach (var file in files)
        {
            if (Path.GetExtension(file) != ".pre") parser.Parse(Text(file), file);
        }
        return book;
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path)) return [path];
        return Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".cf" or ".pre").OrderBy(Path.GetFileName, StringComparer.Ordinal);
    }

    private static string? Included(string file) => File.Exists(file) ? Text(file) : null;

    private static string Text(string file)
    {
        var length = new FileInfo(file).Length;
        if (length > LargestFile) throw new IOException($"{file} is larger than {LargestFile / 1024 / 1024} MB.");
        // Octets: what the files hold beyond ASCII is meant as such.
        return Encoding.Latin1.GetString(File.ReadAllBytes(file));
    }
}
