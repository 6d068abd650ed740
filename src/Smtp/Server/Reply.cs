using System.Buffers;
using System.Text;

namespace Sternpost.Smtp.Server;

/// <summary>
/// One reply (RFC 5321 §4.2): code, enhanced status (RFC 2034, RFC 3463), text. Whatever a client wrote and the text repeats goes out
/// as printable ASCII, and no line exceeds what RFC 5321 §4.5.3.1.5 allows.
/// </summary>
internal sealed class Reply
{
    // RFC 5321 §4.5.3.1.5: 512 octets with code and CRLF.
    private const int MaxLine = 510;

    // Refusals may quote an address of 254 octets; beyond this a text says nothing more to anybody.
    private const int MaxText = 420;

    private readonly byte[]? fixedOctets;

    /// <param name="code">Three digits.</param>
    /// <param name="status">The enhanced status, or empty where the reply has none (greeting, HELO, EHLO, 3yz: RFC 2034 §4).</param>
    /// <param name="text">The text; a line feed begins another line.</param>
    internal Reply(int code, string status, string text)
    {
        Code = code;
        Status = status;
        Text = text;
        if (code < 400) fixedOctets = Encode("");
    }

    internal int Code { get; }

    internal string Status { get; }

    internal string Text { get; }

    /// <summary>4yz or 5yz.</summary>
    internal bool IsRefusal => Code >= 400;

    /// <summary>The connection ends after it: 421 (RFC 5321 §3.8) and the reply to QUIT.</summary>
    internal bool Closes => Code is 421 or 221;

    /// <summary>Writes the reply; a refusal ends with the reference by which the administrator finds the session.</summary>
    internal void Write(IBufferWriter<byte> output, string reference) =>
        output.Write(fixedOctets ?? Encode(" (" + reference + ")"));

    /// <inheritdoc/>
    public override string ToString() => Status.Length == 0 ? $"{Code} {Text}" : $"{Code} {Status} {Text}";

    private byte[] Encode(string suffix)
    {
        var text = Text.Length > MaxText ? Text[..MaxText] + "..." : Text;
        var lines = Text.Contains('\n', StringComparison.Ordinal) ? Text.Split('\n') : [text];
        var whole = new StringBuilder(text.Length + 32);
        for (var i = 0; i < lines.Length; i++)
        {
            var last = i == lines.Length - 1;
            var lineStart = whole.Length;
            whole.Append(Code).Append(last ? ' ' : '-');
            if (Status.Length > 0) whole.Append(Status).Append(' ');
            foreach (var c in lines[i]) whole.Append(c is >= ' ' and <= '~' ? c : '?');
            if (last) whole.Append(suffix);
            if (whole.Length - lineStart > MaxLine) whole.Length = lineStart + MaxLine;
            whole.Append("\r\n");
        }
        return Encoding.ASCII.GetBytes(whole.ToString());
    }
}
