using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Protocol;

/// <summary>The arguments of a call, read with their types; what is of another type, missing or unknown is invalidArguments (RFC 8620 §3.6.2).</summary>
internal sealed class Arguments(JsonObject json)
{
    // RFC 8620 §1.3: numbers are whole and within what a double holds.
    private const long Largest = (1L << 53) - 1;

    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    internal JsonObject Json => json;

    /// <summary>Ends the reading: what was not asked for is no argument of the method.</summary>
    internal void End()
    {
        foreach (var (name, _) in json)
        {
            if (!read.Contains(name)) throw MethodError.InvalidArguments($"There is no argument {name}");
        }
    }

    internal JsonNode? Node(string name)
    {
        read.Add(name);
        return json.TryGetPropertyValue(name, out var value) ? value : null;
    }

    internal bool Has(string name) => json.ContainsKey(name);

    internal string? Text(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Wrong(name, "a string"),
    };

    internal string RequiredText(string name) => Text(name) ?? throw MethodError.InvalidArguments($"The argument {name} is missing");

    internal bool Flag(string name, bool otherwise = false) => Node(name) switch
    {
        null => otherwise,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>An Int, or null.</summary>
    internal long? Number(string name) => Node(name) switch
    {
        null => null,
        { } node when TryNumber(node, out var number) => number,
        _ => throw Wrong(name, "a whole number"),
    };

    /// <summary>An UnsignedInt, or null.</summary>
    internal long? Count(string name) => Number(name) is { } number ? number >= 0 ? number : throw Wrong(name, "a number that is not negative") : null;

    internal JsonObject? Object(string name) => Node(name) switch
    {
        null => null,
        JsonObject value => value,
        _ => throw Wrong(name, "an object"),
    };

    internal JsonArray? Array(string name) => Node(name) switch
    {
        null => null,
        JsonArray value => value,
        _ => throw Wrong(name, "an array"),
    };

    internal IReadOnlyList<string>? Texts(string name)
    {
        if (Array(name) is not { } array) return null;
        var texts = new List<string>(array.Count);
        foreach (var item in array) texts.Add(item is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(name, "an array of strings"));
        return texts;
    }

    /// <summary>True where the node is a whole number that I-JSON carries; 1.0 is one as well.</summary>
    internal static bool TryNumber(JsonNode? node, out long number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number) return false;
        var text = value.ToJsonString();
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || real != Math.Floor(real) || Math.Abs(real) > Largest) return false;
            number = (long)real;
        }
        return number is >= -Largest and <= Largest;
    }

    private static MethodError Wrong(string name, string wanted) => MethodError.InvalidArguments($"The argument {name} must be {wanted}");
}
