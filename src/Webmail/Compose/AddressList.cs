using System.Text;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Compose;

/// <summary>Addresses as people type them: parted by commas or semicolons, with or without names.</summary>
public static class AddressList
{
    /// <summary>The addresses, and the first piece that is none, or null.</summary>
    public static (List<Address> Addresses, string? Bad) Read(string text)
    {
        var addresses = new List<Address>();
        string? bad = null;
        foreach (var piece in Pieces(text))
        {
            var (name, email) = (default(string), piece);
            if (piece.EndsWith('>') && piece.LastIndexOf('<') is >= 0 and var open)
            {
                name = piece[..open].Trim().Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal).Trim();
                email = piece[(open + 1)..^1].Trim();
            }
            if (IsAddress(email)) addresses.Add(new Address(name is { Length: > 0 } ? name : null, email));
            else bad ??= piece;
        }
        return (addresses, bad);
    }

    public static string Write(IEnumerable<Address> addresses) => string.Join(", ", addresses);

    // The server has the last word; this only catches what is plainly unfinished.
    public static bool IsAddress(string text) =>
        text.LastIndexOf('@') is > 0 and var at && at < text.Length - 1 && !text[(at + 1)..].StartsWith('.') && !text.EndsWith('.') && (text[0] == '"' || !text.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';')) && !text[(at + 1)..].Any(char.IsWhiteSpace);

    // Commas within quotes or angle brackets belong to the piece.
    private static IEnumerable<string> Pieces(string text)
    {
        var piece = new StringBuilder();
        var (inQuotes, inBrackets) = (false, false);
        foreach (var c in text)
        {
            if (c == '"') inQuotes = !inQuotes;
            if (!inQuotes && c == '<') inBrackets = true;
            if (!inQuotes && c == '>') inBrackets = false;
            if (c is ',' or ';' or '\n' && !inQuotes && !inBrackets)
            {
                if (piece.ToString().Trim() is { Length: > 0 } whole) yield return whole;
                piece.Clear();
            }
            else piece.Append(c);
        }
        if (piece.ToString().Trim() is { Length: > 0 } last) yield return last;
    }
}
