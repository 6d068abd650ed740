using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>Patches of objects (RFC 8620 §5.3 PatchObject).</summary>
internal static class Patch
{
    private const int MostSteps = 16;

    /// <summary>The properties that a patch gives anew, from the object as it is; nested ones are whole.</summary>
    /// <exception cref="SetError">The patch is not one.</exception>
    internal static JsonObject Apply(JsonObject current, JsonObject patch)
    {
        var changed = (JsonObject)current.DeepClone();
        var paths = patch.Select(item => item.Key.StartsWith('/') ? item.Key[1..] : item.Key).ToList();
        // No path may lead into what another one replaces.
        foreach (var path in paths)
        {
            if (paths.Exists(other => other.Length > path.Length && other[path.Length] == '/' && other.StartsWith(path, StringComparison.Ordinal))) throw Bad($"{path} is patched both whole and in part");
        }
        foreach (var (key, value) in patch)
        {
            var steps = (key.StartsWith('/') ? key[1..] : key).Split('/');
            if (steps.Length > MostSteps) throw Bad("A path has too many steps");
            var at = changed;
            for (var i = 0; i < steps.Length; i++)
            {
                var step = steps[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (i == steps.Length - 1)
                {
                    // Null takes an entry away, and gives a property its default.
                    if (value is null && steps.Length > 1) at.Remove(step);
                    else at[step] = value?.DeepClone();
                }
                else at = at[step] as JsonObject ?? throw Bad($"There is nothing at {key}");
            }
        }
        return changed;
    }

    private static SetError Bad(string why) => new("invalidPatch", why);
}
