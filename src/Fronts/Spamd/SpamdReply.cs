using System.Globalization;
using System.Text;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Fronts.Spamd;

/// <summary>The replies, as spamd writes them and spamc and Exim read them.</summary>
internal static class SpamdReply
{
    // sysexits(3).
    internal const int DataError = 65;
    internal const int TemporaryFailure = 75;
    internal const int TooLarge = 98;
    internal const int ProtocolError = 76;

    internal static byte[] Pong() => "SPAMD/1.5 0 PONG\r\n"u8.ToArray();

    internal static byte[] Error(int code, string reason) => Encoding.ASCII.GetBytes($"SPAMD/1.5 {code} Bad header line: {reason}\r\n");

    internal static byte[] Told(string? did) => Encoding.ASCII.GetBytes($"SPAMD/1.5 0 EX_OK\r\n{did}Content-length: 2\r\n\r\n\r\n");

    /// <summary>CHECK: the Spam field alone.</summary>
    internal static byte[] Checked(Verdict verdict, ScoreScale scale) =>
        Encoding.ASCII.GetBytes("SPAMD/1.5 0 EX_OK\r\n" + Spam(verdict, scale) + "\r\n");

    /// <summary>REPORT and SYMBOLS: text beside the Spam field, or below a score line for clients before 1.3 (Exim is one).</summary>
    internal static byte[] WithText(Verdict verdict, ScoreScale scale, string text, double clientVersion)
    {
        if (clientVersion >= 1.3) return Encoding.ASCII.GetBytes($"SPAMD/1.5 0 EX_OK\r\nContent-length: {text.Length}\r\n{Spam(verdict, scale)}\r\n{text}");
        text = string.Create(CultureInfo.InvariantCulture, $"{scale.Of(verdict):0.0}/{scale.Mark:0.0}\r\n{text}");
        return Encoding.ASCII.GetBytes($"SPAMD/1.1 0 EX_OK\r\nContent-length: {text.Length}\r\n\r\n{text}");
    }

    /// <summary>PROCESS and HEADERS: the message, or its header, with our fields.</summary>
    internal static byte[] WithMessage(Verdict verdict, ScoreScale scale, ReadOnlySpan<byte> message, double clientVersion)
    {
        var head = Encoding.ASCII.GetBytes($"SPAMD/1.5 0 EX_OK\r\nContent-length: {message.Length}\r\n{(clientVersion >= 1.3 ? Spam(verdict, scale) : "")}\r\n");
        return [.. head, .. message];
    }

    internal static string Symbols(Verdict verdict) => string.Join(',', verdict.Findings.Select(finding => finding.Symbol)) + "\r\n";

    /// <summary>A report for people: the reason, then a line for each finding. ASCII, so that octets and characters count the same.</summary>
    internal static string Report(Verdict verdict, ScoreScale scale)
    {
        var text = new StringBuilder(512);
        text.Append(CultureInfo.InvariantCulture, $"Sternpost's verdict: {verdict.Disposition.ToString().ToLowerInvariant()} ({scale.Of(verdict):0.0} points, {scale.Mark:0.0} mark as spam). {verdict.Reason}\r\n\r\n")
            .Append(" pts rule name              description\r\n")
            .Append("---- ---------------------- ------------------------------------------------\r\n");
        foreach (var finding in verdict.Findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{scale.OfWeight(finding.Weight),4:0.0} {finding.Symbol,-22} {finding.Explanation}\r\n");
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > '~') text[i] = '?';
        }
        return text.ToString();
    }

    private static string Spam(Verdict verdict, ScoreScale scale) => string.Create(
        CultureInfo.InvariantCulture,
        $"Spam: {(verdict.Disposition == Disposition.Accept ? "False" : "True")} ; {scale.Of(verdict):0.0} / {scale.Mark:0.0}\r\n");
}
