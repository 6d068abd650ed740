namespace Sternpost.Jmap.Labels;

/// <summary>What a keyword of the mail is called, and its colour.</summary>
/// <param name="Id">Its number; those of <see cref="Standard"/> are 1 to 5.</param>
/// <param name="Keyword">The IMAP keyword (RFC 9051 §2.3.2) that messages with the label have, in lower case; it never changes.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Color">One of <see cref="Colors"/>.</param>
internal sealed record Label(long Id, string Keyword, string Name, string Color)
{
    /// <summary>The colours, as words: how each looks is for who draws it, in light and in dark.</summary>
    internal static readonly IReadOnlyList<string> Colors = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "grey"];

    /// <summary>Those that every account has until its owner says otherwise: the tags that Thunderbird begins with, by its keywords, names and colours.</summary>
    internal static readonly IReadOnlyList<Label> Standard =
    [
        new(1, "$label1", "Important", "red"), new(2, "$label2", "Work", "orange"), new(3, "$label3", "Personal", "green"),
        new(4, "$label4", "To do", "blue"), new(5, "$label5", "Later", "purple"),
    ];
}
