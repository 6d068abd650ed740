namespace Sternpost.Sieve.Compiling;

/// <summary>Commands, tests and extensions that scripts may use.</summary>
internal sealed class Dialect
{
    private readonly Dictionary<(string, bool), CommandSpec> specs = [];

    internal Dialect(IEnumerable<string> extensions, IEnumerable<CommandSpec> commands)
    {
        Extensions = new HashSet<string>(extensions, StringComparer.Ordinal);
        foreach (var spec in commands) specs.Add((spec.Name, spec.Test is not null), spec);
    }

    internal IReadOnlySet<string> Extensions { get; }

    internal CommandSpec? Find(string name, bool isTest) => specs.GetValueOrDefault((name.ToLowerInvariant(), isTest));

    internal IEnumerable<CommandSpec> All => specs.Values;
}
