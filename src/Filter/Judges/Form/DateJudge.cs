using MimeKit.Utils;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Form;

/// <summary>The Date field: there must be one (RFC 5322 §3.6), and it should lie near now.</summary>
internal sealed class DateJudge : LocalJudge
{
    private static readonly Symbol Missing = new("DATE_MISSING", 1.2, "The message has no date.");
    private static readonly Symbol Malformed = new("DATE_MALFORMED", 1.0, "The message's date is not one.");
    private static readonly Symbol Future = new("DATE_FUTURE", 1.5, "The message is dated more than a day in the future.");

    public override string Name => "date";

    public override IReadOnlyList<Symbol> Symbols => [Missing, Malformed, Future];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (!message.Header.TryGet("Date"u8, out var value)) return [Missing.Found()];
        if (value.Length > 200 || !DateUtils.TryParse(value.ToArray(), out var date)) return [Malformed.Found()];
        // Old dates are honest more often than not: queues, archives, clocks without a battery.
        return date > message.Session.ReceivedAt.AddDays(1) ? [Future.Found()] : [];
    }
}
