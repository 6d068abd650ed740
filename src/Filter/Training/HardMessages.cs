namespace Sternpost.Filter.Training;

/// <summary>A message and what learners that had not seen it made of it.</summary>
internal readonly record struct JudgedSample(TrainingSample Sample, float Sum);

/// <summary>
/// Gives more weight to the messages that learners take for the other class when they have not seen them. Wanted mail most: at one
/// ham lost in a thousand the few that look like spam decide everything, and in a mailbox they are orders and invoices.
/// </summary>
internal static class HardMessages
{
    private const float HardHam = 8;
    private const float HardSpam = 3;
    private const float Softness = 5;

    internal static void Weigh(IEnumerable<JudgedSample> judged)
    {
        foreach (var (sample, sum) in judged)
        {
            var doubt = (sample.Spam ? -sum : sum) / Softness;
            // Half the extra weight where the learners are a little on the right side still.
            var share = 1 / (1 + MathF.Exp(-doubt - 1));
            sample.Weight = sample.CorpusWeight * (1 + (((sample.Spam ? HardSpam : HardHam) - 1) * share));
        }
    }
}
