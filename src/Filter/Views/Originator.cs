namespace Sternpost.Filter.Views;

/// <summary>A From, Sender or Reply-To field as a reader takes it: display name and address.</summary>
internal sealed record Originator(string Name, string Address)
{
    internal static readonly Originator None = new("", "");

    /// <summary>The domain of the address, lower case; empty where there is none.</summary>
    internal string Domain { get; } = Address.Contains('@', StringComparison.Ordinal) ? Address[(Address.LastIndexOf('@') + 1)..].ToLowerInvariant() : "";

    internal static Originator Of(HeaderFields header, ReadOnlySpan<byte> field)
    {
        if (!header.TryGet(field, out var value)) return None;
        var text = HeaderText.Decode(value);
        // The angle-bracketed address is found in the raw text: an encoded word may decode to brackets of its own.
        var raw = HeaderText.Raw(value);
        var open = raw.LastIndexOf('<');
        var close = open < 0 ? -1 : raw.IndexOf('>', open);
        if (open >= 0 && close > open)
        {
            var nameEnd = text.LastIndexOf('<');
            return new Originator(Clean(nameEnd < 0 ? text : text[..nameEnd]), raw[(open + 1)..close].Trim());
        }
        var comma = raw.IndexOf(',', StringComparison.Ordinal);
        var bare = (comma < 0 ? raw : raw[..comma]).Trim();
        var space = bare.IndexOf(' ', StringComparison.Ordinal);
        // The old form "address (Name)" of RFC 822.
        return space < 0 ? new Originator("", bare) : new Originator(Clean(bare[space..].Trim('(', ')', ' ')), bare[..space]);
    }

    private static string Clean(string name) => name.Trim().Trim('"', '\'').Replace("\\\"", "\"", StringComparison.Ordinal).Trim();
}
