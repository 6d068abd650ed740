namespace Sternpost.Imap.Grammar;

/// <summary>Which text of a part a section names (RFC 9051 §6.4.5.1).</summary>
internal enum SectionText
{
    /// <summary>The whole message, or a part's body.</summary>
    All,
    Header,
    HeaderFields,
    HeaderFieldsNot,
    Text,
    Mime,
}

/// <summary>section-spec: part numbers, which text, and for HEADER.FIELDS the names as the client wrote them.</summary>
internal sealed record Section(IReadOnlyList<int> Part, SectionText Text, IReadOnlyList<string> Fields)
{
    // Real messages nest a handful deep; the store reads no deeper than this either.
    private const int DeepestPart = 64;
    private const int MostFields = 200;

    /// <summary>section = "[" [section-spec] "]" (§9); the bracket is next.</summary>
    internal static bool TryParse(ref ImapScanner scanner, out Section section)
    {
        section = new Section([], SectionText.All, []);
        if (!scanner.Expect('[')) return false;
        if (scanner.Take(']')) return true;
        var part = new List<int>();
        if (!TryPart(ref scanner, part, out var more)) return false;
        var text = SectionText.All;
        IReadOnlyList<string> fields = [];
        if (more && !TryText(ref scanner, part.Count > 0, out text, out fields)) return false;
        section = new Section(part, text, fields);
        return scanner.Expect(']');
    }

    /// <summary>section-binary = "[" [section-part] "]" (§9).</summary>
    internal static bool TryBinary(ref ImapScanner scanner, out Section section)
    {
        var part = new List<int>();
        section = new Section(part, SectionText.All, []);
        if (!scanner.Expect('[')) return false;
        if (scanner.Take(']')) return true;
        return TryPart(ref scanner, part, out var more) && (!more || scanner.Fail("BINARY takes part numbers only")) && scanner.Expect(']');
    }

    // section-part = nz-number *("." nz-number); more says that text follows the last dot, or stands alone.
    private static bool TryPart(ref ImapScanner scanner, List<int> part, out bool more)
    {
        more = true;
        while (scanner.SeesDigit())
        {
            if (!scanner.NzNumber(out var number)) return false;
            if (number > int.MaxValue || part.Count == DeepestPart) return scanner.Fail("A part number is too deep");
            part.Add((int)number);
            more = scanner.Take('.');
            if (!more) return true;
        }
        return true;
    }

    // section-text = section-msgtext / "MIME"; header-list = "(" header-fld-name *(SP header-fld-name) ")" (§9).
    private static bool TryText(ref ImapScanner scanner, bool inPart, out SectionText text, out IReadOnlyList<string> fields)
    {
        fields = [];
        text = SectionText.All;
        if (!scanner.Name(out var name)) return false;
        switch (name)
        {
            case "HEADER":
                text = SectionText.Header;
                return true;
            case "TEXT":
                text = SectionText.Text;
                return true;
            case "MIME" when inPart:
                text = SectionText.Mime;
                return true;
            case "HEADER.FIELDS" or "HEADER.FIELDS.NOT":
                text = name == "HEADER.FIELDS" ? SectionText.HeaderFields : SectionText.HeaderFieldsNot;
                return scanner.Space() && TryFields(ref scanner, out fields);
            default:
                return scanner.Fail($"There is no section {name}");
        }
    }

    private static bool TryFields(ref ImapScanner scanner, out IReadOnlyList<string> fields)
    {
        var names = new List<string>();
        fields = names;
        if (!scanner.Expect('(')) return false;
        do
        {
            if (names.Count == MostFields) return scanner.Fail("Too many header fields");
            if (!scanner.AString(out var name)) return false;
            names.Add(name);
        }
        while (scanner.Take(' '));
        return scanner.Expect(')');
    }
}
