using System.Text;
using System.Text.RegularExpressions;
using Sternpost.Dns;
using Sternpost.Messages.Structure;
using Sternpost.Reports.Feedback;
using Sternpost.Reports.Reading;

namespace Sternpost.Reports.Complaints;

/// <summary>
/// Reads complaints: ARF (RFC 5965), X-ARF and what people write, under one budget. Feedback loops leave out who complained and often the
/// Message-ID too; our own Received line in the returned header then still names the message.
/// </summary>
public sealed partial class ComplaintReader(TimeProvider time, DomainName host)
{
    private const int MaxText = 256 * 1024;
    private const int MaxClues = 60;
    private const int MaxExcerpt = 2000;
    private const int MaxParts = 50;

    private readonly ReportReader reports = new(time);

    /// <summary>What a message complains of. Every message can be read as a complaint in free text.</summary>
    public Complaint Read(ReadOnlyMemory<byte> message)
    {
        var root = MessageStructure.Parse(message.Span).Root;
        var (words, evidence) = Texts(message, root);
        var feedback = reports.ReadMessage(message).Select(reading => reading.Report).OfType<FeedbackReport>().FirstOrDefault();
        var clues = new List<string>();
        Add(clues, feedback?.MessageId);
        foreach (var text in new[] { evidence, words }) Gather(text, clues);
        if (feedback is not null)
        {
            return new Complaint
            {
                Kind = ComplaintKind.Arf,
                Category = feedback.Type,
                MessageId = feedback.MessageId ?? "",
                Subject = feedback.Subject ?? "",
                Sender = feedback.OriginalMailFrom ?? feedback.Author ?? "",
                Arrived = feedback.Arrival,
                Clues = clues,
                Excerpt = Excerpt(words),
            };
        }
        var form = Form(evidence);
        var isForm = HasField(message.Span, "x-xarf") || HasField(message.Span, "x-arf") || (form.ContainsKey("report-type") && form.ContainsKey("category"));
        return new Complaint
        {
            Kind = isForm ? ComplaintKind.Xarf : ComplaintKind.Text,
            Category = isForm ? Line(form.GetValueOrDefault("report-type") ?? form.GetValueOrDefault("category") ?? "") : "",
            MessageId = MessageIds().Match(evidence) is { Success: true } id ? id.Groups[1].Value : "",
            Subject = SubjectLine().Match(evidence) is { Success: true } subject ? Line(subject.Groups[1].Value) : "",
            Clues = clues,
            Excerpt = Excerpt(words),
        };
    }

    // What was written for people, and what was attached: reports, returned headers and messages.
    private static (string Words, string Evidence) Texts(ReadOnlyMemory<byte> message, PartStructure root)
    {
        var (words, evidence) = (new StringBuilder(), new StringBuilder());
        var open = new Stack<(PartStructure Part, bool Inside)>([(root, false)]);
        for (var looked = 0; open.TryPop(out var at) && looked < MaxParts; looked++)
        {
            var (part, inside) = at;
            for (var i = part.Children.Count - 1; i >= 0; i--) open.Push((part.Children[i], inside || part.Type == "message"));
            if (part.Type is "multipart") continue;
            var isText = part.Type is "text" && part.Subtype is "plain" or "html";
            if (!isText && part.Type is not ("message" or "text") && part.Subtype is not ("json" or "yaml" or "x-yaml" or "xarf")) continue;
            var into = isText && !inside && words.Length == 0 ? words : evidence;
            if (into.Length >= MaxText) continue;
            var body = TransferDecoding.Decode(message.Slice((int)part.BodyOffset, (int)part.BodyLength), part.Encoding);
            into.Append(Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, MaxText - into.Length)])).Append('\n');
        }
        return (words.ToString(), evidence.ToString());
    }

    private void Gather(string text, List<string> clues)
    {
        // RFC 5321 §4.4: "by NAME … id REFERENCE" is ours where the name is.
        foreach (Match received in ReceivedLines().Matches(text))
        {
            if (received.Groups[1].Value.Equals(host.Ascii, StringComparison.OrdinalIgnoreCase)) Add(clues, received.Groups[2].Value);
        }
        foreach (Match id in MessageIds().Matches(text)) Add(clues, id.Groups[1].Value);
        foreach (Match id in AnyMessageIds().Matches(text)) Add(clues, id.Groups[1].Value);
        foreach (Match id in QueueIds().Matches(text)) Add(clues, id.Value);
    }

    private static void Add(List<string> clues, string? clue)
    {
        if (!string.IsNullOrEmpty(clue) && clue.Length <= 400 && clues.Count < MaxClues && !clues.Contains(clue)) clues.Add(clue);
    }

    // "Name: value" lines of X-ARF 0.2, and the members of its JSON successor.
    private static Dictionary<string, string> Form(string text)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match line in FormLines().Matches(text))
        {
            var name = line.Groups[1].Value.ToLowerInvariant();
            if (form.Count < 50) form.TryAdd(name switch { "reporttype" => "report-type", "reportclass" => "category", _ => name }, line.Groups[2].Value);
        }
        return form;
    }

    private static bool HasField(ReadOnlySpan<byte> message, string name)
    {
        var end = message.IndexOf("\r\n\r\n"u8);
        return Encoding.Latin1.GetString(end < 0 ? message[..Math.Min(message.Length, MaxText)] : message[..Math.Min(end, MaxText)]).Contains("\n" + name + ":", StringComparison.OrdinalIgnoreCase);
    }

    private static string Excerpt(string words) => new([.. words.Where(c => !char.IsControl(c) || c is '\n').Take(MaxExcerpt)]);

    private static string Line(string text) => new([.. text.Trim().Where(c => !char.IsControl(c)).Take(200)]);

    [GeneratedRegex(@"\bby[ \t\r\n]+([A-Za-z0-9.-]{1,255})\b[^;\0]{0,600}?\bid[ \t\r\n]+([A-Za-z0-9.]{6,40})", RegexOptions.NonBacktracking)]
    private static partial Regex ReceivedLines();

    [GeneratedRegex(@"(?im)^[> \t]*Message-ID:[ \t\r\n]*<([^<>\s]{3,400})>", RegexOptions.NonBacktracking)]
    private static partial Regex MessageIds();

    [GeneratedRegex(@"<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{3,200})>", RegexOptions.NonBacktracking)]
    private static partial Regex AnyMessageIds();

    [GeneratedRegex(@"\b[0-9a-z]{12,13}\b", RegexOptions.NonBacktracking)]
    private static partial Regex QueueIds();

    [GeneratedRegex(@"(?im)^[> \t]*Subject:[ \t]*([^\r\n]{1,400})", RegexOptions.NonBacktracking)]
    private static partial Regex SubjectLine();

    [GeneratedRegex(@"(?m)^[ \t]*""?([A-Za-z][A-Za-z-]{2,30})""?[ \t]*:[ \t]*""?([^""\r\n]{1,300})", RegexOptions.NonBacktracking)]
    private static partial Regex FormLines();
}
