using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Responses;

/// <summary>BODY and BODYSTRUCTURE (RFC 9051 §7.5.2), from the stored structure. The store bounds its depth.</summary>
internal static class StructureText
{
    // A message part whose inside could not be read still needs one here, and so does a multipart without parts.
    private static readonly PartStructure Nothing = new() { Type = "text", Subtype = "plain", HeaderOffset = 0, BodyOffset = 0, BodyLength = 0, Lines = 0 };

    /// <summary>body = "(" (body-type-1part / body-type-mpart) ")" (§9).</summary>
    internal static void Structure(this ResponseWriter writer, PartStructure part, bool extended)
    {
        writer.Char('(');
        if (part.Type == "multipart") writer.Multipart(part, extended);
        else writer.SinglePart(part, extended);
        writer.Char(')');
    }

    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart] (§9).
    private static void Multipart(this ResponseWriter writer, PartStructure part, bool extended)
    {
        if (part.Children.Count == 0) writer.Structure(Nothing, extended);
        foreach (var child in part.Children) writer.Structure(child, extended);
        writer.Char(' ').String(part.Subtype);
        if (!extended) return;
        writer.Char(' ').Parameters(part.Parameters).Char(' ');
        writer.Tail(part);
    }

    // body-type-basic, -msg, -text (§9).
    private static void SinglePart(this ResponseWriter writer, PartStructure part, bool extended)
    {
        writer.String(part.Type).Char(' ').String(part.Subtype).Char(' ');
        writer.Parameters(part.Parameters).Char(' ');
        writer.NString(part.Id).Char(' ').NString(part.Description).Char(' ').String(part.Encoding).Char(' ').Number(part.BodyLength);
        if (part.Type == "text")
        {
            writer.Char(' ').Number(part.Lines);
        }
        else if (part is { Type: "message", Subtype: "rfc822" or "global" })
        {
            writer.Char(' ').Envelope(part.Message?.Envelope);
            writer.Char(' ').Structure(part.Message?.Root ?? Nothing, extended);
            writer.Char(' ').Number(part.Lines);
        }
        if (!extended) return;
        writer.Char(' ').NString(part.Md5).Char(' ');
        writer.Tail(part);
    }

    // body-fld-dsp SP body-fld-lang SP body-fld-loc (§9).
    private static void Tail(this ResponseWriter writer, PartStructure part)
    {
        if (part.Disposition is null) writer.Text("NIL");
        else writer.Char('(').String(part.Disposition).Char(' ').Parameters(part.DispositionParameters).Char(')');
        writer.Char(' ');
        if (part.Languages.Count == 0)
        {
            writer.Text("NIL");
        }
        else
        {
            writer.Char('(');
            for (var i = 0; i < part.Languages.Count; i++) (i == 0 ? writer : writer.Char(' ')).String(part.Languages[i]);
            writer.Char(')');
        }
        writer.Char(' ').NString(part.Location);
    }

    // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil (§9).
    private static ResponseWriter Parameters(this ResponseWriter writer, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        if (parameters.Count == 0) return writer.Text("NIL");
        writer.Char('(');
        for (var i = 0; i < parameters.Count; i++)
        {
            if (i > 0) writer.Char(' ');
            writer.String(parameters[i].Key).Char(' ').String(parameters[i].Value);
        }
        return writer.Char(')');
    }
}
