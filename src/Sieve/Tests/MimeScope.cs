using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>Whose fields a test looks at: the message's, or with <c>:mime</c> those of a part, or of all parts below it (RFC 5703 §4.1), and what of them.</summary>
internal sealed class MimeScope(bool isMime, bool anyChild, string? part, IReadOnlyList<TextValue> parameters)
{
    /// <summary>Reads the tags; null after an error that was reported.</summary>
    internal static MimeScope? Read(BoundCommand bound)
    {
        var isMime = bound.Has("mime");
        if (!isMime && (bound.Has("anychild") || bound.Has("mime-part")))
        {
            bound.Fail($"the :{(bound.Has("anychild") ? "anychild" : bound.Tag("mime-part"))} tag of the {bound.Title} needs :mime beside it");
            return null;
        }
        return new MimeScope(isMime, bound.Has("anychild"), bound.Tag("mime-part"), bound.TextsOf("mime-part") ?? []);
    }

    /// <summary>The fields of a name.</summary>
    internal IEnumerable<SieveField> Fields(ScriptRun run, string name)
    {
        if (!isMime) return run.Message.Named(name);
        if (!anyChild) return OwnFields(run, name);
        var root = run.Loops.Count > 0 ? run.Loops[^1].Part : run.Message.Parts[0];
        return (run.Loops.Count == 0 ? run.Message.Named(name) : root.Named(name)).Concat(Below(root).SelectMany(child => child.Named(name)));
    }

    /// <summary>What of a field's value the test compares.</summary>
    internal IEnumerable<string> Values(ScriptRun run, SieveField field)
    {
        if (part is null) return [field.Decoded];
        var (type, subtype, given) = MimeField.Split(field);
        switch (part)
        {
            case "type": return [type];
            case "subtype": return field.Is("content-type") ? [subtype] : [""];
            case "contenttype": return [field.Is("content-type") ? $"{type}/{subtype}" : type];
            default:
                var wanted = parameters.Select(parameter => parameter.Of(run)).ToList();
                return given.Where(pair => wanted.Any(name => name.Equals(pair.Key, StringComparison.OrdinalIgnoreCase))).Select(pair => pair.Value);
        }
    }

    private static IEnumerable<SieveField> OwnFields(ScriptRun run, string name) => run.Loops.Count > 0 ? run.Loops[^1].Part.Named(name) : run.Message.Named(name);

    private static IEnumerable<SievePart> Below(SievePart part) => part.Children.SelectMany(child => Below(child).Prepend(child));
}
