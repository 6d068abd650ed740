using System.Globalization;
using System.Text.RegularExpressions;

namespace Sternpost.Fronts.Consulted;

/// <summary>The score in an X-Spam-Status field, as SpamAssassin, Amavis and many milters write it.</summary>
internal static partial class SpamStatus
{
    /// <summary>The score as a share of what is required; where only Yes or No stands there, 1 or 0; null where it is no such field.</summary>
    internal static double? Share(string value)
    {
        if (value.Length > 2000) return null;
        var score = Number().Match(value);
        var required = Required().Match(value);
        if (score.Success && required.Success && double.TryParse(score.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var points)
            && double.TryParse(required.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var most) && most > 0)
            return points / most;
        return value.Contains("Yes", StringComparison.OrdinalIgnoreCase) ? 1 : value.Contains("No", StringComparison.OrdinalIgnoreCase) ? 0 : null;
    }

    [GeneratedRegex(@"(?:score|hits)=(-?[0-9]+(?:\.[0-9]+)?)")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?:required)=([0-9]+(?:\.[0-9]+)?)")]
    private static partial Regex Required();
}
