using System.Globalization;
using Sternpost.Imap.Grammar;

namespace Sternpost.Imap.Responses;

/// <summary>A section as a FETCH response repeats it.</summary>
internal static class SectionWriting
{
    /// <summary>section = "[" [section-spec] "]" (RFC 9051 §9).</summary>
    internal static ResponseWriter Section(this ResponseWriter writer, Section section)
    {
        writer.Char('[').Text(string.Join('.', section.Part.Select(number => number.ToString(CultureInfo.InvariantCulture))));
        if (section.Text != SectionText.All)
        {
            if (section.Part.Count > 0) writer.Char('.');
            writer.Text(section.Text switch
            {
                SectionText.Header => "HEADER",
                SectionText.HeaderFields => "HEADER.FIELDS",
                SectionText.HeaderFieldsNot => "HEADER.FIELDS.NOT",
                SectionText.Text => "TEXT",
                _ => "MIME",
            });
        }
        if (section.Fields.Count > 0)
        {
            writer.Text(" (");
            for (var i = 0; i < section.Fields.Count; i++) (i == 0 ? writer : writer.Char(' ')).AString(section.Fields[i]);
            writer.Char(')');
        }
        return writer.Char(']');
    }
}
