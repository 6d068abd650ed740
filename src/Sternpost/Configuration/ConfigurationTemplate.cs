using System.Text;

namespace Sternpost.Configuration;

/// <summary>Writes TOML from the table of settings: the commented file that <c>setup</c> leaves, and the defaults the parser starts from.</summary>
internal static class ConfigurationTemplate
{
    private const int Width = 110;

    /// <summary>Only sections and defaults.</summary>
    public static string Defaults()
    {
        var text = new StringBuilder();
        foreach (var section in ConfigurationKeys.All.GroupBy(key => key.Section))
        {
            text.Append('[').Append(section.Key).Append("]\n");
            foreach (var key in section.Where(key => key.Default is not null)) text.Append(key.Name).Append(" = ").Append(key.Default).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The whole file with comments; settings stand commented out with their defaults, those of <paramref name="values"/> (path to TOML) are set.</summary>
    public static string Commented(IReadOnlyDictionary<string, string> values)
    {
        var text = new StringBuilder();
        Comment(text, "Sternpost's configuration. Lines behind # show defaults: remove the # to change one. Run 'sternpost config check' after a change, then send SIGHUP or start again. Durations: 90s, 5m, 4h, 2d. Sizes: kB, MB, GB.");
        foreach (var (section, introduction) in ConfigurationKeys.Sections)
        {
            text.Append('\n');
            Comment(text, introduction);
            text.Append('[').Append(section).Append("]\n");
            foreach (var key in ConfigurationKeys.All.Where(key => key.Section == section))
            {
                Comment(text, key.Description + (key.Unit.Length > 0 ? $" Unit: {key.Unit}." : ""));
                if (values.TryGetValue(key.Path, out var value)) text.Append(key.Name).Append(" = ").Append(value).Append('\n');
                else text.Append('#').Append(key.Name).Append(" = ").Append(key.Default ?? key.Example).Append('\n');
            }
        }
        return text.ToString();
    }

    private static void Comment(StringBuilder text, string sentence)
    {
        var line = new StringBuilder("#");
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length + word.Length >= Width)
            {
                text.Append(line).Append('\n');
                line.Clear().Append('#');
            }
            line.Append(' ').Append(word);
        }
        text.Append(line).Append('\n');
    }
}
