namespace Sternpost.Filter.Classifier;

/// <summary>What the two learners see of one message: hashes of byte 4-grams, and hashes of words, pairs and structure.</summary>
/// <param name="Grams">Distinct 4-gram hashes.</param>
/// <param name="Words">Distinct word, pair and structure hashes.</param>
internal sealed record Features(uint[] Grams, uint[] Words);
