using System.Globalization;

namespace Sternpost.Abuse.Limits;

/// <summary>A limit as the configuration states it, for every layer of a kind: <c>account external-per-hour soft 100 hard 200</c>.</summary>
/// <param name="Kind">The kind of layer.</param>
/// <param name="Name">Which limit.</param>
/// <param name="Soft">0 for none, null to leave the standard.</param>
/// <param name="Hard">0 for none, null to leave the standard.</param>
public sealed record LimitRule(string Kind, LimitName Name, long? Soft, long? Hard)
{
    private const long Most = 1_000_000_000;

    /// <summary>Reads a line; null with the reason where it is none.</summary>
    public static LimitRule? Parse(string line, out string problem)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length is not (4 or 6)) return Refuse("it is a layer, a limit, and 'soft' or 'hard' with a number", out problem);
        if (!SendingLayer.Kinds.Contains(words[0])) return Refuse($"'{words[0]}' is not one of the layers {string.Join(", ", SendingLayer.Kinds)}", out problem);
        if (!LimitName.TryParse(words[1], out var name)) return Refuse($"'{words[1]}' is not one of the limits {string.Join(", ", LimitName.All)}", out problem);
        long? soft = null, hard = null;
        for (var i = 2; i < words.Length; i += 2)
        {
            if (!long.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Most) return Refuse($"'{words[i + 1]}' is not a number from 0 to {Most}", out problem);
            if (words[i] == "soft" && soft is null) soft = number;
            else if (words[i] == "hard" && hard is null) hard = number;
            else return Refuse($"'{words[i]}' stands where 'soft' or 'hard' is expected, once each", out problem);
        }
        if (soft > 0 && !name.Value.MayBeSoft) return Refuse("mail within this server is not held, so its limit can only be hard", out problem);
        problem = "";
        return new LimitRule(words[0], name.Value, soft, hard);
    }

    private static LimitRule? Refuse(string why, out string problem)
    {
        problem = why;
        return null;
    }
}
