using System.Globalization;
using System.Net;
using System.Text;
using MimeKit.Utils;
using Sternpost.Messages.Structure;
using Sternpost.Reports.Reading;

namespace Sternpost.Reports.Feedback;

/// <summary>Reads the fields of message/feedback-report (RFC 5965 §3) and what is returned of the message.</summary>
internal static class FeedbackReader
{
    private const int MaxOctets = 256 * 1024;
    private const int MaxFields = 500;
    private const int MaxSame = 100;

    /// <param name="fields">The part's body, decoded.</param>
    /// <param name="original">The message or its header, as returned; empty where it is not.</param>
    /// <param name="budget">What it may cost.</param>
    /// <exception cref="ReportException">It cannot be used.</exception>
    internal static FeedbackReport Read(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> original, ReportBudget budget)
    {
        if (fields.Length > MaxOctets) throw new ReportException($"its fields are larger than {MaxOctets} octets");
        var found = Fields(fields, budget);
        // RFC 5965 §3.1: these three must be there; Version is often left out and says nothing.
        if (One(found, "feedback-type") is not { Length: > 0 } type) throw new ReportException("it does not say what kind of feedback it is (Feedback-Type)");
        var envelope = original.IsEmpty ? null : MessageStructure.Parse(original).Envelope;
        return new FeedbackReport
        {
            Type = type.ToLowerInvariant(),
            Organisation = Words(One(found, "reporting-mta")).LastOrDefault() ?? "",
            ReportId = Bare(envelope?.MessageId) ?? Bare(One(found, "message-id")) ?? "",
            UserAgent = One(found, "user-agent") ?? "",
            OriginalMailFrom = Bare(One(found, "original-mail-from")),
            OriginalRcptTo = [.. All(found, "original-rcpt-to").Select(address => Bare(address)!)],
            Arrival = DateUtils.TryParse(One(found, "arrival-date") ?? One(found, "received-date") ?? "", out var arrival) ? arrival : null,
            Source = IPAddress.TryParse(Words(One(found, "source-ip")).FirstOrDefault(), out var source) ? source : null,
            Incidents = long.TryParse(One(found, "incidents"), NumberStyles.None, CultureInfo.InvariantCulture, out var incidents) && incidents > 0 ? incidents : 1,
            ReportedDomains = [.. All(found, "reported-domain").Select(domain => domain.ToLowerInvariant())],
            ReportedUris = All(found, "reported-uri"),
            AuthFailure = One(found, "auth-failure")?.ToLowerInvariant(),
            DeliveryResult = One(found, "delivery-result")?.ToLowerInvariant(),
            AuthenticationResults = All(found, "authentication-results"),
            MessageId = Bare(envelope?.MessageId),
            Author = envelope?.From is [{ Mailbox: not null, Host: not null } author, ..] ? ReportText.OneLine($"{author.Mailbox}@{author.Host}", budget.Text) : null,
            Subject = envelope?.Subject is { } subject ? ReportText.OneLine(subject, budget.Text) : null,
        };
    }

    private static List<KeyValuePair<string, string>> Fields(ReadOnlySpan<byte> octets, ReportBudget budget)
    {
        var fields = new List<KeyValuePair<string, string>>();
        string? name = null;
        var value = new StringBuilder();
        // Some reporters put a blank line before the fields or between groups of them; what is no field is passed over.
        foreach (var range in octets.Split((byte)'\n'))
        {
            var line = Encoding.UTF8.GetString(octets[range]).TrimEnd('\r');
            if (line.Length > 0 && line[0] is ' ' or '\t')
            {
                if (value.Length < budget.Text) value.Append(' ').Append(line.AsSpan().Trim());
                continue;
            }
            Keep();
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).IndexOf(' ') >= 0) continue;
            name = line[..colon].ToLowerInvariant();
            value.Append(line.AsSpan(colon + 1).Trim());
        }
        Keep();
        return fields;

        void Keep()
        {
            if (name is not null)
            {
                if (fields.Count == MaxFields) throw new ReportException($"it has more than {MaxFields} fields");
                fields.Add(new(name, ReportText.OneLine(value.ToString(), budget.Text)));
            }
            name = null;
            value.Clear();
        }
    }

    private static string? One(List<KeyValuePair<string, string>> fields, string name)
    {
        foreach (var (key, value) in fields)
        {
            if (key == name) return value;
        }
        return null;
    }

    private static List<string> All(List<KeyValuePair<string, string>> fields, string name) =>
        [.. fields.Where(field => field.Key == name && field.Value.Length > 0).Take(MaxSame).Select(field => field.Value)];

    private static string[] Words(string? text) => text?.Split([' ', ';', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string? Bare(string? address) => address?.Trim().TrimStart('<').TrimEnd('>');
}
