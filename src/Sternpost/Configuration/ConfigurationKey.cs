namespace Sternpost.Configuration;

/// <summary>One setting: everything that is known of it, from which the parser, the template and the reference all come.</summary>
/// <param name="Section">Table, for example <c>listeners.mx</c>.</param>
/// <param name="Name">Key within the table.</param>
/// <param name="Kind">What kind of value, in words.</param>
/// <param name="Default">The default as TOML, or null where there is none.</param>
/// <param name="Unit">What a number counts; empty where the value carries its own unit.</param>
/// <param name="Description">What it does, for the administrator.</param>
/// <param name="Apply">Reads a value into the configuration; answers why it cannot, or null.</param>
internal sealed record ConfigurationKey(
    string Section,
    string Name,
    string Kind,
    string? Default,
    string Unit,
    string Description,
    Func<ServerConfiguration, object, string?> Apply)
{
    /// <summary>An example for the template where there is no default.</summary>
    public string? Example { get; init; }

    /// <summary>True where <c>serve</c> cannot run without it.</summary>
    public bool Required { get; init; }

    /// <summary>The dotted path.</summary>
    public string Path => Section + "." + Name;
}
