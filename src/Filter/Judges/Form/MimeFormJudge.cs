using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Form;

/// <summary>MIME that is broken, or nested so that scanners give up before readers do.</summary>
internal sealed class MimeFormJudge : LocalJudge
{
    private static readonly Symbol Broken = new("MIME_BROKEN", 0.2, "The message's parts are not separated as its header says.");
    private static readonly Symbol Excessive = new("MIME_EXCESSIVE", 4.0, "The message is nested or divided beyond any honest use.");

    public override string Name => "mime-form";

    public override IReadOnlyList<Symbol> Symbols => [Broken, Excessive];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (message.Mime.BeyondBudget) return [Excessive.Found()];
        return message.Mime.Broken ? [Broken.Found()] : [];
    }
}
