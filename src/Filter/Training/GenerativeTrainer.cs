using Sternpost.Filter.Classifier;

namespace Sternpost.Filter.Training;

/// <summary>
/// The learner that is told nothing of the border between the classes: for each run of characters the log ratio of its frequency in
/// spam and in ham, as two language models would give it. Weaker alone than the others, and wrong about other messages.
/// </summary>
internal static class GenerativeTrainer
{
    private const float Prior = 0.1f;
    private const float Limit = 4;

    internal static WeightTable Train(IReadOnlyList<TrainingSample> samples, Learner learner)
    {
        var bits = learner.Bits;
        var spam = new float[1 << bits];
        var ham = new float[1 << bits];
        float spamMessages = 0, hamMessages = 0;
        foreach (var sample in samples)
        {
            var counts = sample.Spam ? spam : ham;
            var weight = Weight(sample);
            if (sample.Spam) spamMessages += weight;
            else hamMessages += weight;
            foreach (var feature in sample.Features[learner.Kind]) counts[feature >> (32 - bits)] += weight;
        }
        var table = new WeightTable(bits);
        for (var i = 0; i < spam.Length; i++)
        {
            if (spam[i] + ham[i] == 0) continue;
            var ratio = MathF.Log((spam[i] + (Prior * spamMessages / hamMessages)) / (spamMessages + (2 * Prior)))
                - MathF.Log((ham[i] + Prior) / (hamMessages + (2 * Prior)));
            table.Weights[i] = Math.Clamp(ratio, -Limit, Limit);
        }
        return table;
    }

    // Old mail drowns new mail here: frequencies are what this learner believes, and it has no border that could correct them.
    private static float Weight(TrainingSample sample) => sample.CorpusWeight * sample.Weight;
}
