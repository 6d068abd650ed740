namespace Sternpost.Reports.Reading;

/// <summary>Texts of strangers, made fit to be kept and shown.</summary>
internal static class ReportText
{
    /// <summary>One line without control characters or white space around it, at most <paramref name="limit"/> characters.</summary>
    internal static string OneLine(string text, int limit)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length > limit) trimmed = trimmed[..limit];
        if (trimmed.IndexOfAnyInRange('\0', '\x1f') < 0 && trimmed.IndexOfAnyInRange('\x7f', '\x9f') < 0) return trimmed.ToString();
        return string.Create(trimmed.Length, trimmed.ToString(), static (line, given) =>
        {
            for (var i = 0; i < line.Length; i++) line[i] = char.IsControl(given[i]) ? ' ' : given[i];
        });
    }
}
