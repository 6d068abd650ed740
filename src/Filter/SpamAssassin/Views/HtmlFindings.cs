namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>What the HTML of one part came to; functions ask for it by SpamAssassin's names.</summary>
internal sealed class HtmlFindings
{
    /// <summary>How deep each element was left open; present for each that occurred.</summary>
    internal Dictionary<string, int> Inside { get; } = new(StringComparer.Ordinal);

    /// <summary>Each link as it stood, made absolute.</summary>
    internal Dictionary<string, HtmlLink> Links { get; } = new(StringComparer.Ordinal);

    internal List<string> Anchors { get; } = [];

    internal List<string> Comments { get; } = [];

    internal List<string> Scripts { get; } = [];

    internal List<string> Titles { get; } = [];

    /// <summary>Yes-or-no findings: <c>html</c>, <c>embeds</c>, <c>font_face_bad</c> and so on.</summary>
    internal HashSet<string> Flags { get; } = new(StringComparer.Ordinal);

    internal int Length { get; set; }

    internal int NonSpaceLength { get; set; }

    internal int RenderedLength { get; set; }

    internal double? Ratio { get; set; }

    internal long ImageArea { get; set; }

    internal bool UriTruncated { get; set; }

    internal string? Charsets { get; set; }

    internal int Tags { get; set; }

    internal int Elements { get; set; }

    internal int TagsSeen { get; set; }

    internal int ElementsSeen { get; set; }

    internal int ClosedExtra { get; set; }

    internal int Obfuscation { get; set; }

    internal int SmallestSize { get; set; } = 3;

    internal int LargestSize { get; set; } = 3;

    internal HashSet<(int, int)> Backhair { get; } = [];

    /// <summary>A number by its name; null where there is none.</summary>
    internal double? Number(string name) => name switch
    {
        "length" => Length,
        "html_length" => RenderedLength,
        "non_space_len" => NonSpaceLength,
        "ratio" => Ratio,
        "image_area" => ImageArea,
        "min_size" => SmallestSize,
        "max_size" => LargestSize,
        "closed_extra_ratio" => Tags > 0 ? (double)ClosedExtra / Tags : null,
        "bad_tag_ratio" => Tags > 0 && Elements > 0 ? (double)(Tags - Elements) / Tags : null,
        "non_element_ratio" => TagsSeen > 0 && ElementsSeen > 0 ? (double)(TagsSeen - ElementsSeen) / TagsSeen : null,
        "obfuscation_ratio" => Tags > 0 && Obfuscation > 0 ? (double)Obfuscation / Tags : null,
        "backhair_count" => Backhair.Count > 0 ? Backhair.Count : null,
        _ => Flags.Contains(name) ? 1 : null,
    };

    /// <summary>Texts by their name.</summary>
    internal IReadOnlyList<string> Texts(string name) => name switch
    {
        "anchor" => Anchors,
        "comment" => Comments,
        "script" => Scripts,
        "title" => Titles,
        _ => [],
    };
}

/// <summary>A link of HTML: the elements it stood in, and the text under it.</summary>
internal sealed class HtmlLink
{
    internal HashSet<string> Types { get; } = new(StringComparer.Ordinal);

    internal List<string> AnchorTexts { get; } = [];
}
