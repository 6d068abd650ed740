using System.Globalization;
using System.Text;
using Sternpost.Dialogue;

namespace Sternpost.Bench;

/// <summary>Makes letters of a given size that look like mail between people: varied words, whole headers, an id of its own each; large ones have an HTML part too.</summary>
internal sealed class LetterMaker(int size, string recipient, int seed)
{
    private const int LargeFrom = 16_384;
    private static readonly string[] Words =
        """
        the of and to in we you for is on that it with as be are this our at have from or will your an by not meeting project report draft
        budget week team please find attached notes minutes agenda schedule review plan friday tuesday room office travel invoice order
        delivery train dinner family garden photos school teacher children doctor appointment update server release question answer thanks
        regards kind morning afternoon tomorrow yesterday contract summary numbers figures quarter customer support ticket change request
        documentation chapter version feedback comments suggestion proposal deadline milestone workshop slides presentation lunch coffee
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
    private static readonly string[] Names = ["Anna Berg", "Jonas Vik", "Mira Sole", "Peter Hahn", "Lucia Ramos", "Tom Ashby", "Ines Duarte", "Karl Lind"];

    private readonly Random random = new(seed);
    private int made;

    /// <summary>The next letter, dot-stuffed with its end mark, and its reverse-path.</summary>
    public (string From, byte[] Dotted) Next()
    {
        var (from, content) = NextPlain();
        return (from, SmtpDialogue.Dotted(content));
    }

    /// <summary>The next letter as it is, and its reverse-path.</summary>
    public (string From, byte[] Content) NextPlain()
    {
        var name = Names[random.Next(Names.Length)];
        var from = name.Replace(' ', '.').ToLowerInvariant() + "@sender" + random.Next(50) + ".example";
        var id = $"{seed}.{made++}.{random.NextInt64():x}";
        var letter = new StringBuilder(size + 512);
        letter.Append("From: ").Append(name).Append(" <").Append(from).Append(">\r\n")
            .Append("To: <").Append(recipient).Append(">\r\n")
            .Append("Subject: ").Append(Sentence(random.Next(3, 8))).Append("\r\n")
            .Append("Date: ").Append(DateTimeOffset.UtcNow.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)).Append(" +0000\r\n")
            .Append("Message-ID: <").Append(id).Append("@sender.example>\r\n")
            .Append("MIME-Version: 1.0\r\n");
        if (size < LargeFrom) Plain(letter, size);
        else Alternative(letter, id);
        return (from, Encoding.ASCII.GetBytes(letter.ToString()));
    }

    private void Plain(StringBuilder letter, int until)
    {
        letter.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
        while (letter.Length < until) Line(letter, "", "");
    }

    private void Alternative(StringBuilder letter, string id)
    {
        var boundary = "part-" + id;
        letter.Append("Content-Type: multipart/alternative; boundary=\"").Append(boundary).Append("\"\r\n\r\n--").Append(boundary).Append("\r\n");
        Plain(letter, size / 4);
        letter.Append("\r\n--").Append(boundary).Append("\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<html><body>\r\n");
        while (letter.Length < size - boundary.Length - 32) Line(letter, "<p style=\"margin: 0 0 12px\">", "</p>");
        letter.Append("</body></html>\r\n--").Append(boundary).Append("--\r\n");
    }

    private void Line(StringBuilder letter, string before, string after) =>
        letter.Append(before).Append(Sentence(random.Next(6, 12))).Append('.').Append(after).Append("\r\n");

    private string Sentence(int words)
    {
        var text = new StringBuilder();
        for (var i = 0; i < words; i++)
        {
            if (i > 0) text.Append(' ');
            text.Append(Words[random.Next(Words.Length)]);
        }
        text[0] = char.ToUpperInvariant(text[0]);
        return text.ToString();
    }
}
