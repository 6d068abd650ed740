using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Spf;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Reading;

namespace Sternpost.Reports.Sent;

/// <summary>A row of a report in the making as it is kept between messages: JSON, equal for messages that count together.</summary>
internal static class ObservedRow
{
    // RFC 9990 §3.1.3 allows a hundred; more than these tell nobody anything.
    private const int MaxSignatures = 10;
    private const int MaxText = 200;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new AddressConverter() },
    };

    internal static string Write(AggregateRow row) => JsonSerializer.Serialize(row, Json);

    internal static AggregateRow Read(string json, long count) =>
        (JsonSerializer.Deserialize<AggregateRow>(json, Json) ?? throw new JsonException("A kept row is empty.")) with { Count = count };

    internal static AggregateRow Of(AuthenticationOutcome outcome, AggregateDisposition disposition, IReadOnlyList<PolicyOverride> overrides) => new()
    {
        Source = outcome.ClientAddress.IsIPv4MappedToIPv6 ? outcome.ClientAddress.MapToIPv4() : outcome.ClientAddress,
        Count = 0,
        Disposition = disposition,
        DkimAligned = outcome.Dmarc.Dkim.AlignedDomain is not null,
        SpfAligned = outcome.Dmarc.Spf.AlignedDomain is not null,
        Overrides = overrides,
        HeaderFrom = outcome.Dmarc.AuthorDomain!.Ascii,
        // RFC 9990 §3.1.1.10: empty for the null reverse-path.
        EnvelopeFrom = outcome.MailFrom is null ? "" : outcome.Spf is { Identity: SpfIdentity.MailFrom, Domain: { } sender } ? sender.Ascii : null,
        Dkim = [.. outcome.Dkim.Where(signature => signature.Domain is not null).OrderBy(signature => Rank(signature, outcome)).Take(MaxSignatures).Select(Signature)],
        Spf = Spf(outcome),
    };

    // RFC 9990 §3.1.3: in this order.
    private static int Rank(DkimResult signature, AuthenticationOutcome outcome) => signature switch
    {
        { Kind: not DkimKind.Pass } => 3,
        { Domain: var signer } when signer == outcome.Dmarc.AuthorDomain => 0,
        { Domain: { } signer } when outcome.Dmarc.OrganisationalDomain is { } organisation && signer.IsWithin(organisation) => 1,
        _ => 2,
    };

    private static ReportedDkim Signature(DkimResult signature) => new(
        signature.Domain!.Ascii, ReportText.OneLine(signature.Selector, MaxText), signature.Word, signature.Reason.Length > 0 ? ReportText.OneLine(signature.Reason, MaxText) : null);

    private static IReadOnlyList<ReportedSpf> Spf(AuthenticationOutcome outcome)
    {
        var domain = outcome.Spf.Domain ?? (DomainName.TryParse(outcome.Helo, out var helo) ? helo : null);
        if (domain is null) return [];
        var problem = outcome.Spf.Problem is { } text ? ReportText.OneLine(text, MaxText) : null;
        return [new ReportedSpf(domain.Ascii, outcome.Spf.Identity == SpfIdentity.MailFrom && outcome.Spf.Domain is not null ? "mfrom" : "helo", outcome.Spf.Word, problem)];
    }

    private sealed class AddressConverter : JsonConverter<IPAddress>
    {
        public override IPAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => IPAddress.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, IPAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
