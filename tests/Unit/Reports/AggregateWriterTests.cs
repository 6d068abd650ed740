using System.Net;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Reading;
using Sternpost.Reports.Sent;
using Sternpost.Unit.MailAuth;

namespace Sternpost.Unit.Reports;

public sealed class AggregateWriterTests
{
    private static readonly AggregateReport Full = new()
    {
        Schema = AggregateSchema.Rfc9990,
        Organisation = "receiver.test",
        Email = "postmaster@receiver.test",
        ReportId = "20260501.example.com@mx.receiver.test",
        Generator = "Sternpost 0.1.0",
        Begin = DateTimeOffset.FromUnixTimeSeconds(1777593600),
        End = DateTimeOffset.FromUnixTimeSeconds(1777679999),
        Errors = ["there was more"],
        Policy = new PublishedPolicy(DomainName.Parse("example.com"), DmarcPolicy.Reject) { Subdomains = DmarcPolicy.Quarantine, Nonexistent = DmarcPolicy.Reject, StrictSpf = true, Testing = true, Discovery = "treewalk" },
        Rows =
        [
            new AggregateRow
            {
                Source = IPAddress.Parse("192.0.2.1"), Count = 12, Disposition = AggregateDisposition.Pass, DkimAligned = true, HeaderFrom = "example.com", EnvelopeFrom = "example.com",
                Dkim = [new ReportedDkim("example.com", "s1", "pass", null)], Spf = [new ReportedSpf("example.com", "mfrom", "softfail", null)],
            },
            new AggregateRow
            {
                Source = IPAddress.Parse("2001:db8::5"), Count = 1, Disposition = AggregateDisposition.Quarantine, HeaderFrom = "news.example.com", EnvelopeFrom = "",
                Overrides = [new PolicyOverride("local_policy", "a <list> & \"more\"")],
                Dkim = [new ReportedDkim("example.com", "s1", "fail", "the body was changed")], Spf = [new ReportedSpf("mx.other.test", "helo", "none", null)],
            },
        ],
    };

    [Fact]
    public void WhatIsWrittenByRfc9990IsReadAgain()
    {
        var read = Read(Full);
        Assert.Equal((AggregateSchema.Rfc9990, "receiver.test", "postmaster@receiver.test", Full.ReportId, "Sternpost 0.1.0"), (read.Schema, read.Organisation, read.Email, read.ReportId, read.Generator));
        Assert.Equal((Full.Begin, Full.End), (read.Begin, read.End));
        Assert.Equal(Full.Errors, read.Errors);
        Assert.Equal(Full.Policy, read.Policy);
        Assert.Equal(ObservedRow.Write(Full.Rows[0]), ObservedRow.Write(read.Rows[0]));
        // RFC 9990 §3.1.1.13 has no place for SPF of HELO.
        Assert.Equal(ObservedRow.Write(Full.Rows[1] with { Spf = [] }), ObservedRow.Write(read.Rows[1]));
    }

    [Fact]
    public void WhatIsWrittenByRfc7489IsReadAgain()
    {
        var read = Read(Full with { Schema = AggregateSchema.Rfc7489 });
        Assert.Equal((AggregateSchema.Rfc7489, (string?)null), (read.Schema, read.Generator));
        Assert.Equal((DmarcPolicy.Reject, DmarcPolicy.Quarantine, true), (read.Policy.Policy, read.Policy.Subdomains, read.Policy.StrictSpf));
        Assert.Equal([AggregateDisposition.None, AggregateDisposition.Quarantine], read.Rows.Select(row => row.Disposition));
        Assert.Equal(("mx.other.test", "helo"), (Assert.Single(read.Rows[1].Spf).Domain, read.Rows[1].Spf[0].Scope));
    }

    [Fact]
    public void ElementsStandInTheOrderOfRfc9990()
    {
        XNamespace dmarc = "urn:ietf:params:xml:ns:dmarc-2.0";
        var root = Document(Full).Root!;
        Assert.Equal(dmarc + "feedback", root.Name);
        Assert.All(root.Descendants(), element => Assert.Equal(dmarc, element.Name.Namespace));
        Assert.Equal(["version", "report_metadata", "policy_published", "record", "record"], Names(root));
        Assert.Equal("1.0", root.Element(dmarc + "version")!.Value);
        var record = root.Elements(dmarc + "record").Last();
        Assert.Equal(["row", "identifiers", "auth_results"], Names(record));
        Assert.Equal(["source_ip", "count", "policy_evaluated"], Names(record.Element(dmarc + "row")!));
        Assert.Equal(["disposition", "dkim", "spf", "reason"], Names(record.Element(dmarc + "row")!.Element(dmarc + "policy_evaluated")!));
        Assert.Equal(["dkim"], Names(record.Element(dmarc + "auth_results")!));
        Assert.Equal(["domain", "discovery_method", "p", "sp", "np", "adkim", "aspf", "testing"], Names(root.Element(dmarc + "policy_published")!));
    }

    // The schema that others publish is RFC 7489's with some of RFC 9990's elements: it has the target namespace of the latter for the root
    // alone, lacks version and pct, and knows no shortened IPv6 addresses. What is left of ours without those is valid.
    [Fact]
    public void AReportOfTheOlderFormIsValidByTheSchemaOthersPublish()
    {
        var document = Document(Full with { Schema = AggregateSchema.Rfc7489, Rows = [Full.Rows[0], Full.Rows[1] with { Source = IPAddress.Parse("203.0.113.9"), Spf = [new ReportedSpf("mx.other.test", "helo", "none", null)] }] });
        var root = document.Root!;
        root.Name = XName.Get("feedback", "urn:ietf:params:xml:ns:dmarc-2.0");
        root.Element("version")!.Remove();
        root.Element("policy_published")!.Element("pct")!.Remove();

        var schemas = new XmlSchemaSet();
        // Its own types are named without their namespace, which the language does not allow.
        var text = File.ReadAllText(Suites.Require("reports/mail-dmarc/rua-schema.xsd")).Replace("<xs:schema ", "<xs:schema xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\" ", StringComparison.Ordinal);
        using var reader = XmlReader.Create(new StringReader(text));
        schemas.Add(null, reader);
        var problems = new List<string>();
        document.Validate(schemas, (_, problem) => problems.Add(problem.Message));
        Assert.Empty(problems);
    }

    [Fact]
    public void StrangersTextsAlwaysMakeSoundXml() =>
        Gen.Select(Gen.String, Gen.String).Sample((text, other) =>
        {
            var report = Full with { Organisation = text, Rows = [Full.Rows[0] with { Dkim = [new ReportedDkim("example.com", text, "pass", other)], Overrides = [new PolicyOverride("other", other)] }] };
            foreach (var schema in Enum.GetValues<AggregateSchema>()) Assert.Single(Read(report with { Schema = schema }).Rows);
        });

    private static AggregateReport Read(AggregateReport report) =>
        Assert.IsType<AggregateReport>(Assert.Single(new ReportReader(TimeProvider.System).ReadFile(AggregateWriter.Write(report))).Report);

    private static XDocument Document(AggregateReport report) => XDocument.Load(new MemoryStream(AggregateWriter.Write(report)));

    private static IEnumerable<string> Names(XElement parent) => parent.Elements().Select(element => element.Name.LocalName);
}
