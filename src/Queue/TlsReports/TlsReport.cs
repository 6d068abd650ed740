using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.TlsReports;

/// <summary>The report of a day to one destination (RFC 8460 §4, §5.3).</summary>
/// <param name="Id">Its id, unique for all time.</param>
/// <param name="Domain">The destination, which is the policy domain.</param>
/// <param name="Submitter">Our domain.</param>
/// <param name="Organization">Our host.</param>
/// <param name="Day">Days since 1970, UTC.</param>
/// <param name="Results">What was counted: policy, failure (empty for success), sessions.</param>
internal sealed record TlsReport(string Id, DomainName Domain, DomainName Submitter, DomainName Organization, long Day, IReadOnlyList<(string Policy, string Failure, long Sessions)> Results)
{
    private const int Base64Line = 76;

    private DateTimeOffset Begin => DateTimeOffset.FromUnixTimeSeconds(Day * 24 * 60 * 60);

    private DateTimeOffset End => Begin.AddDays(1).AddSeconds(-1);

    /// <summary>Who answers for the report, and answers questions.</summary>
    private EmailAddress Contact => EmailAddress.Of("postmaster", Submitter);

    /// <summary>The JSON document (RFC 8460 §4.4).</summary>
    internal byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("organization-name", Organization.Ascii);
            json.WriteStartObject("date-range");
            json.WriteString("start-datetime", Begin.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("end-datetime", End.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteString("contact-info", Contact.ToString());
            json.WriteString("report-id", Id);
            json.WriteStartArray("policies");
            foreach (var policy in Results.GroupBy(result => result.Policy)) WritePolicy(json, policy);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The message that carries it (RFC 8460 §5.3): multipart/report, the document compressed.</summary>
    internal byte[] ToMail(EmailAddress to, DateTimeOffset now)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Organization.Ascii}!{Domain.Ascii}!{Begin.ToUnixTimeSeconds()}!{End.ToUnixTimeSeconds()}.json.gz");
        var boundary = "tls-report-" + Id;
        var mail = new StringBuilder(4096)
            .Append("Date: ").Append(now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n")
            .Append("From: TLS reports <").Append(Contact).Append(">\r\n")
            .Append("To: <").Append(to).Append(">\r\n")
            .Append("Subject: Report Domain: ").Append(Domain.Ascii).Append("\r\n Submitter: ").Append(Organization.Ascii).Append("\r\n Report-ID: <").Append(Id).Append(">\r\n")
            .Append("TLS-Report-Domain: ").Append(Domain.Ascii).Append("\r\n")
            .Append("TLS-Report-Submitter: ").Append(Organization.Ascii).Append("\r\n")
            // RFC 8460 §3, RFC 8689 §3: a report of failing TLS must not fail with it.
            .Append("TLS-Required: No\r\n")
            .Append("Message-ID: <").Append(Id).Append('@').Append(Organization.Ascii).Append(">\r\n")
            .Append("Auto-Submitted: auto-generated\r\n")
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n boundary=\"").Append(boundary).Append("\"\r\n\r\n--").Append(boundary).Append("\r\n")
            .Append("Content-Type: text/plain; charset=us-ascii\r\n\r\n")
            .Append("This is the TLS report for ").Append(Domain.Ascii).Append(" of ").Append(Begin.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
            .Append(" (UTC):\r\nhow often ").Append(Organization.Ascii).Append(" connected to its mail servers with TLS as\r\nits policies ask, and how often and why that failed.\r\n\r\n--").Append(boundary).Append("\r\n")
            .Append("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename=\"").Append(name).Append("\"\r\n\r\n");
        var encoded = Convert.ToBase64String(ToGzip());
        for (var at = 0; at < encoded.Length; at += Base64Line) mail.Append(encoded.AsSpan(at, Math.Min(Base64Line, encoded.Length - at))).Append("\r\n");
        return Encoding.UTF8.GetBytes(mail.Append("\r\n--").Append(boundary).Append("--\r\n").ToString());
    }

    private static void WritePolicy(Utf8JsonWriter json, IGrouping<string, (string Policy, string Failure, long Sessions)> results)
    {
        json.WriteStartObject();
        json.WritePropertyName("policy");
        json.WriteRawValue(results.Key);
        json.WriteStartObject("summary");
        json.WriteNumber("total-successful-session-count", results.Where(result => result.Failure.Length == 0).Sum(result => result.Sessions));
        json.WriteNumber("total-failure-session-count", results.Where(result => result.Failure.Length > 0).Sum(result => result.Sessions));
        json.WriteEndObject();
        if (results.Any(result => result.Failure.Length > 0))
        {
            json.WriteStartArray("failure-details");
            foreach (var (_, failure, sessions) in results.Where(result => result.Failure.Length > 0))
            {
                var details = JsonNode.Parse(failure)!.AsObject();
                details["failed-session-count"] = sessions;
                details.WriteTo(json);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>The document compressed, as it is mailed and posted (RFC 8460 §5.3, §5.4).</summary>
    internal byte[] ToGzip()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(ToJson());
        return compressed.ToArray();
    }
}
