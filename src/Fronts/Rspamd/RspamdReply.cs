using System.Text.Json;
using System.Text.Json.Serialization;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Fronts.Rspamd;

/// <summary>The JSON of /checkv2, with the fields that rspamc, Exim, Haraka, Postfix proxies and Dovecot scripts read.</summary>
internal sealed record RspamdReply
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required bool IsSkipped { get; init; }

    public required double Score { get; init; }

    public required double RequiredScore { get; init; }

    /// <summary>Rspamd's words: "no action", "add header", "reject".</summary>
    public required string Action { get; init; }

    public required Dictionary<string, double> Thresholds { get; init; }

    public required Dictionary<string, SymbolFact> Symbols { get; init; }

    public Dictionary<string, string> Messages { get; init; } = [];

    [JsonPropertyName("message-id")]
    public required string MessageId { get; init; }

    public required double TimeReal { get; init; }

    public Milter? Milter { get; init; }

    internal sealed record SymbolFact(string Name, double Score, double MetricScore, string Description, IReadOnlyList<string>? Options);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>A message that is not judged.</summary>
    internal static RspamdReply Skipped(ScoreScale scale) => new()
    {
        IsSkipped = true,
        Score = 0,
        RequiredScore = scale.Refuse,
        Action = "no action",
        Thresholds = ThresholdsOf(scale),
        Symbols = [],
        MessageId = "undef",
        TimeReal = 0,
    };

    internal static RspamdReply Of(Verdict verdict, ScoreScale scale, string messageId, TimeSpan took)
    {
        var symbols = new Dictionary<string, SymbolFact>(StringComparer.Ordinal);
        foreach (var finding in verdict.Findings)
        {
            var weight = scale.OfWeight(finding.Weight);
            symbols[finding.Symbol] = new SymbolFact(finding.Symbol, weight, weight, finding.Explanation, null);
        }
        var reason = $"{verdict.Reason} (reference {verdict.Reference})";
        return new RspamdReply
        {
            IsSkipped = false,
            Score = scale.Of(verdict),
            RequiredScore = scale.Refuse,
            Action = verdict.Disposition switch { Disposition.Accept => "no action", Disposition.Junk => "add header", _ => "reject" },
            Thresholds = ThresholdsOf(scale),
            Symbols = symbols,
            Messages = verdict.Disposition == Disposition.Reject ? new() { ["smtp_message"] = reason } : [],
            MessageId = messageId,
            TimeReal = Math.Round(took.TotalSeconds, 6),
            Milter = Milter.Of(SpamFields.Of(verdict, scale)),
        };
    }

    private static Dictionary<string, double> ThresholdsOf(ScoreScale scale) => new() { ["reject"] = scale.Refuse, ["add header"] = scale.Mark };
}

/// <summary>What a mail server is asked to do to the header.</summary>
internal sealed record Milter(Dictionary<string, Milter.Added> AddHeaders, Dictionary<string, int> RemoveHeaders)
{
    /// <param name="Value">The field's value.</param>
    /// <param name="Order">Its place; 0 is first.</param>
    internal sealed record Added(string Value, int Order);

    internal static Milter Of(IReadOnlyList<(string Name, string Value)> fields) => new(
        fields.ToDictionary(field => field.Name, field => new Added(field.Value, 0)),
        // 0 removes every field of the name.
        SpamFields.Ours.ToDictionary(name => name, _ => 0));
}
