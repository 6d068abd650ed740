using System.Globalization;
using System.Reflection;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Composites;

/// <summary>A symbol that is found where others are found together. One line each: <c>NAME weight expression ; meaning.</c></summary>
public sealed class Composite
{
    private const double MaxWeight = 100;

    private Composite(Symbol symbol, CompositeExpression expression)
    {
        Symbol = symbol;
        Expression = expression;
    }

    /// <summary>Those that come with the program, from <c>composites.txt</c>.</summary>
    public static IReadOnlyList<Composite> Shipped { get; } = Load();

    /// <summary>Its name, weight and meaning.</summary>
    public Symbol Symbol { get; }

    /// <summary>When it is found.</summary>
    internal CompositeExpression Expression { get; }

    /// <summary>Reads one line; answers null and what is wrong where it is none.</summary>
    public static Composite? Parse(string line, out string problem)
    {
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var meaning = semicolon < 0 ? "" : line[(semicolon + 1)..].Trim();
        var parts = (semicolon < 0 ? line : line[..semicolon]).Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        problem = "it is of the form NAME weight expression";
        if (parts.Length < 3) return null;
        if (!parts[0].All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')) problem = $"{parts[0]} is no name of a symbol: capitals, digits and _";
        else if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || Math.Abs(weight) > MaxWeight) problem = $"{parts[1]} is no weight";
        else if (CompositeExpression.Parse(parts[2], out problem) is { } expression)
            return new Composite(new Symbol(parts[0], weight, meaning.Length > 0 ? meaning : $"Several signs came together that the administrator named ({parts[0]})."), expression);
        return null;
    }

    private static List<Composite> Load()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("composites.txt")!);
        var composites = new List<Composite>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            composites.Add(Parse(line, out var problem) ?? throw new InvalidDataException($"{line}: {problem}"));
        }
        return composites;
    }
}
