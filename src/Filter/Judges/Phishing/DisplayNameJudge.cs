using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>A display name that is itself an address, and not the one the message comes from.</summary>
internal sealed class DisplayNameJudge : LocalJudge
{
    private static readonly Symbol OtherAddress = new("NAME_OTHER_ADDRESS", 1.8, "The sender's name shows an address other than the one the message comes from.");

    public override string Name => "display-name";

    public override IReadOnlyList<Symbol> Symbols => [OtherAddress];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var from = message.From;
        if (!from.Name.Contains('@', StringComparison.Ordinal) || from.Domain.Length == 0) return [];
        foreach (var word in from.Name.Split(' ', '<', '>', '(', ')', '"', '\'', ','))
        {
            if (!EmailAddress.TryParse(word, out var shown) || !shown.Domain.Ascii.Contains('.', StringComparison.Ordinal)) continue;
            // "someone@company.example via list" is how lists rewrite for DMARC; they say so in a List-Id.
            return RelatedDomains.Same(shown.Domain.Ascii, from.Domain) || message.Header.Has("List-Id"u8) ? [] : [OtherAddress.Found()];
        }
        return [];
    }
}
