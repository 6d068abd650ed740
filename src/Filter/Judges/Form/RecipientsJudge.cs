using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Form;

/// <summary>Whom the message says it is for.</summary>
internal sealed class RecipientsJudge : LocalJudge
{
    private static readonly Symbol Many = new("RECIPIENTS_MANY", 0.2, "The message shows more than thirty recipients.");

    private const int ManyRecipients = 30;

    public override string Name => "recipients";

    public override IReadOnlyList<Symbol> Symbols => [Many];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message) =>
        Shown(message, "To"u8) + Shown(message, "Cc"u8) > ManyRecipients ? [Many.Found()] : [];

    private static int Shown(MessageUnderJudgement message, ReadOnlySpan<byte> name) =>
        message.Header.TryGet(name, out var value) ? value.Count((byte)'@') : 0;
}
