using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;

namespace Sternpost.Filter.Training;

/// <summary>Makes a day-zero model of labelled corpora.</summary>
public static class ModelTrainer
{
    private const int GramBits = 20;
    private const int WordBits = 20;
    private const float GramRate = 0.02f;
    private const float WordRate = 0.05f;
    private const int Passes = 4;
    private const int Folds = 4;

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
        progress.Report("Judging each stretch of the first corpus by the rest, for the calibration.");
        var heldOut = new List<(float Grams, float Words, bool Spam)>();
        for (var fold = 0; fold < Folds; fold++) heldOut.AddRange(JudgeFold(samples, fold, cancellation));
        var calibration = Calibration.Fit(heldOut);
        progress.Report("Training the model.");
        var (grams, words) = Train(samples, cancellation);
        var model = DayZeroModel.Write(grams, words, calibration);
        await File.WriteAllBytesAsync(file, model, cancellation).ConfigureAwait(false);
        var spam = samples.Count(sample => sample.Spam);
        return new TrainingReport(samples.Count - spam, spam, RocFigures.Of(heldOut.Select(one => ((double)calibration.Fuse(one.Grams, one.Words), one.Spam))), model.Length);
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

    private static IEnumerable<(float Grams, float Words, bool Spam)> JudgeFold(List<TrainingSample> samples, int fold, CancellationToken cancellation)
    {
        var first = samples.Count(sample => sample.Corpus == 0);
        int from = (int)((long)first * fold / Folds), to = (int)((long)first * (fold + 1) / Folds);
        var (grams, words) = Train([.. samples.Where((_, i) => i < from || i >= to)], cancellation);
        for (var i = from; i < to; i++) yield return (grams.Sum(samples[i].Features.Grams), words.Sum(samples[i].Features.Words), samples[i].Spam);
    }

    private static (WeightTable Grams, WeightTable Words) Train(List<TrainingSample> samples, CancellationToken cancellation)
    {
        WeightTable? grams = null, words = null;
        Parallel.Invoke(
            () => grams = LogisticTrainer.Train(samples, features => features.Grams, GramBits, GramRate, Passes, cancellation),
            () => words = LogisticTrainer.Train(samples, features => features.Words, WordBits, WordRate, Passes, cancellation));
        return (grams!, words!);
    }
}
