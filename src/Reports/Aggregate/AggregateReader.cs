using System.Globalization;
using System.Net;
using System.Xml;
using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Reports.Reading;

namespace Sternpost.Reports.Aggregate;

/// <summary>
/// Reads aggregate reports as they come: namespaces, order and unknown elements are not looked at, words are taken in any case,
/// because many reporters follow drafts or none of it. What a report is good for must be there and make sense: the policy's domain, the
/// time, and each row's source, count and author.
/// </summary>
internal sealed class AggregateReader
{
    // Unix times beyond the year 9999 have no date.
    private const long LastSecond = 253402300799;
    private const int LongestTag = 16 * 1024;

    private readonly XmlReader xml;
    private readonly ReportBudget budget;
    private readonly ReportDeadline deadline;
    private int elements;

    private AggregateReader(XmlReader xml, ReportBudget budget, ReportDeadline deadline) =>
        (this.xml, this.budget, this.deadline) = (xml, budget, deadline);

    /// <summary>The report in a document whose root is <c>feedback</c>.</summary>
    /// <exception cref="ReportException">It cannot be used.</exception>
    internal static AggregateReport Read(ReadOnlyMemory<byte> document, ReportBudget budget, ReportDeadline deadline)
    {
        document = Cleaned(document);
        using var stream = new MemoryStream(document.ToArray(), writable: false);
        // RFC 9990 §8.1: no document types, no entities, nothing fetched.
        using var xml = XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = budget.Octets,
        });
        try
        {
            return new AggregateReader(xml, budget, deadline).Feedback();
        }
        catch (XmlException broken)
        {
            throw new ReportException(broken.LineNumber > 0 ? $"its XML is broken in line {broken.LineNumber}" : "its XML is broken");
        }
    }

    // Reports have no attributes to speak of, and the XML library makes an object of each. One reporter writes the opening tag of a
    // schema before the report and never closes it; the report itself is sound.
    private static ReadOnlyMemory<byte> Cleaned(ReadOnlyMemory<byte> document)
    {
        var rest = document.Span;
        while (rest.IndexOf((byte)'<') is >= 0 and var open)
        {
            rest = rest[open..];
            var close = rest.IndexOf((byte)'>');
            if ((close < 0 ? rest.Length : close) > LongestTag) throw new ReportException("an element of it is far too long");
            rest = close < 0 ? [] : rest[(close + 1)..];
        }
        var schema = document.Span.IndexOf("<xs:schema"u8);
        var feedback = document.Span.IndexOf("<feedback"u8);
        return schema >= 0 && schema < feedback ? document[feedback..] : document;
    }

    private AggregateReport Feedback()
    {
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "feedback") throw new ReportException("it is no aggregate report");
        var schema = xml.NamespaceURI == "urn:ietf:params:xml:ns:dmarc-2.0" ? AggregateSchema.Rfc9990 : AggregateSchema.Rfc7489;
        Metadata? metadata = null;
        PublishedPolicy? policy = null;
        var rows = new List<AggregateRow>();
        var refused = 0;
        Children(name =>
        {
            switch (name)
            {
                case "report_metadata": metadata = ReadMetadata(); break;
                case "policy_published": policy = ReadPolicy(ref schema); break;
                case "record":
                    if (rows.Count == budget.Rows) throw new ReportException($"it has more than {budget.Rows} rows");
                    if (ReadRecord() is { } row) rows.Add(row);
                    else refused++;
                    break;
                default: Skip(); break;
            }
        });
        if (metadata is null) throw new ReportException("it does not say who made it and for what time");
        if (policy is null) throw new ReportException("it does not say which policy it is about");
        if (rows.Count == 0) throw new ReportException(refused > 0 ? "no row of it can be used" : "it has no rows");
        return new AggregateReport
        {
            Schema = schema,
            Organisation = metadata.Organisation,
            ReportId = metadata.ReportId,
            Email = metadata.Email,
            ExtraContact = metadata.ExtraContact,
            Generator = metadata.Generator,
            Begin = metadata.Begin,
            End = metadata.End,
            Errors = metadata.Errors,
            Policy = policy,
            Rows = rows,
        };
    }

    private Metadata ReadMetadata()
    {
        var read = new Metadata();
        Children(name =>
        {
            switch (name)
            {
                case "org_name": read.Organisation = Text(); break;
                case "email": read.Email = Text(); break;
                case "extra_contact_info": read.ExtraContact = Text(); break;
                case "report_id": read.ReportId = Text(); break;
                case "generator": read.Generator = Text(); break;
                case "error" when read.Errors.Count < budget.ResultsPerRow: read.Errors.Add(Text()); break;
                case "date_range":
                    Children(bound =>
                    {
                        if (bound == "begin") read.Begin = Time();
                        else if (bound == "end") read.End = Time();
                        else Skip();
                    });
                    break;
                default: Skip(); break;
            }
        });
        if (read.Begin == default || read.End < read.Begin) throw new ReportException("the time it covers makes no sense");
        return read;
    }

    private PublishedPolicy ReadPolicy(ref AggregateSchema schema)
    {
        DomainName? domain = null;
        string? policy = null, subdomains = null, absent = null, dkim = null, spf = null, testing = null, options = null, discovery = null;
        Children(name =>
        {
            switch (name)
            {
                case "domain" when DomainName.TryParse(Text(), out var named): domain = named; break;
                case "domain": throw new ReportException("the policy's domain is none");
                case "p": policy = Text(); break;
                case "sp": subdomains = Text(); break;
                case "np": absent = Text(); break;
                case "adkim": dkim = Text(); break;
                case "aspf": spf = Text(); break;
                case "testing" or "t": testing = Text(); break;
                case "fo": options = Text(); break;
                case "discovery_method": discovery = Word(); break;
                default: Skip(); break;
            }
        });
        if (domain is null) throw new ReportException("it does not say which domain's policy it is about");
        // Some write RFC 9990's elements without its namespace.
        if (discovery is not null || testing is not null) schema = AggregateSchema.Rfc9990;
        return new PublishedPolicy(domain, Policy(policy))
        {
            Subdomains = Policy(subdomains),
            Nonexistent = Policy(absent),
            StrictDkim = Is(dkim, "s"),
            StrictSpf = Is(spf, "s"),
            Testing = Is(testing, "y"),
            FailureOptions = options,
            Discovery = discovery,
        };
    }

    // Null for a row that cannot be used; the others still can.
    private AggregateRow? ReadRecord()
    {
        IPAddress? source = null;
        long count = 0;
        var evaluated = new Evaluated();
        string? headerFrom = null, envelopeFrom = null, envelopeTo = null;
        List<ReportedDkim> dkim = [];
        List<ReportedSpf> spf = [];
        Children(name =>
        {
            switch (name)
            {
                case "row":
                    Children(part =>
                    {
                        switch (part)
                        {
                            case "source_ip": source = IPAddress.TryParse(Text(), out var address) ? address : null; break;
                            case "count": count = long.TryParse(Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0; break;
                            case "policy_evaluated": ReadEvaluated(evaluated); break;
                            default: Skip(); break;
                        }
                    });
                    break;
                // The drafts before RFC 7489 have "identities".
                case "identifiers" or "identities":
                    Children(part =>
                    {
                        switch (part)
                        {
                            case "header_from": headerFrom = Text().ToLowerInvariant(); break;
                            case "envelope_from": envelopeFrom = Text(); break;
                            case "envelope_to": envelopeTo = Text(); break;
                            default: Skip(); break;
                        }
                    });
                    break;
                case "auth_results":
                    Children(part =>
                    {
                        if (part == "dkim" && dkim.Count < budget.ResultsPerRow) dkim.Add(ReadDkim());
                        else if (part == "spf" && spf.Count < budget.ResultsPerRow) spf.Add(ReadSpf());
                        else Skip();
                    });
                    break;
                default: Skip(); break;
            }
        });
        if (source is null || count <= 0 || string.IsNullOrEmpty(headerFrom)) return null;
        return new AggregateRow
        {
            Source = source,
            Count = count,
            Disposition = evaluated.Disposition,
            DkimAligned = evaluated.Dkim,
            SpfAligned = evaluated.Spf,
            Overrides = evaluated.Overrides,
            HeaderFrom = headerFrom,
            EnvelopeFrom = envelopeFrom,
            EnvelopeTo = envelopeTo,
            Dkim = dkim,
            Spf = spf,
        };
    }

    private void ReadEvaluated(Evaluated evaluated) => Children(name =>
    {
        switch (name)
        {
            case "disposition":
                evaluated.Disposition = Word() switch
                {
                    "quarantine" => AggregateDisposition.Quarantine,
                    "reject" => AggregateDisposition.Reject,
                    "pass" => AggregateDisposition.Pass,
                    _ => AggregateDisposition.None,
                };
                break;
            case "dkim": evaluated.Dkim = Word() == "pass"; break;
            case "spf": evaluated.Spf = Word() == "pass"; break;
            case "reason" when evaluated.Overrides.Count < budget.ResultsPerRow:
                string type = "", comment = "";
                Children(part =>
                {
                    if (part == "type") type = Word();
                    else if (part == "comment") comment = Text();
                    else Skip();
                });
                // An empty reason, as some write for every row, is none.
                if (type.Length > 0 || comment.Length > 0) evaluated.Overrides.Add(new PolicyOverride(type.Length > 0 ? type : "other", comment.Length > 0 ? comment : null));
                break;
            default: Skip(); break;
        }
    });

    private ReportedDkim ReadDkim()
    {
        string domain = "", result = "";
        string? selector = null, explanation = null;
        Children(name =>
        {
            switch (name)
            {
                case "domain": domain = Text().ToLowerInvariant(); break;
                case "selector": selector = Text(); break;
                case "result": result = Word(); break;
                case "human_result": explanation = Text(); break;
                default: Skip(); break;
            }
        });
        return new ReportedDkim(domain, selector, result, explanation);
    }

    private ReportedSpf ReadSpf()
    {
        string domain = "", result = "";
        string? scope = null, explanation = null;
        Children(name =>
        {
            switch (name)
            {
                case "domain": domain = Text().ToLowerInvariant(); break;
                case "scope": scope = Word(); break;
                case "result": result = Word(); break;
                case "human_result": explanation = Text(); break;
                default: Skip(); break;
            }
        });
        return new ReportedSpf(domain, scope, result, explanation);
    }

    // Calls for each element directly inside the current one; the callee reads it to its end. Leaves the reader behind the current one.
    private void Children(Action<string> child)
    {
        if (xml.Depth > budget.Depth) throw new ReportException("its elements lie too deep inside each other");
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return;
        }
        xml.Read();
        while (xml.NodeType != XmlNodeType.EndElement)
        {
            if (xml.EOF) throw new ReportException("it ends in the middle");
            if (xml.NodeType != XmlNodeType.Element)
            {
                xml.Read();
                continue;
            }
            if ((++elements & 0xff) == 0) deadline.Check();
            child(xml.LocalName);
        }
        xml.Read();
    }

    // As XmlReader.Skip, but not to any depth: the library keeps an object for each level.
    private void Skip()
    {
        var depth = xml.Depth;
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return;
        }
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.Depth > budget.Depth + 1) throw new ReportException("its elements lie too deep inside each other");
            if ((++elements & 0xff) == 0) deadline.Check();
        }
        if (xml.EOF) throw new ReportException("it ends in the middle");
        xml.Read();
    }

    // The text of an element that holds nothing else; elements in it are passed over. Leaves the reader behind it.
    private string Text()
    {
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return "";
        }
        var text = "";
        xml.Read();
        while (xml.NodeType != XmlNodeType.EndElement)
        {
            if (xml.EOF) throw new ReportException("it ends in the middle");
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                if (text.Length < budget.Text) text += xml.Value.Length > budget.Text ? xml.Value[..budget.Text] : xml.Value;
                xml.Read();
            }
            else if (xml.NodeType == XmlNodeType.Element) Skip();
            else xml.Read();
        }
        xml.Read();
        return ReportText.OneLine(text, budget.Text);
    }

    private string Word() => Text().ToLowerInvariant();

    private DateTimeOffset Time() =>
        double.TryParse(Text(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new ReportException("the time it covers makes no sense");

    private static bool Is(string? text, string word) => string.Equals(text, word, StringComparison.OrdinalIgnoreCase);

    private static DmarcPolicy? Policy(string? word) => word?.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private sealed class Metadata
    {
        internal string Organisation { get; set; } = "";
        internal string Email { get; set; } = "";
        internal string? ExtraContact { get; set; }
        internal string ReportId { get; set; } = "";
        internal string? Generator { get; set; }
        internal DateTimeOffset Begin { get; set; }
        internal DateTimeOffset End { get; set; }
        internal List<string> Errors { get; } = [];
    }

    private sealed class Evaluated
    {
        internal AggregateDisposition Disposition { get; set; }
        internal bool Dkim { get; set; }
        internal bool Spf { get; set; }
        internal List<PolicyOverride> Overrides { get; } = [];
    }
}
