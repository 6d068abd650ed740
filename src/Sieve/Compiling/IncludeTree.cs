using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>Finds the texts of scripts that others include (RFC 6609); null where there is none.</summary>
public delegate string? ScriptSource(ScriptLocation location, string name);

/// <summary>Which scripts are being read because others include them: none within itself, not too deep, not too many.</summary>
internal sealed class IncludeTree(ScriptSource? source)
{
    private readonly List<(ScriptLocation, string)> open = [];
    private readonly HashSet<(ScriptLocation, string)> seen = [];

    /// <summary>Somebody can be asked for other scripts.</summary>
    internal bool IsKnown => source is not null;

    /// <summary>Begins to read a script: its text, or null where there is none or where it must not be, and then why.</summary>
    internal string? Begin(ScriptLocation location, string name, SieveLimits limits, out string? problem)
    {
        problem = null;
        if (source is null) return null;
        if (open.Contains((location, name)))
        {
            problem = $"circular include: the script '{name}' would include itself";
            return null;
        }
        if (source(location, name) is not { } text) return null;
        if (open.Count >= limits.IncludeDepth)
        {
            problem = $"scripts may be included at most {limits.IncludeDepth} deep";
            return null;
        }
        seen.Add((location, name));
        if (seen.Count > limits.Includes)
        {
            problem = $"failed to include script '{name}': no more than {limits.Includes} includes allowed";
            return null;
        }
        open.Add((location, name));
        return text;
    }

    internal bool IsOpen(ScriptLocation location, string name) => open.Contains((location, name));

    internal void End() => open.RemoveAt(open.Count - 1);
}
