namespace Sternpost.Configuration;

/// <summary>Where a secret is kept: a file or an environment variable. The secret itself is read when it is used and never printed.</summary>
internal sealed record Secret
{
    private const string EnvironmentPrefix = "env:";
    private readonly string source;

    private Secret(string source) => this.source = source;

    /// <summary>A secret in a file; its first line without the line end.</summary>
    public static Secret InFile(string path) => new(path);

    /// <summary>A secret in the environment, from <c>env:NAME</c>; null where the text is anything else, such as a secret written out.</summary>
    public static Secret? InEnvironment(string text) =>
        text.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) && text.Length > EnvironmentPrefix.Length ? new Secret(text) : null;

    /// <summary>Reads the secret.</summary>
    /// <param name="folder">What a relative path starts from.</param>
    /// <exception cref="InvalidOperationException">It is not where the configuration says.</exception>
    public string Reveal(string folder)
    {
        if (source.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
        {
            var name = source[EnvironmentPrefix.Length..];
            return Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
                ? value
                : throw new InvalidOperationException($"The environment variable {name}, named in the configuration for a password, is not set.");
        }
        var path = Path.Combine(folder, source);
        return File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault("").TrimEnd('\r')
            : throw new InvalidOperationException($"The password file {path}, named in the configuration, does not exist.");
    }

    /// <summary>The place, never the secret.</summary>
    public override string ToString() => source;
}
