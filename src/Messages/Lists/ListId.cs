namespace Sternpost.Messages.Lists;

/// <summary>The name of a mailing list in its List-Id field (RFC 2919).</summary>
public static class ListId
{
    private const int Longest = 255;

    /// <summary>The id between the angle brackets, lower case; empty where the field has none.</summary>
    public static string Of(string field)
    {
        var open = field.LastIndexOf('<');
        var close = open < 0 ? -1 : field.IndexOf('>', open);
        if (close < 0) return "";
        var id = field[(open + 1)..close].Trim();
        return id.Length is > 0 and <= Longest && id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 ? id.ToLowerInvariant() : "";
    }
}
