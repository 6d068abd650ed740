using System.Text;

namespace Sternpost.Configuration;

/// <summary>Writes docs/configuration.md from the table of settings.</summary>
internal static class ConfigurationReference
{
    /// <summary>The whole document.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("""
            # Configuration

            One TOML file, `sternpost.toml` in the data folder or wherever `--config` says; `sternpost setup` writes one with comments.
            Keys that are not listed here and values that do not fit are refused with file, line, reason and the nearest right key.
            `sternpost config check` reads it and says all that is wrong. SIGHUP reads certificate and key again; other changes need a start.

            Durations are a number with `s`, `m`, `h` or `d`; sizes a number with `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`.
            Secrets never stand in the file: they come from a file (`…_file`) or from the environment (`"env:NAME"`).

            This page is written by `sternpost config reference`; a test fails when it is stale.

            """.ReplaceLineEndings("\n"));
        foreach (var (section, introduction) in ConfigurationKeys.Sections)
        {
            text.Append("\n## [").Append(section).Append("]\n\n").Append(introduction).Append("\n\n| key | value | default | what it does |\n|---|---|---|---|\n");
            foreach (var key in ConfigurationKeys.All.Where(key => key.Section == section))
            {
                text.Append("| `").Append(key.Name).Append("` | ").Append(key.Kind);
                if (key.Unit.Length > 0) text.Append(" (").Append(key.Unit).Append(')');
                text.Append(" | ").Append(key.Default is not null ? "`" + key.Default + "`" : key.Required ? "required" : "none");
                text.Append(" | ").Append(key.Description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
            }
        }
        return text.ToString();
    }
}
