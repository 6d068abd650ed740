using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>
/// Bounces: of a message that the recipient sent, or backscatter, the bounce of a forgery in the recipient's name. Told by the Message-ID of what
/// comes back; a server that has not watched its users' mail for as long as bounces take says nothing.
/// </summary>
internal sealed class BounceJudge(ContactBook book) : LocalJudge
{
    internal static readonly Symbol Backscatter = new("BACKSCATTER", 1.8, "A bounce of a message that the recipient never sent.");
    internal static readonly Symbol OfOurs = new("BOUNCE_OF_OURS", -2.0, "A bounce of a message that the recipient sent.");

    internal static IReadOnlyList<Symbol> All { get; } = [Backscatter, OfOurs];

    public override string Name => "bounces";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (message.Facts is not { Relations.Count: > 0, Answered.Count: > 0 } facts || !facts.Is(FactBits.Notice) || ReturnedMessage.IdIn(message) is null) return [];
        foreach (var relation in facts.Relations)
        {
            if (relation.Answers) return [OfOurs.Found()];
        }
        return book.WatchesLongEnough ? [Backscatter.Found()] : [];
    }
}
