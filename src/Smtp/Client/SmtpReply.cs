using System.Text;

namespace Sternpost.Smtp.Client;

/// <summary>Another server's reply (RFC 5321 §4.2).</summary>
/// <param name="Code">200 to 599.</param>
/// <param name="Status">The RFC 3463 code it began with, where it did and its class agrees with <paramref name="Code"/>; otherwise null.</param>
/// <param name="Lines">The text of each line, without codes.</param>
public sealed record SmtpReply(int Code, string? Status, IReadOnlyList<string> Lines)
{
    private const int MaxQuote = 500;

    /// <summary>2yz.</summary>
    public bool IsPositive => Code / 100 == 2;

    /// <summary>4yz.</summary>
    public bool IsTransient => Code / 100 == 4;

    /// <summary>5yz.</summary>
    public bool IsPermanent => Code / 100 == 5;

    /// <summary>The status, or the empty one of the code's class.</summary>
    public string StatusOrDefault => Status ?? $"{Code / 100}.0.0";

    /// <summary>Status and text as one line of printable ASCII, fit for a header field and a log; shortened where it is long.</summary>
    public string ToLine()
    {
        var line = new StringBuilder(Status);
        foreach (var part in Lines)
        {
            if (line.Length > 0) line.Append(' ');
            foreach (var c in part) line.Append(c is >= ' ' and <= '~' ? c : '?');
            if (line.Length > MaxQuote) return line.ToString(0, MaxQuote - 1) + "...";
        }
        return line.ToString();
    }
}
