using System.Text;

namespace Sternpost.MailAuth.Canonical;

/// <summary>Writes a header field that holds a tag-list, folded so that lines stay short wherever a fold is allowed (RFC 6376 §3.2, §3.5).</summary>
internal sealed class TagListWriter
{
    // RFC 5322 §2.1.1 wants 78 at most.
    private const int Width = 76;

    private readonly StringBuilder text = new(768);
    private int column;
    private bool isFirst = true;

    public TagListWriter(string fieldName)
    {
        text.Append(fieldName).Append(':');
        column = text.Length;
    }

    /// <summary>A tag whose value stays on one line.</summary>
    public TagListWriter Tag(string name, string value)
    {
        Begin(name.Length + 1 + value.Length);
        Put(name);
        Put("=");
        Put(value);
        return this;
    }

    /// <summary>A tag of words joined by colons, folded after them.</summary>
    public TagListWriter Words(string name, IReadOnlyList<string> words)
    {
        Begin(name.Length + 1 + (words.Count > 0 ? words[0].Length + 1 : 0));
        Put(name);
        Put("=");
        for (var i = 0; i < words.Count; i++)
        {
            var isLast = i == words.Count - 1;
            if (i > 0 && column + words[i].Length + 1 > Width) Fold();
            Put(words[i]);
            if (!isLast) Put(":");
        }
        return this;
    }

    /// <summary>A tag of base64, folded anywhere.</summary>
    public TagListWriter Base64(string name, ReadOnlySpan<byte> octets)
    {
        Begin(name.Length + 2);
        Put(name);
        Put("=");
        AppendBase64(octets);
        return this;
    }

    /// <summary>Goes on with the value of the last tag.</summary>
    public TagListWriter AppendBase64(ReadOnlySpan<byte> octets)
    {
        var value = Convert.ToBase64String(octets).AsSpan();
        while (!value.IsEmpty)
        {
            if (column >= Width) Fold();
            var take = Math.Min(value.Length, Width - column);
            text.Append(value[..take]);
            column += take;
            value = value[take..];
        }
        return this;
    }

    /// <summary>The field with its CRLF.</summary>
    public byte[] ToField() => Encoding.ASCII.GetBytes(text.ToString() + "\r\n");

    private void Begin(int length)
    {
        if (!isFirst) Put(";");
        isFirst = false;
        if (column + 2 + length > Width) Fold();
        else Put(" ");
    }

    private void Fold()
    {
        text.Append("\r\n\t");
        column = 1;
    }

    private void Put(string part)
    {
        text.Append(part);
        column += part.Length;
    }
}
