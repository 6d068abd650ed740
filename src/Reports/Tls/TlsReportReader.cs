using System.Globalization;
using System.Net;
using System.Text.Json;
using Sternpost.Dns;
using Sternpost.Reports.Reading;

namespace Sternpost.Reports.Tls;

/// <summary>Reads the JSON of RFC 8460 §4.4. What is missing stays empty, but the time and each policy's domain must be there.</summary>
internal static class TlsReportReader
{
    // JSON holds several times its octets in memory while it is read; honest reports have some thousand.
    private const int MaxOctets = 4 * 1024 * 1024;
    private const int MaxPolicies = 1000;
    private const int MaxLines = 100;

    /// <summary>True where the document has the members that only such a report has.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> document) => document.IndexOf("\"policies\""u8) >= 0 && document.IndexOf("\"date-range\""u8) >= 0;

    /// <exception cref="ReportException">It cannot be used.</exception>
    internal static TlsReport Read(ReadOnlyMemory<byte> document, ReportBudget budget, ReportDeadline deadline)
    {
        if (document.Length > MaxOctets) throw new ReportException($"it is larger than {MaxOctets} octets");
        // RFC 8259 §8.1: none should be written, and it may be ignored.
        if (document.Span.StartsWith("\uFEFF"u8)) document = document[3..];
        try
        {
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = budget.Depth });
            deadline.Check();
            return Report(json.RootElement, budget, deadline);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new ReportException(broken is JsonException { LineNumber: { } line } ? $"its JSON is broken in line {line + 1}" : "its JSON has not the form of a report");
        }
    }

    private static TlsReport Report(JsonElement root, ReportBudget budget, ReportDeadline deadline)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new ReportException("its JSON has not the form of a report");
        if (!root.TryGetProperty("date-range", out var range)) throw new ReportException("it does not say for what time it is");
        var (begin, end) = (Time(range, "start-datetime"), Time(range, "end-datetime"));
        if (end < begin) throw new ReportException("the time it covers makes no sense");
        var policies = new List<TlsPolicyResult>();
        var failures = 0;
        foreach (var item in Items(root, "policies"))
        {
            deadline.Check();
            if (policies.Count == MaxPolicies) throw new ReportException($"it has more than {MaxPolicies} policies");
            if (Policy(item, budget, ref failures) is { } policy) policies.Add(policy);
        }
        if (policies.Count == 0) throw new ReportException("it names no policy");
        return new TlsReport
        {
            Organisation = Text(root, "organization-name", budget) ?? "",
            ReportId = Text(root, "report-id", budget) ?? "",
            Contact = Text(root, "contact-info", budget) ?? "",
            Begin = begin,
            End = end,
            Policies = policies,
        };
    }

    private static TlsPolicyResult? Policy(JsonElement item, ReportBudget budget, ref int failures)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("policy", out var policy)) return null;
        if (!DomainName.TryParse(Text(policy, "policy-domain", budget), out var domain)) return null;
        var summary = item.TryGetProperty("summary", out var counts) ? counts : default;
        var failed = new List<TlsFailure>();
        foreach (var failure in Items(item, "failure-details"))
        {
            if (++failures > budget.Rows) throw new ReportException($"it has more than {budget.Rows} failures");
            if (failure.ValueKind == JsonValueKind.Object) failed.Add(Failure(failure, budget));
        }
        return new TlsPolicyResult((Text(policy, "policy-type", budget) ?? "").ToLowerInvariant(), domain)
        {
            Policy = Texts(policy, "policy-string", budget),
            MxHosts = Texts(policy, "mx-host", budget),
            Successful = Number(summary, "total-successful-session-count"),
            Failed = Number(summary, "total-failure-session-count"),
            Failures = failed,
        };
    }

    private static TlsFailure Failure(JsonElement failure, ReportBudget budget) =>
        new((Text(failure, "result-type", budget) ?? "").ToLowerInvariant(), Number(failure, "failed-session-count"))
        {
            SendingAddress = Address(failure, "sending-mta-ip", budget),
            ReceivingAddress = Address(failure, "receiving-ip", budget),
            ReceivingHost = Text(failure, "receiving-mx-hostname", budget),
            ReceivingHello = Text(failure, "receiving-mx-helo", budget),
            ReasonCode = Text(failure, "failure-reason-code", budget),
            Information = Text(failure, "additional-information", budget),
        };

    private static JsonElement.ArrayEnumerator Items(JsonElement from, string name) =>
        from.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static string? Text(JsonElement from, string name, ReportBudget budget) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? ReportText.OneLine(value.GetString()!, budget.Text) : null;

    // RFC 8460 §4.4 has a list for policy-string and one text for mx-host; both are met with either.
    private static List<string> Texts(JsonElement from, string name, ReportBudget budget)
    {
        if (!from.TryGetProperty(name, out var value)) return [];
        if (value.ValueKind == JsonValueKind.String) return [ReportText.OneLine(value.GetString()!, budget.Text)];
        if (value.ValueKind != JsonValueKind.Array) return [];
        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (texts.Count == MaxLines) break;
            if (item.ValueKind == JsonValueKind.String) texts.Add(ReportText.OneLine(item.GetString()!, budget.Text));
        }
        return texts;
    }

    // Some write numbers as texts.
    private static long Number(JsonElement from, string name)
    {
        if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var value)) return 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var number) && number >= 0 => number,
            JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => 0,
        };
    }

    private static IPAddress? Address(JsonElement from, string name, ReportBudget budget) => IPAddress.TryParse(Text(from, name, budget), out var address) ? address : null;

    // RFC 8460 §4.2: RFC 3339 times.
    private static DateTimeOffset Time(JsonElement range, string name) =>
        range.ValueKind == JsonValueKind.Object && range.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : throw new ReportException("the time it covers makes no sense");
}
