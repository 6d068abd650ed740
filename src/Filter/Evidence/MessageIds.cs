using Sternpost.Filter.Views;

namespace Sternpost.Filter.Evidence;

/// <summary>Message-IDs as they are compared: between their brackets, without white space.</summary>
internal static class MessageIds
{
    // RFC 5322 §3.6.4 puts no limit; a thread of thousands names its last ones all the same.
    private const int MostReferences = 20;
    private const int MaxLength = 250;

    /// <summary>The message's own; empty where it has none.</summary>
    internal static string Own(HeaderFields header) =>
        header.TryGet("Message-ID"u8, out var value) ? Clean(HeaderText.Raw(value)) : "";

    /// <summary>Those it answers (In-Reply-To) or follows (References), nearest first.</summary>
    internal static List<string> Answered(HeaderFields header)
    {
        var ids = new List<string>();
        if (header.TryGet("In-Reply-To"u8, out var direct)) Add(ids, HeaderText.Raw(direct));
        if (header.TryGet("References"u8, out var chain)) Add(ids, HeaderText.Raw(chain));
        return ids;
    }

    private static void Add(List<string> ids, string text)
    {
        for (var end = text.LastIndexOf('>'); end > 0 && ids.Count < MostReferences; end = text.LastIndexOf('>', end - 1))
        {
            var start = text.LastIndexOf('<', end);
            if (start < 0) return;
            var id = Clean(text[start..(text.IndexOf('>', start) + 1)]);
            if (id.Length > 0 && !ids.Contains(id)) ids.Add(id);
            if (start == 0) return;
            end = start;
        }
    }

    private static string Clean(string text)
    {
        var id = text.Trim().TrimStart('<').TrimEnd('>').Trim();
        return id.Length <= MaxLength ? id : id[..MaxLength];
    }
}
