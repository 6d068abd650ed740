using System.Globalization;
using System.Net;

namespace Sternpost.Administration;

/// <summary>HTML in which everything that is not HTML already has been made harmless: what is put into a text is encoded, unless it is markup itself.</summary>
internal readonly struct Markup
{
    private readonly string? text;

    private Markup(string text) => this.text = text;

    /// <summary>HTML with values in it.</summary>
    public static Markup Of(FormattableString html) => new(string.Format(CultureInfo.InvariantCulture, html.Format, [.. html.GetArguments().Select(Encoded)]));

    /// <summary>One after the other.</summary>
    public static Markup All(IEnumerable<Markup> parts) => new(string.Concat(parts));

    /// <inheritdoc/>
    public override string ToString() => text ?? "";

    private static object Encoded(object? value) => value switch
    {
        Markup markup => markup.ToString(),
        DateTimeOffset at => WebUtility.HtmlEncode(at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
        _ => WebUtility.HtmlEncode(Convert.ToString(value, CultureInfo.InvariantCulture)) ?? "",
    };
}
