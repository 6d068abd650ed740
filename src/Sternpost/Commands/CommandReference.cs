using System.CommandLine;
using System.Text;

namespace Sternpost.Commands;

/// <summary>Writes docs/cli.md from the tree of verbs, their options, and the table of JSON keys.</summary>
internal static class CommandReference
{
    /// <summary>The whole document.</summary>
    public static string Markdown()
    {
        var root = CommandLine.Root();
        var text = new StringBuilder("""
            # The command line

            One program, `sternpost`. Every verb prints help with `--help`, exits 0 on success, 1 on a failed operation and 2 on wrong usage, writes
            data to standard output and messages to standard error, and takes `--json` where it prints facts. The keys of that JSON are listed here
            and stay as they are; new ones may come.

            This page is written by `sternpost config commands`; a test fails when it is stale.

            On every verb:


            """.ReplaceLineEndings("\n"));
        Options(text, root.Options.Where(option => option.Recursive));
        foreach (var verb in root.Subcommands.Where(verb => !verb.Hidden)) Verb(text, verb, "", 2);
        return text.ToString();
    }

    private static void Verb(StringBuilder text, Command verb, string parents, int level)
    {
        var path = (parents + " " + verb.Name).Trim();
        text.Append('\n').Append('#', level).Append(" sternpost ").Append(path);
        foreach (var argument in verb.Arguments) text.Append(' ').Append(Placeholder(argument));
        text.Append("\n\n").Append(Cell(verb.Description)).Append('\n');
        foreach (var argument in verb.Arguments.Where(argument => argument.Description is not null))
        {
            text.Append("\n`").Append(argument.HelpName ?? argument.Name).Append("`: ").Append(Cell(argument.Description)).Append('\n');
        }
        var options = verb.Options.Where(option => !option.Hidden && !option.Recursive && option.Name != "--help").ToList();
        if (options.Count > 0) Options(text.Append('\n'), options);
        if (JsonKeys.ByVerb.TryGetValue(path, out var keys))
        {
            text.Append("\n`--json` prints:\n\n| key | meaning |\n|---|---|\n");
            foreach (var key in keys) text.Append("| `").Append(key.Key).Append("` | ").Append(key.Meaning).Append(" |\n");
        }
        foreach (var child in verb.Subcommands.Where(child => !child.Hidden)) Verb(text, child, path, level + 1);
    }

    private static void Options(StringBuilder text, IEnumerable<Option> options)
    {
        text.Append("| option | what it does |\n|---|---|\n");
        foreach (var option in options)
        {
            var toggle = option.ValueType == typeof(bool);
            text.Append("| `").Append(option.Name).Append(toggle ? "" : " " + (option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())).Append("` | ").Append(Cell(option.Description));
            if (!toggle && option.HasDefaultValue && option.GetDefaultValue() is { } standard && standard.ToString() is { Length: > 0 } shown) text.Append(" Default: `").Append(shown).Append("`.");
            text.Append(" |\n");
        }
    }

    private static string Placeholder(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name.ToUpperInvariant();
        if (argument.Arity.MaximumNumberOfValues > 1) name += "…";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    // Square brackets begin a link in Markdown, a bar ends a cell.
    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
}
