using Sternpost.Filter.Corpora;

namespace Sternpost.Filter.Training;

/// <summary>Labelled messages for <see cref="ModelTrainer"/>.</summary>
/// <param name="Messages">In time order.</param>
/// <param name="Weight">How much one message of it counts, 1 for mail like the mail to come and less for older or stranger mail.</param>
public sealed record TrainingCorpus(IReadOnlyList<LabelledMessage> Messages, double Weight = 1);

/// <summary>What training came to.</summary>
/// <param name="Ham">Wanted messages used.</param>
/// <param name="Spam">Spam messages used.</param>
/// <param name="HeldOut">Accuracy on messages of the first corpus, each judged by a model that had not seen it nor its neighbours in time.</param>
/// <param name="Octets">Size of the model file.</param>
public sealed record TrainingReport(int Ham, int Spam, RocFigures HeldOut, int Octets);
