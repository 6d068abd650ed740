namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// Reads the lines of rule files: comments, languages, conditions, and one setting a line. Nothing a file says is fatal: what cannot be
/// used is listed with its reason.
/// </summary>
internal sealed class RuleFileParser(RuleBook book, Capabilities capabilities, Func<string, string?> include)
{
    private const int DeepestInclude = 10;
    private const int LongestLine = 256 * 1024;

    private readonly RuleSettings settings = new(book);
    private int includes;

    /// <summary>Reads a file's text, octets as Latin-1.</summary>
    internal void Parse(string text, string file)
    {
        // The state before each "if" that is open.
        var enclosing = new Stack<bool>();
        var skipping = false;
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var place = $"{Path.GetFileName(file)}:{number}";
            if (raw.Length > LongestLine)
            {
                book.Refuse("line", "the line is too long", place);
                continue;
            }
            var line = Clean(raw);
            if (line.Length == 0 || !SpeaksEnglish(ref line)) continue;
            var (key, value) = Split(line);
            switch (key)
            {
                case "if" or "ifplugin":
                    enclosing.Push(skipping);
                    skipping |= !Holds(key, value, place);
                    continue;
                case "else":
                    // Inside what is skipped anyway both sides are.
                    skipping = enclosing.Count > 0 && (enclosing.Contains(true) || !skipping);
                    continue;
                case "endif":
                    skipping = enclosing.Count > 0 && enclosing.Pop();
                    continue;
            }
            if (skipping) continue;
            if (key == "include") Include(value, file, place);
            else if (key == "require_version") skipping = !Fits(value, place);
            else settings.Apply(key, value, place);
        }
        if (enclosing.Count > 0) book.Refuse("if", "a condition has no end", Path.GetFileName(file));
    }

    // A # that is not escaped begins a comment, also within a pattern.
    private static string Clean(ReadOnlySpan<char> raw)
    {
        var end = raw.Length;
        var escaped = false;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '#') continue;
            if (i > 0 && raw[i - 1] == '\\')
            {
                escaped = true;
                continue;
            }
            end = i;
            break;
        }
        var line = raw[..end].Trim(" \t\r\n\f\v");
        return escaped ? line.ToString().Replace("\\#", "#", StringComparison.Ordinal) : line.ToString();
    }

    private static bool SpeaksEnglish(ref string line)
    {
        if (!line.StartsWith("lang", StringComparison.Ordinal) || line.Length < 6 || line[4] is not (' ' or '\t')) return true;
        var (language, rest) = SplitWord(line[4..].TrimStart());
        line = rest;
        return "en_US".StartsWith(language, StringComparison.OrdinalIgnoreCase);
    }

    private static (string Key, string Value) Split(string line)
    {
        var (word, rest) = SplitWord(line);
        return (word.ToLowerInvariant().Replace('-', '_'), rest);
    }

    private static (string Word, string Remainder) SplitWord(string line)
    {
        var end = line.AsSpan().IndexOfAny(' ', '\t');
        return end < 0 ? (line, "") : (line[..end], line[end..].TrimStart(' ', '\t'));
    }

    private bool Holds(string key, string condition, string place)
    {
        var holds = capabilities.Holds(key == "ifplugin" ? $"plugin({condition})" : condition);
        if (holds is null) book.Refuse(key, $"the condition '{condition}' is not understood", place);
        return holds ?? false;
    }

    private bool Fits(string version, string place)
    {
        if (version is "@@VERSION@@" or "4.000001") return true;
        book.Refuse("require_version", $"the file is for version {version}", place);
        return false;
    }

    private void Include(string value, string file, string place)
    {
        var path = Path.Combine(Path.GetDirectoryName(file) ?? "", value);
        if (++includes > DeepestInclude) book.Refuse("include", "files include one another too deeply", place);
        else if (include(path) is { } text) Parse(text, path);
        else book.Refuse("include", $"{value} is not there", place);
        includes--;
    }
}
