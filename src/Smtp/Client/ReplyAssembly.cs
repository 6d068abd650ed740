using System.Text;

namespace Sternpost.Smtp.Client;

/// <summary>What a line did to a reply.</summary>
internal enum ReplyStep
{
    /// <summary>More lines follow.</summary>
    More,
    /// <summary>It was the last.</summary>
    Complete,
    /// <summary>It is not part of a reply, or the reply is larger than any honest one.</summary>
    Malformed,
}

/// <summary>Puts a reply together from its lines (RFC 5321 §4.2). Takes any octets.</summary>
internal sealed class ReplyAssembly
{
    /// <summary>Octets of one line, CRLF included; RFC 5321 §4.5.3.1.5 allows 512, and real servers more.</summary>
    internal const int MaxLine = 2048;

    /// <summary>Lines of one reply; the longest real ones are EHLO's, with some thirty.</summary>
    internal const int MaxLines = 100;

    private readonly List<string> lines = [];
    private string? status;
    private int code;

    internal SmtpReply Reply => new(code, status, lines);

    /// <summary>Takes the next line without its line end.</summary>
    internal ReplyStep Add(ReadOnlySpan<byte> line)
    {
        if (lines.Count == MaxLines || line.Length > MaxLine || !TryCode(line, out var given)) return ReplyStep.Malformed;
        // RFC 5321 §4.2.1: the codes of all lines are equal. Where a server breaks that, the last line speaks, being the one that ends it.
        code = given;
        // A bare code without space is legal, and clients must take it.
        var more = line.Length > 3 && line[3] == '-';
        if (line.Length > 3 && !more && line[3] != ' ') return ReplyStep.Malformed;
        // RFC 6531 §3.7.4.1: replies may be UTF-8.
        var text = line.Length > 4 ? Encoding.UTF8.GetString(line[4..]) : "";
        var (enhanced, rest) = Split(text, code / 100);
        // RFC 2034 §4: every line repeats the status.
        if (lines.Count == 0) status = enhanced;
        lines.Add(enhanced is not null && enhanced == status ? rest : text);
        return more ? ReplyStep.More : ReplyStep.Complete;
    }

    // RFC 5321 §4.2.1: 1yz is not used by SMTP.
    private static bool TryCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        if (line.Length < 3) return false;
        foreach (var digit in line[..3])
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            code = (code * 10) + digit - '0';
        }
        return code is >= 200 and <= 599;
    }

    // RFC 3463 §2: status-code = class "." subject "." detail, the latter two of one to three digits; RFC 2034 §4: class and code agree.
    private static (string? Status, string Text) Split(string text, int kind)
    {
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        if (word.Length is < 5 or > 9 || word[0] - '0' != kind || kind is not (2 or 4 or 5) || word[1] != '.') return (null, text);
        var dot = word.IndexOf('.', 2);
        if (dot < 0 || !IsNumber(word.AsSpan(2, dot - 2)) || !IsNumber(word.AsSpan(dot + 1))) return (null, text);
        return (word, end < 0 ? "" : text[(end + 1)..]);
    }

    private static bool IsNumber(ReadOnlySpan<char> digits) => digits.Length is >= 1 and <= 3 && !digits.ContainsAnyExceptInRange('0', '9');
}
