using System.Globalization;
using System.IO.Compression;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Reports.Aggregate;

namespace Sternpost.Reports.Sent;

/// <summary>An aggregate report as a message (RFC 9990 §3.5.2).</summary>
internal static class AggregateMail
{
    private const int Base64Line = 76;

    internal static byte[] Write(AggregateReport report, EmailAddress from, IReadOnlyList<EmailAddress> to, DateTimeOffset now)
    {
        var domain = report.Policy.Domain.Ascii;
        var submitter = report.Organisation;
        var name = string.Create(CultureInfo.InvariantCulture, $"{submitter}!{domain}!{report.Begin.ToUnixTimeSeconds()}!{report.End.ToUnixTimeSeconds()}.xml.gz");
        // A base64 line can never hold this, and no text above it does.
        const string boundary = "=_report";
        var text = new StringBuilder(1024)
            .Append("Date: ").Append(now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n")
            .Append("From: <").Append(from).Append(">\r\n")
            .Append("To: ").AppendJoin(",\r\n ", to.Select(address => $"<{address}>")).Append("\r\n")
            // Folded where RFC 9990's ABNF has FWS, so that long names fit (RFC 5322 §2.1.1).
            .Append("Subject: Report Domain: ").Append(domain).Append("\r\n Submitter: ").Append(submitter).Append("\r\n Report-ID: <").Append(report.ReportId).Append(">\r\n")
            // RFC 9990 §3.5.2: the same id, so that a second copy is known as one.
            .Append("Message-ID: <").Append(report.ReportId).Append(">\r\n")
            // RFC 3834 §5: no automatic reply answers this.
            .Append("Auto-Submitted: auto-generated\r\n")
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: multipart/mixed; boundary=\"").Append(boundary).Append("\"\r\n\r\n")
            .Append("--").Append(boundary).Append("\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n")
            .Append("This is a DMARC aggregate report on mail in the name of ").Append(domain).Append("\r\n")
            .Append("that arrived at ").Append(submitter).Append(" on ").Append(report.Begin.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Append(" (UTC).\r\n")
            .Append("The DMARC record of the domain asks for it (rua=).\r\n\r\n")
            .Append("--").Append(boundary).Append("\r\nContent-Type: application/gzip\r\n")
            .Append("Content-Disposition: attachment;\r\n filename=\"").Append(name).Append("\"\r\n")
            .Append("Content-Transfer-Encoding: base64\r\n\r\n");
        var packed = Convert.ToBase64String(Gzip(AggregateWriter.Write(report)));
        for (var at = 0; at < packed.Length; at += Base64Line) text.Append(packed, at, Math.Min(Base64Line, packed.Length - at)).Append("\r\n");
        text.Append("--").Append(boundary).Append("--\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Gzip(byte[] document)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(document);
        return packed.ToArray();
    }
}
