using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Corpora;

/// <summary>One message of a corpus with what the filter made of it.</summary>
public sealed record JudgedMessage(LabelledMessage Message, double Score, Disposition Disposition);

/// <summary>
/// Judges a corpus as it would have arrived, in the order of its index. Reading and parsing run ahead on all cores; what is
/// judged and learned is the same as one after another.
/// </summary>
public sealed class Evaluation(JudgePanel panel, TimeProvider time)
{
    // Enough to keep the cores busy behind one slow message, few enough to stay small in memory.
    private const int Ahead = 64;

    /// <summary>Judges with the shipped state and learns nothing.</summary>
    public IAsyncEnumerable<JudgedMessage> FrozenAsync(IReadOnlyList<LabelledMessage> messages, CancellationToken cancellation) =>
        InOrderAsync(messages, async (labelled, token) => await JudgeAsync(labelled, await ReadAsync(labelled, token).ConfigureAwait(false), token).ConfigureAwait(false), cancellation);

    /// <summary>The whole verdict on each message, judged with the shipped state.</summary>
    public IAsyncEnumerable<(LabelledMessage Message, Verdict Verdict)> VerdictsAsync(IReadOnlyList<LabelledMessage> messages, CancellationToken cancellation) =>
        InOrderAsync(messages, async (labelled, token) => (labelled, (await panel.JudgeAsync(await ReadAsync(labelled, token).ConfigureAwait(false), token).ConfigureAwait(false)).Verdict), cancellation);

    /// <summary>Judges each message, then teaches <paramref name="classifier"/> its true label before the next is judged (the TREC protocol).</summary>
    public async IAsyncEnumerable<JudgedMessage> OnlineAsync(IReadOnlyList<LabelledMessage> messages, StatisticalClassifier classifier, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var position = 0;
        await foreach (var message in InOrderAsync(messages, PrepareAsync, cancellation).ConfigureAwait(false))
        {
            var labelled = messages[position++];
            var judged = await JudgeAsync(labelled, message, cancellation).ConfigureAwait(false);
            classifier.Learn(message.Features ?? FeatureExtractor.Of(message), labelled.Spam);
            yield return judged;
        }
    }

    private async Task<MessageUnderJudgement> ReadAsync(LabelledMessage labelled, CancellationToken cancellation) =>
        new Arrival().Of(await File.ReadAllBytesAsync(labelled.Path, cancellation).ConfigureAwait(false), labelled.Name, time);

    // Features do not depend on what was learned, so they may be made ahead of their turn.
    private async Task<MessageUnderJudgement> PrepareAsync(LabelledMessage labelled, CancellationToken cancellation)
    {
        var message = await ReadAsync(labelled, cancellation).ConfigureAwait(false);
        message.Features = FeatureExtractor.Of(message);
        return message;
    }

    private async Task<JudgedMessage> JudgeAsync(LabelledMessage labelled, MessageUnderJudgement message, CancellationToken cancellation)
    {
        var judgement = await panel.JudgeAsync(message, cancellation).ConfigureAwait(false);
        return new JudgedMessage(labelled, judgement.Verdict.Score, judgement.Verdict.Disposition);
    }

    private static async IAsyncEnumerable<T> InOrderAsync<T>(IReadOnlyList<LabelledMessage> messages, Func<LabelledMessage, CancellationToken, Task<T>> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var window = Channel.CreateBounded<Task<T>>(Ahead);
        var turns = new SemaphoreSlim(Environment.ProcessorCount);
        var feeder = Task.Run(FeedAsync, CancellationToken.None);
        try
        {
            await foreach (var task in window.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return await task.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await feeder.ConfigureAwait(false);
        }

        async Task FeedAsync()
        {
            try
            {
                foreach (var message in messages)
                {
                    await turns.WaitAsync(stop.Token).ConfigureAwait(false);
                    await window.Writer.WriteAsync(Task.Run(() => RunAsync(message), CancellationToken.None), stop.Token).ConfigureAwait(false);
                }
                window.Writer.TryComplete();
            }
            catch (OperationCanceledException)
            {
                window.Writer.TryComplete();
            }
        }

        async Task<T> RunAsync(LabelledMessage message)
        {
            try
            {
                return await work(message, stop.Token).ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        }
    }
}
