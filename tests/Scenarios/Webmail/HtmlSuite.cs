using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A body that is made to hurt.</summary>
/// <param name="Name">Where it is from.</param>
/// <param name="Html">As it stands in the message.</param>
/// <param name="HasCharset">Whether the character set is for the HTML to say.</param>
internal sealed record HtmlFixture(string Name, byte[] Html, bool HasCharset = false);

/// <summary>The fixtures of shared/suites/html: the payloads of DOMPurify's suite, HTTPLeaks, and what html5lib tests parsers with.</summary>
internal static partial class HtmlSuite
{
    // Payloads of DOMPurify come one to a message; the thousands of small inputs of html5lib come as parts of one.
    private const int PartsOfAMessage = 400;

    /// <summary>The folder, or the test is skipped naming what is missing.</summary>
    internal static string Require()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "suites", "html");
            if (Path.Exists(candidate)) return candidate;
        }
        Assert.Skip("shared/suites/html is not beside this repository.");
        throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>All fixtures, in groups that each go into one message.</summary>
    internal static List<IReadOnlyList<HtmlFixture>> Messages(string suite)
    {
        var messages = new List<IReadOnlyList<HtmlFixture>> { new[] { new HtmlFixture("httpleaks", File.ReadAllBytes(Path.Combine(suite, "httpleaks", "leak.html"))) } };
        messages.AddRange(Payloads(Path.Combine(suite, "dompurify", "expect.mjs")).Select(fixture => (IReadOnlyList<HtmlFixture>)[fixture]));
        messages.AddRange(Html5Lib(Path.Combine(suite, "html5lib-tests")).Chunk(PartsOfAMessage));
        return messages;
    }

    // The file is JavaScript whose strings are those of JSON.
    private static IEnumerable<HtmlFixture> Payloads(string path)
    {
        var text = File.ReadAllText(path);
        var number = 0;
        foreach (Match match in Payload().Matches(text)) yield return new HtmlFixture($"dompurify {++number}", Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(match.Groups[1].Value)!));
        Assert.Equal(Regex.Count(text, "\"payload\""), number);
    }

    private static IEnumerable<HtmlFixture> Html5Lib(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.test", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var test in json.RootElement.EnumerateObject().First().Value.EnumerateArray())
            {
                if (test.GetProperty("input") is { ValueKind: JsonValueKind.String } input) yield return Fixture(path, Text(input.GetString()!, test.TryGetProperty("doubleEscaped", out var escaped) && escaped.ValueKind == JsonValueKind.True));
                foreach (var name in (string[])["expected", "xhtml"])
                {
                    if (!test.TryGetProperty(name, out var wanted) || wanted.ValueKind != JsonValueKind.Array) continue;
                    foreach (var html in wanted.EnumerateArray()) yield return Fixture(path, html.GetString()!);
                }
            }
        }
        foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, "encoding"), "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            // Octets in any character set, so they are taken apart as octets.
            foreach (var block in Encoding.Latin1.GetString(File.ReadAllBytes(path)).Split("#data\n", StringSplitOptions.RemoveEmptyEntries))
                yield return new HtmlFixture(Path.GetFileName(path), Encoding.Latin1.GetBytes(block.Split("#encoding\n")[0]), HasCharset: true);
        }
    }

    private static HtmlFixture Fixture(string path, string html) => new(Path.GetFileName(path), Encoding.UTF8.GetBytes(html));

    private static string Text(string input, bool isEscaped) => isEscaped ? Escape().Replace(input, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString()) : input;

    [GeneratedRegex("""
        "payload"\s*:\s*("(?:[^"\\]|\\.)*")
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Payload();

    [GeneratedRegex(@"\\u([0-9A-Fa-f]{4})", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
