using System.Text;
using System.Text.Json;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>How to recreate a message from what a hop made of it (draft §5).</summary>
/// <param name="Header">Steps for each field name, lower case.</param>
/// <param name="Body">Steps for the lines of the body; null where it was not changed.</param>
/// <param name="BodyIsLost">The body cannot be recreated.</param>
internal sealed record Recipe(IReadOnlyDictionary<string, IReadOnlyList<RecipeStep>> Header, IReadOnlyList<RecipeStep>? Body, bool BodyIsLost)
{
    private const int MaxOctets = 512 * 1024;
    private const int MaxSteps = 20_000;

    /// <summary>True where undoing it brings something back: the hop removed or changed what was there, and did not only add.</summary>
    internal bool Restores => Body is not null || BodyIsLost || Header.Values.Any(steps => steps.Any(step => step.Lines is not null));

    /// <summary>Reads the tag's base64; null where it holds no recipe.</summary>
    internal static Recipe? Read(string base64)
    {
        if (base64.Length > MaxOctets || Dkim2Tags.Base64(base64) is not { } octets) return null;
        try
        {
            using var json = JsonDocument.Parse(octets, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(json.RootElement);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Recipe? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return null;
        var header = new Dictionary<string, IReadOnlyList<RecipeStep>>(StringComparer.Ordinal);
        IReadOnlyList<RecipeStep>? body = null;
        var (isLost, count) = (false, 0);
        foreach (var member in root.EnumerateObject())
        {
            if (member.NameEquals("h"))
            {
                if (member.Value.ValueKind != JsonValueKind.Object) return null;
                foreach (var field in member.Value.EnumerateObject())
                {
                    if (Steps(field.Value, ref count) is not { } steps || !header.TryAdd(field.Name.ToLowerInvariant(), steps)) return null;
                }
            }
            else if (member.NameEquals("b"))
            {
                if (member.Value.ValueKind == JsonValueKind.Null) isLost = true;
                else if ((body = Steps(member.Value, ref count)) is null) return null;
            }
        }
        return header.Count == 0 && body is null && !isLost ? null : new Recipe(header, body, isLost);
    }

    private static List<RecipeStep>? Steps(JsonElement list, ref int count)
    {
        if (list.ValueKind != JsonValueKind.Array) return null;
        var steps = new List<RecipeStep>();
        var copied = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (++count > MaxSteps || item.ValueKind != JsonValueKind.Object || item.EnumerateObject().Count() != 1) return null;
            var member = item.EnumerateObject().First();
            if (member.NameEquals("c"))
            {
                // §5.1, §5.2: in ascending order and apart, so that undoing can never make more than there is.
                if (member.Value.GetArrayLength() != 2 || !member.Value[0].TryGetInt32(out var first) || !member.Value[1].TryGetInt32(out var last) || first <= copied || last < first) return null;
                copied = last;
                steps.Add(new RecipeStep(first, last, null));
            }
            else if (member.NameEquals("d"))
            {
                var lines = member.Value.EnumerateArray().Select(line => line.GetString()).ToList();
                count += lines.Count;
                if (lines.Count == 0 || count > MaxSteps || lines.Any(line => line is null || line.AsSpan().IndexOfAny('\r', '\n') >= 0)) return null;
                steps.Add(new RecipeStep(0, 0, [.. lines.Select(line => Encoding.UTF8.GetBytes(line!))]));
            }
            else return null;
        }
        return steps;
    }
}

/// <summary>One step: lines or fields copied, numbered from 1, or given.</summary>
internal sealed record RecipeStep(int First, int Last, IReadOnlyList<byte[]>? Lines);
