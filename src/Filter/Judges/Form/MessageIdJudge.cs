using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Form;

/// <summary>The Message-ID field: every program that writes mail makes one (RFC 5322 §3.6.4).</summary>
internal sealed class MessageIdJudge : LocalJudge
{
    private static readonly Symbol Missing = new("MESSAGE_ID_MISSING", 0.8, "The message has no Message-ID, which every mail program gives.");
    private static readonly Symbol Malformed = new("MESSAGE_ID_MALFORMED", 0.8, "The Message-ID is not of the form that mail programs give.");

    public override string Name => "message-id";

    public override IReadOnlyList<Symbol> Symbols => [Missing, Malformed];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (!message.Header.TryGet("Message-ID"u8, out var value)) return [Missing.Found()];
        value = value.Trim(" \t\r\n"u8);
        var wellFormed = value.Length > 4 && value[0] == '<' && value[^1] == '>' && value.IndexOfAny(" \t"u8) < 0;
        return wellFormed ? [] : [Malformed.Found()];
    }
}
