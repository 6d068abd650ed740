using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Sternpost.Configuration;

/// <summary>One <c>key = value</c> of a file: the dotted path, the value as string, long, double, bool or list of these, and its line.</summary>
internal sealed record TomlEntry(string Path, object Value, int Line);

/// <summary>Turns TOML into a flat list of entries, keeping lines so that every complaint can point at one.</summary>
internal static class TomlValues
{
    /// <summary>Reads <paramref name="text"/>; what is not TOML becomes problems, and entries found besides them are still returned.</summary>
    public static IReadOnlyList<TomlEntry> Read(string text, string file, List<ConfigurationProblem> problems)
    {
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text, file, validate: true);
        }
        catch (ArgumentOutOfRangeException)
        {
            // The library throws this for a text that ends in the middle of an escape.
            problems.Add(new ConfigurationProblem(file, text.AsSpan().Count('\n') + 1, "the file ends within a text in quotes."));
            return [];
        }
        foreach (var message in document.Diagnostics)
        {
            problems.Add(new ConfigurationProblem(file, message.Span.Start.Line + 1, message.Message));
        }
        var entries = new List<TomlEntry>();
        foreach (var pair in document.KeyValues) Flatten("", pair, entries);
        foreach (var table in document.Tables)
        {
            if (table.Name is null) continue;
            if (table is TableArraySyntax)
            {
                problems.Add(new ConfigurationProblem(file, Line(table), $"[[{Path(table.Name)}]] is a list of tables; no setting is one. Write [{Path(table.Name)}]."));
                continue;
            }
            foreach (var pair in table.Items) Flatten(Path(table.Name) + ".", pair, entries);
        }
        return entries;
    }

    private static void Flatten(string prefix, KeyValueSyntax pair, List<TomlEntry> entries)
    {
        if (pair.Key is null || pair.Value is null) return;
        var path = prefix + Path(pair.Key);
        if (pair.Value is InlineTableSyntax inline)
        {
            foreach (var item in inline.Items)
            {
                if (item.KeyValue is not null) Flatten(path + ".", item.KeyValue, entries);
            }
            return;
        }
        entries.Add(new TomlEntry(path, Value(pair.Value), Line(pair)));
    }

    private static object Value(ValueSyntax value) => value switch
    {
        StringValueSyntax text => text.Value ?? "",
        IntegerValueSyntax integer => integer.Value,
        FloatValueSyntax real => real.Value,
        BooleanValueSyntax toggle => toggle.Value,
        ArraySyntax array => array.Items.Where(item => item.Value is not null).Select(item => Value(item.Value!)).ToList(),
        _ => value.ToString().Trim(),
    };

    private static string Path(KeySyntax key) =>
        string.Join('.', key.DotKeys.Select(dotted => Name(dotted.Key)).Prepend(Name(key.Key)));

    private static string Name(BareKeyOrStringValueSyntax? key) => key switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => "",
    };

    private static int Line(SyntaxNode node) => node.Span.Start.Line + 1;
}
