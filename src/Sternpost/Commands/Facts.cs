using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sternpost.Commands;

/// <summary>Prints facts to standard output: as JSON for machines or as aligned columns for people.</summary>
internal static class Facts
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The text of <paramref name="fact"/> as JSON.</summary>
    public static string Json<T>(T fact) => JsonSerializer.Serialize(fact, Options);

    /// <summary>A number of octets as people say it, in thousands.</summary>
    public static string Octets(long octets) => octets switch
    {
        < 1000 => $"{octets} B",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e9:0.##} GB"),
    };

    /// <summary>Prints a list: JSON, or a table with <paramref name="columns"/>, or <paramref name="empty"/> where there is nothing.</summary>
    public static void PrintList<T>(IReadOnlyList<T> facts, bool json, string empty, params (string Title, Func<T, string> Text)[] columns)
    {
        if (json)
        {
            Console.Out.WriteLine(Json(facts));
            return;
        }
        if (facts.Count == 0)
        {
            Console.Error.WriteLine(empty);
            return;
        }
        var rows = facts.Select(fact => columns.Select(column => column.Text(fact)).ToArray()).Prepend([.. columns.Select(column => column.Title)]).ToList();
        var widths = Enumerable.Range(0, columns.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Prints one fact: JSON, or a line for each of <paramref name="lines"/>.</summary>
    public static void PrintOne<T>(T fact, bool json, params (string Title, string Text)[] lines)
    {
        if (json)
        {
            Console.Out.WriteLine(Json(fact));
            return;
        }
        var width = lines.Max(line => line.Title.Length);
        foreach (var (title, text) in lines) Console.Out.WriteLine($"{(title + ":").PadRight(width + 2)}{text}");
    }
}
