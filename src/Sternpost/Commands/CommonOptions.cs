using System.CommandLine;

namespace Sternpost.Commands;

/// <summary>Options that mean the same on every verb.</summary>
internal static class CommonOptions
{
    /// <summary><c>--data</c>.</summary>
    public static Option<string> Data { get; } = new("--data")
    {
        Description = "The data folder.",
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => "./sternpost-data",
    };

    /// <summary><c>--config</c>.</summary>
    public static Option<string?> Config { get; } = new("--config")
    {
        Description = "The configuration file. [default: DIR/sternpost.toml]",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary><c>--json</c>, one for each verb that prints facts.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON with stable keys (docs/cli.md)." };

    /// <summary>The configuration file that this command line means.</summary>
    public static string ConfigurationPath(ParseResult result) =>
        result.GetValue(Config) ?? Path.Combine(result.GetRequiredValue(Data), "sternpost.toml");
}
