namespace Sternpost.Filter.Classifier;

/// <summary>The views of a message that learners read.</summary>
internal enum FeatureKind
{
    /// <summary>Octet 4-grams of the header as its sender wrote it.</summary>
    Header,
    /// <summary>Octet 4-grams of the text parts, transfer encoding undone.</summary>
    Body,
    /// <summary>Words and ordered pairs of what the reader sees, hosts and paths of links.</summary>
    Words,
    /// <summary>How the message is built: tokens and their pairs.</summary>
    Structure,
    /// <summary>Runs of five characters of the visible text in its normal form.</summary>
    Text,
    /// <summary>Octet 4-grams of the beginning as received, route and all.</summary>
    Raw,
}

/// <summary>What the learners see of one message: distinct 32-bit hashes of each kind.</summary>
internal sealed class Features(uint[][] sets)
{
    internal const int Kinds = 6;

    internal uint[] this[FeatureKind kind] => sets[(int)kind];

    /// <summary>
    /// The factor that makes messages of different length comparable: a long message has many features, and most repeat what
    /// the others say.
    /// </summary>
    internal static float Scale(int count) => 20 / MathF.Sqrt(count + 1);
}
