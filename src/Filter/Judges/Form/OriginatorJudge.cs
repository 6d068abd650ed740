using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;

namespace Sternpost.Filter.Judges.Form;

/// <summary>The From field: exactly one, with an address that can be answered (RFC 5322 §3.6.2).</summary>
internal sealed class OriginatorJudge : LocalJudge
{
    private static readonly Symbol Missing = new("FROM_MISSING", 2.5, "The message does not say whom it is from.");
    private static readonly Symbol Several = new("FROM_SEVERAL", 3.0, "The message has several From fields, so that readers and checks see different senders.");
    private static readonly Symbol Malformed = new("FROM_MALFORMED", 1.0, "The sender's address is not one.");

    public override string Name => "originator";

    public override IReadOnlyList<Symbol> Symbols => [Missing, Several, Malformed];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var count = message.Header.Count("From"u8);
        if (count == 0) return [Missing.Found()];
        if (count > 1) return [Several.Found()];
        return EmailAddress.TryParse(message.From.Address, out _) || IsSystemSender(message) ? [] : [Malformed.Found()];
    }

    // Bounces of old systems come from a bare name such as MAILER-DAEMON.
    private static bool IsSystemSender(MessageUnderJudgement message) =>
        message.Envelope.ReversePath is null && !message.From.Address.Contains('@', StringComparison.Ordinal);
}
