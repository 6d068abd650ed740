using Sternpost.Messages.Structure;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Feedback;
using Sternpost.Reports.Tls;

namespace Sternpost.Reports.Reading;

/// <summary>
/// Finds reports in messages and files and reads them. Everything in them was written by strangers: each document is read under a
/// budget, and what does not fit or cannot be understood comes back as a refusal with its reason. Nothing is thrown for
/// what a message holds.
/// </summary>
public sealed class ReportReader(TimeProvider time, ReportBudget? budget = null)
{
    private readonly ReportBudget budget = budget ?? new ReportBudget();

    /// <summary>
    /// The reports a message carries; empty where it is none. A message is one by its MIME form (RFC 5965 §2, RFC 8460 §5.3, RFC 9990 §3.5.2)
    /// or by an attachment that holds one, whatever type and name it was sent under.
    /// </summary>
    public IReadOnlyList<ReportReading> ReadMessage(ReadOnlyMemory<byte> message)
    {
        // One patience for all attachments: the client that brought the message waits meanwhile.
        var deadline = new ReportDeadline(time, budget.Time);
        var root = MessageStructure.Parse(message.Span).Root;
        var readings = new List<ReportReading>();
        if (ReportType(root) is "feedback-report" || Parts(root).Any(part => Is(part, "message", "feedback-report"))) readings.Add(ReadFeedback(message, root));
        var looked = 0;
        foreach (var part in Parts(root))
        {
            if (!MayHoldReport(part) || ++looked > budget.Attachments) continue;
            var document = Body(message, part);
            // Zip and JSON come by mail for many reasons; only what says that it is a report is refused as one.
            foreach (var reading in ReadDocument(document, named: SaysReport(part), deadline)) readings.Add(reading);
        }
        if (readings.Count == 0 && ReportType(root) is "tlsrpt") readings.Add(ReportReading.Refused("the message says that it is a TLS report, but carries none"));
        if (readings.Count == 0 && IsPlainReport(root)) readings.Add(ReportReading.Refused("the message says that it is a report, but is written for people only"));
        return readings;
    }

    /// <summary>The reports in a file: XML, JSON, gzip or zip, or a message.</summary>
    public IReadOnlyList<ReportReading> ReadFile(ReadOnlyMemory<byte> file)
    {
        var isPacked = Unpacking.IsGzip(file.Span) || Unpacking.IsZip(file.Span);
        IReadOnlyList<ReportReading> readings = ReadDocument(file, named: isPacked, new ReportDeadline(time, budget.Time));
        if (readings.Count == 0) readings = ReadMessage(file);
        return readings.Count > 0 ? readings : [ReportReading.Refused("it is no report")];
    }

    // Empty where it is no report and does not say that it is one.
    private List<ReportReading> ReadDocument(ReadOnlyMemory<byte> document, bool named, ReportDeadline deadline)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> contents;
        try
        {
            contents = Unpacking.Open(document, budget, deadline);
        }
        catch (ReportException refused)
        {
            return named ? [ReportReading.Refused(refused.Message)] : [];
        }
        var readings = new List<ReportReading>();
        foreach (var content in contents)
        {
            try
            {
                if (Read(content, deadline) is { } report) readings.Add(ReportReading.Of(report));
            }
            catch (ReportException refused)
            {
                readings.Add(ReportReading.Refused(refused.Message));
            }
        }
        if (readings.Count == 0 && named) readings.Add(ReportReading.Refused("the attachment says that it is a report, but holds none"));
        return readings;
    }

    private Report? Read(ReadOnlyMemory<byte> content, ReportDeadline deadline) => Begins(content.Span) switch
    {
        (byte)'<' when content.Span.IndexOf("<feedback"u8) >= 0 => AggregateReader.Read(content, budget, deadline),
        (byte)'{' when TlsReportReader.IsOne(content.Span) => TlsReportReader.Read(content, budget, deadline),
        _ => null,
    };

    private static byte Begins(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith("\uFEFF"u8)) content = content[3..];
        content = content.TrimStart(" \t\r\n"u8);
        return content.IsEmpty ? (byte)0 : content[0];
    }

    private ReportReading ReadFeedback(ReadOnlyMemory<byte> message, PartStructure root)
    {
        var fields = Parts(root).FirstOrDefault(part => Is(part, "message", "feedback-report"));
        if (fields is null) return ReportReading.Refused("the message says that it is feedback, but has no part message/feedback-report");
        // RFC 5965 §2 (d): the third part is the message, or its header alone.
        var original = Parts(root).FirstOrDefault(part => Is(part, "message", "rfc822") || Is(part, "message", "global") || Is(part, "text", "rfc822-headers") || Is(part, "message", "global-headers"));
        try
        {
            return ReportReading.Of(FeedbackReader.Read(Body(message, fields).Span, original is null ? [] : Body(message, original).Span, budget));
        }
        catch (ReportException refused)
        {
            return ReportReading.Refused(refused.Message);
        }
    }

    // The leaves of the tree, and messages in it without what they hold: a forwarded report is somebody's letter.
    private static IEnumerable<PartStructure> Parts(PartStructure root)
    {
        var open = new Stack<PartStructure>([root]);
        while (open.TryPop(out var part))
        {
            if (part.Type != "multipart") yield return part;
            for (var i = part.Children.Count - 1; i >= 0; i--) open.Push(part.Children[i]);
        }
    }

    private static bool MayHoldReport(PartStructure part) => part.Type switch
    {
        "application" => true,
        "text" => part.Subtype == "xml",
        _ => false,
    };

    // RFC 9990 §3.5.2 and RFC 8460 §5.1: receiver!domain!begin!end with its extension; RFC 8460 §5.3: types of their own.
    private static bool SaysReport(PartStructure part)
    {
        if (part.Subtype is "tlsrpt+gzip" or "tlsrpt+json") return true;
        var name = Parameter(part.DispositionParameters, "filename") ?? Parameter(part.Parameters, "name") ?? "";
        return name.AsSpan().Count('!') >= 3;
    }

    private static bool IsPlainReport(PartStructure root) => Is(root, "multipart", "report") && ReportType(root) is null;

    private static string? ReportType(PartStructure root) =>
        Is(root, "multipart", "report") ? Parameter(root.Parameters, "report-type")?.ToLowerInvariant() : null;

    private static string? Parameter(IReadOnlyList<KeyValuePair<string, string>> parameters, string name)
    {
        foreach (var (key, value) in parameters)
        {
            // RFC 2231 spells long names in pieces; the first of them has the form already.
            if (key == name || key.StartsWith(name + "*", StringComparison.Ordinal)) return value;
        }
        return null;
    }

    private static bool Is(PartStructure part, string type, string subtype) => part.Type == type && part.Subtype == subtype;

    private static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> message, PartStructure part) =>
        TransferDecoding.Decode(message.Slice((int)part.BodyOffset, (int)part.BodyLength), part.Encoding);
}
