using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Unit.House;

/// <summary>docs/rfc.md cannot lie about where: it is made from the citations in the code. STERNPOST_REGENERATE=1 writes it anew.</summary>
public sealed partial class RfcTableTests
{
    private static readonly Dictionary<string, string> States = new(StringComparer.Ordinal)
    {
        ["done"] = "implemented",
        ["part"] = "in part",
        ["planned"] = "planned",
        ["later"] = "later or on demand",
        ["no"] = "no",
    };

    [Fact]
    public void The_table_of_RFCs_is_as_the_code_cites_them()
    {
        var table = Render();
        var file = RepositoryRoot.File("docs", "rfc.md");
        if (Environment.GetEnvironmentVariable("STERNPOST_REGENERATE") == "1") File.WriteAllText(file, table);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == table, "docs/rfc.md is stale: run the unit tests with STERNPOST_REGENERATE=1 and commit it.");
    }

    [Fact]
    public void Every_RFC_called_implemented_is_cited_in_the_code_or_explained()
    {
        var cited = Citations("src");
        Assert.DoesNotContain(Rows(), row => row.State is "done" && !cited.ContainsKey(row.Number) && row.Note.Length == 0);
    }

    [Fact]
    public void Every_RFC_the_code_cites_is_in_the_list()
    {
        var listed = Rows().Select(row => row.Number).ToHashSet();
        Assert.Empty(Citations("src").Keys.Where(number => !listed.Contains(number)).Order());
    }

    private static string Render()
    {
        var source = Citations("src");
        var tests = Citations("tests");
        var page = new StringBuilder();
        page.Append("# RFCs\n\nMade from `docs/rfc.tsv` and from the citations in the code; a test fails when it is stale. \"Where\" names the files that cite\nthe rule they obey, \"Tests\" those that cite it in `tests/`. State: implemented; in part (the note says what is missing); planned;\nlater or on demand; no (obsolete, or not a thing this server does).\n");
        foreach (var area in Rows().GroupBy(row => row.Area))
        {
            page.Append("\n## ").Append(area.Key).Append("\n\n| RFC | Title | Priority | State | Where | Tests | Note |\n|---|---|---|---|---|---|---|\n");
            foreach (var row in area)
            {
                page.Append($"| {row.Number} | {row.Title} | {row.Priority} | {States[row.State]} | {Files(source, row.Number)} | {Files(tests, row.Number)} | {row.Note} |\n");
            }
        }
        return page.ToString();
    }

    private static string Files(Dictionary<int, SortedSet<string>> citations, int number)
    {
        if (!citations.TryGetValue(number, out var files)) return "";
        var shown = string.Join("<br>", files.Take(4).Select(file => $"`{file}`"));
        return files.Count > 4 ? $"{shown}<br>and {files.Count - 4} more" : shown;
    }

    private static Dictionary<int, SortedSet<string>> Citations(string folder)
    {
        var citations = new Dictionary<int, SortedSet<string>>();
        var root = RepositoryRoot.File(folder);
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (name.Contains("/obj/", StringComparison.Ordinal) || name.Contains("/bin/", StringComparison.Ordinal)) continue;
            foreach (Match match in Citation().Matches(File.ReadAllText(file)))
            {
                var number = int.Parse(match.Groups[1].ValueSpan);
                if (!citations.TryGetValue(number, out var files)) citations[number] = files = new SortedSet<string>(StringComparer.Ordinal);
                files.Add(name);
            }
        }
        return citations;
    }

    private static IEnumerable<(string Area, int Number, string Title, string Priority, string State, string Note)> Rows() =>
        from line in File.ReadLines(RepositoryRoot.File("docs", "rfc.tsv"))
        where !line.StartsWith('#')
        let cells = line.Split('\t')
        select (cells[0], int.Parse(cells[1]), cells[2], cells[3], cells[4], cells[5]);

    [GeneratedRegex(@"RFC (\d{3,5})")]
    private static partial Regex Citation();
}
