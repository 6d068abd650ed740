using System.Text;

namespace Sternpost.Fuzz.Engine;

/// <summary>One parser, fed with octets of strangers. It must return, whatever they are: an exception is a finding, and so is a broken law.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="What">What it covers.</param>
/// <param name="Run">Reads one input; throws <see cref="LawBroken"/> where what came out contradicts what went in.</param>
internal sealed record FuzzTarget(string Name, string What, Action<byte[]> Run)
{
    /// <summary>Inputs to begin with, as text; Latin-1, so that any octet can be written.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>Inputs to begin with that are no text.</summary>
    public Func<IEnumerable<byte[]>> MoreSeeds { get; init; } = () => [];

    /// <summary>Folders and files of shared/suites whose contents are good inputs to begin with, where they are there.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>Words of the grammar, put into inputs now and then.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Octets of the longest input.</summary>
    public int MaxLength { get; init; } = 16 * 1024;

    /// <summary>The most CPU time an input may cost, however hostile.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The most octets an input may make the parser allocate, however hostile.</summary>
    public long Allocation { get; init; } = 16 * 1024 * 1024;

    internal IEnumerable<byte[]> AllSeeds()
    {
        foreach (var text in Seeds) yield return Encoding.Latin1.GetBytes(text);
        foreach (var octets in MoreSeeds()) yield return octets;
        foreach (var path in Suites.Select(SuiteFiles.Find).OfType<string>())
        {
            var files = File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories);
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                if (new FileInfo(file).Length <= MaxLength) yield return File.ReadAllBytes(file);
            }
        }
    }
}

/// <summary>What a parser gave contradicts what it was given.</summary>
internal sealed class LawBroken(string law) : Exception(law);

/// <summary>The samples that lie beside the repository, where they do.</summary>
internal static class SuiteFiles
{
    internal static string? Find(string path)
    {
        for (var folder = Environment.CurrentDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "suites", path);
            if (Path.Exists(candidate)) return candidate;
        }
        return null;
    }
}
