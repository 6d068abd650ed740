using System.Globalization;
using System.Text;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Intake;

/// <summary>The header lines a copy gets when it is delivered. They are kept apart from what came in, which stays as it was.</summary>
internal static class DeliveryHeaders
{
    // RFC 5322 §2.1.1.
    private const int FoldAt = 78;
    private const int MaxFindings = 40;

    /// <summary>Return-Path first (RFC 5321 §4.4: at the beginning of the mail data), then the verdict, the masked address it came to where it came to one, then the trace lines.</summary>
    internal static ReadOnlyMemory<byte> Build(EmailAddress? reversePath, Verdict? verdict, ReadOnlySpan<byte> traceHeaders, EmailAddress? masked = null)
    {
        var text = new StringBuilder(256);
        text.Append("Return-Path: <").Append(reversePath?.ToString()).Append(">\r\n");
        if (verdict is not null) AppendVerdict(text, verdict);
        // The To field need not name it.
        if (masked is not null) text.Append("X-Sternpost-Masked: ").Append(masked).Append("\r\n");
        var lines = text.ToString();
        var whole = new byte[Encoding.UTF8.GetByteCount(lines) + traceHeaders.Length];
        traceHeaders.CopyTo(whole.AsSpan(Encoding.UTF8.GetBytes(lines, whole)));
        return whole;
    }

    /// <summary>The verdict for a server behind this one: our field, and the flag that mail programs and Exchange's rules look for.</summary>
    internal static byte[] Verdict(Verdict verdict)
    {
        var text = new StringBuilder(256);
        AppendVerdict(text, verdict);
        text.Append("X-Spam-Flag: ").Append(verdict.Disposition == Disposition.Accept ? "NO" : "YES").Append("\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void AppendVerdict(StringBuilder text, Verdict verdict)
    {
        var lineStart = text.Length;
        text.Append("X-Sternpost-Verdict: ").Append(Word(verdict.Disposition)).Append(", score ").Append(Figure(verdict.Score));
        var shown = 0;
        foreach (var finding in verdict.Findings)
        {
            if (shown == MaxFindings) break;
            var item = Clean(finding.Symbol) + " " + Figure(finding.Weight);
            text.Append(shown == 0 ? " (" : ",");
            if (text.Length - lineStart + item.Length + 2 > FoldAt)
            {
                // Folding goes before white space (RFC 5322 §2.2.3), so an opening bracket takes its space along.
                if (shown == 0) text.Length -= 2;
                text.Append("\r\n");
                lineStart = text.Length;
                text.Append(shown == 0 ? " (" : " ");
            }
            else if (shown > 0) text.Append(' ');
            text.Append(item);
            shown++;
        }
        if (shown > 0) text.Append(')');
        var reference = Clean(verdict.Reference);
        if (reference.Length > 0)
        {
            text.Append(',');
            if (text.Length - lineStart + reference.Length + 11 > FoldAt) text.Append("\r\n");
            text.Append(" reference ").Append(reference);
        }
        text.Append("\r\n");
    }

    private static string Word(Disposition disposition) => disposition switch
    {
        Disposition.Accept => "accept",
        Disposition.Junk => "junk",
        _ => "reject",
    };

    private static string Figure(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    // A symbol may one day be made from what a message says; nothing but these octets ever reaches the header.
    private static string Clean(string text)
    {
        if (text.Length <= 64 && text.All(Allowed)) return text;
        return new string([.. text.Where(Allowed).Take(64)]);

        static bool Allowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';
    }
}
