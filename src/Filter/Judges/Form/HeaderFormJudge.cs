using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Form;

/// <summary>Header fields that no honest program writes.</summary>
internal sealed class HeaderFormJudge : LocalJudge
{
    private static readonly Symbol Unencoded = new("HEADER_8BIT", 0.6, "The subject or sender holds raw 8-bit characters although the message was not sent as SMTPUTF8.");
    private static readonly Symbol MalformedLine = new("HEADER_MALFORMED", 1.0, "The header holds lines that are no header fields.");
    private static readonly Symbol TooMany = new("HEADER_TOO_MANY", 3.0, "The header has thousands of fields.");
    private static readonly Symbol Repeated = new("HEADER_REPEATED", 1.5, "A field that may appear once appears several times.");

    public override string Name => "header-form";

    public override IReadOnlyList<Symbol> Symbols => [Unencoded, MalformedLine, TooMany, Repeated];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var header = message.Header;
        List<Finding>? findings = null;
        // RFC 6532 allows UTF-8 in a header only of a message sent as SMTPUTF8.
        if (!message.Envelope.SmtpUtf8 && (Has8Bit(message, "Subject"u8) || Has8Bit(message, "From"u8))) (findings ??= []).Add(Unencoded.Found());
        if (header.MalformedLines > 0) (findings ??= []).Add(MalformedLine.Found());
        if (header.Truncated) (findings ??= []).Add(TooMany.Found());
        // RFC 5322 §3.6, the table of how often each field may stand.
        if (header.Count("Subject"u8) > 1 || header.Count("Date"u8) > 1 || header.Count("To"u8) > 1) (findings ??= []).Add(Repeated.Found());
        return findings ?? (IReadOnlyList<Finding>)[];
    }

    private static bool Has8Bit(MessageUnderJudgement message, ReadOnlySpan<byte> name) =>
        message.Header.TryGet(name, out var value) && value.IndexOfAnyInRange((byte)0x80, (byte)0xFF) >= 0;
}
