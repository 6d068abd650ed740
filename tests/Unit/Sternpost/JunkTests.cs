using Sternpost.Jmap.Labels;
using Sternpost.Junk;

namespace Sternpost.Unit.House;

/// <summary>Why something is in Junk, and how doubtful that is, from what the filter wrote into it.</summary>
public sealed class JunkTests
{
    private static readonly Dictionary<string, string> Meanings = new() { ["DNSBL_SENDER"] = "the sending server is on a list of spammers" };

    [Theory]
    [InlineData(null, null, "You, or a program of yours, moved it to Junk.")]
    [InlineData("accept, score -4.9 (STATISTICS -4.9), reference x.1", null, "You, or a program of yours, moved it to Junk.")]
    [InlineData("junk, score 9.1 (STATISTICS 2.0, DNSBL_SENDER 7.1), reference x.1", 9.1, "The sending server is on a list of spammers.")]
    [InlineData("junk, score 5.0 (STATISTICS 6.0, KNOWN -1.0)", 5.0, "Its words and form are those of spam.")]
    [InlineData("reject, score 12.0 (SOMETHING_NEW 12.0)", 12.0, "Many small signs together speak for spam.")]
    [InlineData("junk", null, "Many small signs together speak for spam.")]
    public void A_sentence_says_why(string? verdict, double? score, string sentence)
    {
        Assert.Equal(score, JunkReason.Score(verdict));
        Assert.Equal(sentence, JunkReason.Sentence(verdict, Meanings));
    }

    [Theory]
    [InlineData("Tax 2026", "tax_2026")]
    [InlineData("  Kinder & Schule ", "kinder_schule")]
    [InlineData("Größe", "gr_e")]
    [InlineData("חשבונות", "label")]
    [InlineData("Junk", "label_junk")]
    [InlineData("$Important", "important")]
    [InlineData("(a){b}%*\\\"]", "a_b")]
    [InlineData("taken", "taken_2")]
    public void A_keyword_is_one_that_every_program_takes(string name, string keyword) => Assert.Equal(keyword, LabelKeyword.Of(name, new HashSet<string> { "taken" }));
}
