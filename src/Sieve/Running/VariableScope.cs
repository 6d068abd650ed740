namespace Sternpost.Sieve.Running;

/// <summary>The variables of one script of a run; those it has declared global are the run's (RFC 6609 §3.4).</summary>
internal sealed class VariableScope(Dictionary<string, string> shared, ScriptRun run)
{
    private readonly Dictionary<string, string> own = new(StringComparer.Ordinal);
    private readonly HashSet<string> global = new(StringComparer.Ordinal);

    /// <summary>The value; empty for what was never set (RFC 5229 §3).</summary>
    internal string Get(string name)
    {
        var (from, key) = Place(name);
        return from.GetValueOrDefault(key, "");
    }

    /// <summary>Sets a value, cut to the longest there may be.</summary>
    internal void Set(string name, string value, int line)
    {
        var (into, key) = Place(name);
        if (into.Count >= run.Limits.Variables && !into.ContainsKey(key)) throw new ScriptFailure(line, $"a script may have at most {run.Limits.Variables} variables");
        into[key] = Cut(value);
    }

    internal void DeclareGlobal(string name) => global.Add(name.ToLowerInvariant());

    private (Dictionary<string, string> From, string Key) Place(string name)
    {
        name = name.ToLowerInvariant();
        if (name.StartsWith("global.", StringComparison.Ordinal)) return (shared, name["global.".Length..]);
        return (global.Contains(name) ? shared : own, name);
    }

    // Not within a character.
    private string Cut(string value)
    {
        if (value.Length <= run.Limits.VariableCharacters) return value;
        var end = run.Limits.VariableCharacters;
        if (char.IsHighSurrogate(value[end - 1])) end--;
        return value[..end];
    }
}
