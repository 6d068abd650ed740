namespace Sternpost.Configuration;

/// <summary>One thing wrong with a configuration; <paramref name="Line"/> is 0 where something is missing rather than wrong.</summary>
internal sealed record ConfigurationProblem(string File, int Line, string Reason)
{
    /// <summary>As compilers print it, so that editors can jump there.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Reason}" : $"{File}: {Reason}";
}

/// <summary>A configuration that cannot be used, with everything that is wrong with it at once.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
