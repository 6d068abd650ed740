namespace Sternpost.Dns;

/// <summary>What one answer may hold. Past it the answer is cut, so a hostile zone cannot make a message expensive.</summary>
internal static class AnswerBudget
{
    /// <summary>Records taken of one answer; real ones hold a handful.</summary>
    public const int Records = 100;

    /// <summary>Characters of text taken over all TXT records of one answer: what one TCP answer can carry.</summary>
    public const int TextLength = 64 * 1024;

    /// <summary>Aliases followed inside one answer.</summary>
    public const int Aliases = 12;
}
