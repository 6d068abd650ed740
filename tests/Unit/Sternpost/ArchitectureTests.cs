using System.Xml.Linq;

namespace Sternpost.Unit.House;

/// <summary>The project references are the architecture; the table in docs/architecture.md must say the same.</summary>
public class ArchitectureTests
{
    [Fact]
    public void Project_references_equal_the_table_in_the_architecture_document()
    {
        var document = Path.Combine(Repository.Root, "docs", "architecture.md");
        if (!File.Exists(document)) Assert.Skip("docs/architecture.md is not written yet.");
        var table = File.ReadLines(document)
            .SkipWhile(line => line.Trim() != "```references").Skip(1).TakeWhile(line => line.Trim() != "```")
            .Where(line => line.Contains("->", StringComparison.Ordinal))
            .Select(line => line.Split("->", 2))
            .ToDictionary(parts => parts[0].Trim(), parts => Sorted(parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "-")));
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => Sorted(XDocument.Load(path).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension((string?)reference.Attribute("Include") ?? "").Split('/')[^1])));
        Assert.Equal(projects.OrderBy(project => project.Key, StringComparer.Ordinal).Select(project => project.Key + " -> " + project.Value),
            table.OrderBy(project => project.Key, StringComparer.Ordinal).Select(project => project.Key + " -> " + project.Value));
    }

    private static string Sorted(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));
}
