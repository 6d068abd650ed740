using System.Globalization;
using System.Text;
using System.Xml;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.Reports.Aggregate;

/// <summary>Writes aggregate reports: as RFC 9990 §3.1.1 has them, or as RFC 7489 appendix C for readers that know only that.</summary>
internal static class AggregateWriter
{
    private const string Namespace = "urn:ietf:params:xml:ns:dmarc-2.0";

    /// <summary>The report as an XML document in UTF-8.</summary>
    internal static byte[] Write(AggregateReport report)
    {
        using var document = new MemoryStream();
        using (var xml = XmlWriter.Create(document, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n", CheckCharacters = true }))
        {
            new Document(xml, report.Schema == AggregateSchema.Rfc9990).Feedback(report);
        }
        return document.ToArray();
    }

    private sealed class Document(XmlWriter xml, bool isNew)
    {
        internal void Feedback(AggregateReport report)
        {
            if (isNew) xml.WriteStartElement("feedback", Namespace);
            else xml.WriteStartElement("feedback");
            // RFC 9990 §3.1.1.2, RFC 7489 appendix C: 1.0 in both.
            Text("version", "1.0");
            Metadata(report);
            Policy(report.Policy);
            foreach (var row in report.Rows) Record(row);
            xml.WriteEndElement();
        }

        private void Metadata(AggregateReport report)
        {
            xml.WriteStartElement("report_metadata");
            Text("org_name", report.Organisation);
            Text("email", report.Email);
            if (report.ExtraContact is { } contact) Text("extra_contact_info", contact);
            Text("report_id", report.ReportId);
            xml.WriteStartElement("date_range");
            Text("begin", Number(report.Begin.ToUnixTimeSeconds()));
            Text("end", Number(report.End.ToUnixTimeSeconds()));
            xml.WriteEndElement();
            foreach (var error in report.Errors.Take(isNew ? 1 : int.MaxValue)) Text("error", error);
            if (isNew && report.Generator is { } generator) Text("generator", generator);
            xml.WriteEndElement();
        }

        private void Policy(PublishedPolicy policy)
        {
            xml.WriteStartElement("policy_published");
            Text("domain", policy.Domain.Ascii);
            // RFC 9990 §3.1.1.5.
            if (isNew) Text("discovery_method", policy.Discovery ?? "treewalk");
            else
            {
                Text("adkim", policy.StrictDkim ? "s" : "r");
                Text("aspf", policy.StrictSpf ? "s" : "r");
            }
            var p = policy.Policy ?? DmarcPolicy.None;
            Text("p", Word(p));
            // Unspecified tags have their default values.
            Text("sp", Word(policy.Subdomains ?? p));
            if (isNew) Text("np", Word(policy.Nonexistent ?? policy.Subdomains ?? p));
            if (policy.FailureOptions is { } options) Text("fo", options);
            else if (!isNew) Text("fo", "0");
            if (isNew)
            {
                Text("adkim", policy.StrictDkim ? "s" : "r");
                Text("aspf", policy.StrictSpf ? "s" : "r");
                Text("testing", policy.Testing ? "y" : "n");
            }
            // RFC 7489 §6.3: pct, whose default is all.
            else Text("pct", "100");
            xml.WriteEndElement();
        }

        private void Record(AggregateRow row)
        {
            xml.WriteStartElement("record");
            xml.WriteStartElement("row");
            Text("source_ip", row.Source.ToString());
            Text("count", Number(row.Count));
            xml.WriteStartElement("policy_evaluated");
            Text("disposition", Word(row.Disposition));
            Text("dkim", row.DkimAligned ? "pass" : "fail");
            Text("spf", row.SpfAligned ? "pass" : "fail");
            foreach (var reason in row.Overrides)
            {
                xml.WriteStartElement("reason");
                // RFC 9990 §3.1.6; RFC 7489 knows no test mode.
                Text("type", !isNew && reason.Type == "policy_test_mode" ? "other" : reason.Type);
                if (reason.Comment is { } comment) Text("comment", comment);
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteStartElement("identifiers");
            // RFC 7489 appendix C demands envelope_from and has it before header_from.
            if (!isNew) Text("envelope_from", row.EnvelopeFrom ?? "");
            Text("header_from", row.HeaderFrom);
            if (isNew && row.EnvelopeFrom is { } sender) Text("envelope_from", sender);
            if (row.EnvelopeTo is { } recipient) Text("envelope_to", recipient);
            xml.WriteEndElement();
            Results(row);
            xml.WriteEndElement();
        }

        private void Results(AggregateRow row)
        {
            xml.WriteStartElement("auth_results");
            foreach (var signature in row.Dkim)
            {
                xml.WriteStartElement("dkim");
                Text("domain", signature.Domain);
                Text("selector", signature.Selector ?? "");
                Text("result", signature.Result);
                if (signature.Explanation is { } why) Text("human_result", why);
                xml.WriteEndElement();
            }
            foreach (var result in row.Spf)
            {
                // RFC 9990 §3.1.1.13: only MAIL FROM counts, and its scope is the only one there is.
                if (isNew && result.Scope != "mfrom") continue;
                xml.WriteStartElement("spf");
                Text("domain", result.Domain);
                Text("scope", result.Scope ?? "mfrom");
                Text("result", result.Result);
                if (isNew && result.Explanation is { } why) Text("human_result", why);
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }

        private void Text(string name, string value) => xml.WriteElementString(name, isNew ? Namespace : "", Fit(value));

        private string Word(AggregateDisposition disposition) => disposition switch
        {
            AggregateDisposition.Quarantine => "quarantine",
            AggregateDisposition.Reject => "reject",
            AggregateDisposition.Pass when isNew => "pass",
            _ => "none",
        };

        private static string Word(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();

        private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

        // XML 1.0 §2.2 has no place for some characters that strangers' texts may hold.
        private static string Fit(string value)
        {
            if (value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0) return value;
            var fit = new StringBuilder(value.Length);
            foreach (var rune in value.EnumerateRunes())
            {
                if (rune.Value is >= ' ' and not 0xfffe and not 0xffff || rune.Value is '\t') fit.Append(rune);
            }
            return fit.ToString();
        }
    }
}
