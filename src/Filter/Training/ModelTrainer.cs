using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;

namespace Sternpost.Filter.Training;

/// <summary>Makes a day-zero model of labelled corpora.</summary>
public static class ModelTrainer
{
    private const int Passes = 6;
    private const int PassesForHeldOut = 4;
    private const int Folds = 4;

    // The share of wanted mail that may go to Junk is 0.1 %. Judged by stretches of time, whole sources of mail are strange to the
    // learners, which costs some three times what mail of known sources does (docs/accuracy.md).
    private const double LostHam = 0.003;
    private const int Stretches = 20;

    /// <summary>
    /// Trains on <paramref name="corpora"/>, the first being the one whose mail is most like the mail to come, and writes the model.
    /// Calibration is fitted on messages of the first corpus judged by models trained without their stretch of time.
    /// </summary>
    public static async Task<TrainingReport> TrainAsync(IReadOnlyList<TrainingCorpus> corpora, string file, IProgress<string> progress, CancellationToken cancellation)
    {
        var samples = new List<TrainingSample>();
        for (var i = 0; i < corpora.Count; i++)
        {
            progress.Report($"Reading {corpora[i].Messages.Count} messages of index {i + 1}.");
            samples.AddRange(await ReadAsync(corpora[i], i, cancellation).ConfigureAwait(false));
        }
        if (!samples.Exists(sample => sample.Spam) || samples.TrueForAll(sample => sample.Spam))
        {
            throw new InvalidDataException("Training needs both spam and ham.");
        }
        progress.Report("Judging each stretch of the first corpus by the rest, to find what is hard.");
        HardMessages.Weigh(JudgeHeldOut(samples, progress, cancellation));
        progress.Report("Once more with the hard ones weighted, for the calibration.");
        var heldOut = JudgeHeldOut(samples, progress, cancellation);
        List<(float Sum, bool Spam)> outcomes = [.. heldOut.Select(one => (one.Sum, one.Sample.Spam))];
        var calibration = Calibration.Fit(outcomes).WithCeiling(outcomes, FilterOptions.DefaultJunkThreshold, LostHam);
        progress.Report("Training the model.");
        var model = DayZeroModel.Write(Train(samples, Passes, cancellation), calibration);
        await File.WriteAllBytesAsync(file, model, cancellation).ConfigureAwait(false);
        var spam = samples.Count(sample => sample.Spam);
        return new TrainingReport(samples.Count - spam, spam, RocFigures.Of(heldOut.Select(one => ((double)one.Sum, one.Sample.Spam))), model.Length);
    }

    private static WeightTable[] Train(IReadOnlyList<TrainingSample> samples, int passes, CancellationToken cancellation)
    {
        var tables = new WeightTable[Learner.All.Length];
        Parallel.For(0, tables.Length, i =>
        {
            var learner = Learner.All[i];
            tables[i] = learner.Generative ? GenerativeTrainer.Train(samples, learner) : LogisticTrainer.Train(samples, learner, passes, cancellation);
        });
        return tables;
    }

    private static async Task<TrainingSample[]> ReadAsync(TrainingCorpus corpus, int number, CancellationToken cancellation)
    {
        var samples = new TrainingSample[corpus.Messages.Count];
        await Parallel.ForAsync(0, samples.Length, cancellation, async (i, token) =>
        {
            var labelled = corpus.Messages[i];
            var raw = await File.ReadAllBytesAsync(labelled.Path, token).ConfigureAwait(false);
            var message = new Arrival().Of(raw, labelled.Name, TimeProvider.System);
            samples[i] = new TrainingSample(FeatureExtractor.Of(message), labelled.Spam, (float)corpus.Weight, number);
        }).ConfigureAwait(false);
        return samples;
    }

    private static List<JudgedSample> JudgeHeldOut(List<TrainingSample> samples, IProgress<string> progress, CancellationToken cancellation)
    {
        var first = samples.Count(sample => sample.Corpus == 0);
        var judged = new List<JudgedSample>(first);
        for (var fold = 0; fold < Folds; fold++)
        {
            progress.Report($"Part {fold + 1} of {Folds}.");
            // Stretches of time, not single messages: neighbours resemble each other as no new mail will.
            bool IsHeldOut(int i) => i < first && (long)i * Stretches / first % Folds == fold;
            var tables = Train([.. samples.Where((_, i) => !IsHeldOut(i))], PassesForHeldOut, cancellation);
            for (var i = 0; i < first; i++)
            {
                if (IsHeldOut(i)) judged.Add(new JudgedSample(samples[i], Sum(tables, samples[i].Features)));
            }
        }
        return judged;
    }

    private static float Sum(WeightTable[] tables, Features features)
    {
        var sum = 0f;
        for (var i = 0; i < tables.Length; i++)
        {
            var learner = Learner.All[i];
            var set = features[learner.Kind];
            sum += learner.Share * Math.Clamp(learner.Score(tables[i].Sum(set), set.Length), -Learner.Limit, Learner.Limit);
        }
        return sum;
    }
}
