using System.CommandLine;
using System.Globalization;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Training;

namespace Sternpost.Commands;

/// <summary><c>train INDEX… --out FILE</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var indexes = new Argument<string[]>("index") { Description = "Indexes with lines 'spam|ham PATH' in time order; first the one most like the mail to come.", HelpName = "INDEX", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Where to write the model.", HelpName = "FILE", Required = true };
        var weights = new Option<double[]>("--weight") { Description = "How much a message of each index counts, in their order. [default: 1 each]", HelpName = "NUMBER", AllowMultipleArgumentsPerToken = true };
        weights.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double[]>().Any(weight => weight is not (> 0 and <= 1))) result.AddError("A weight is a number above 0 and at most 1.");
        });
        var json = CommonOptions.Json();
        var command = new Command("train", "Makes a day-zero model from labelled mail, as the shipped one was made.") { indexes, output, weights, json };
        command.SetAction(async (result, cancellation) =>
        {
            var given = result.GetValue(weights) ?? [];
            var corpora = result.GetRequiredValue(indexes).Select((index, i) => new TrainingCorpus(Index(index), i < given.Length ? given[i] : 1)).ToList();
            var file = result.GetRequiredValue(output);
            TrainingReport report;
            try
            {
                report = await ModelTrainer.TrainAsync(corpora, file, new Progress(), cancellation);
            }
            catch (InvalidDataException failure)
            {
                throw new OperationFailedException(failure.Message);
            }
            Facts.PrintOne(report, result.GetValue(json),
                ("Trained on", string.Create(CultureInfo.InvariantCulture, $"{report.Ham} ham, {report.Spam} spam")),
                ("Held out (1-ROCA)%", report.HeldOut.RocaComplement.ToString("0.0000", CultureInfo.InvariantCulture)),
                ("Held out spam missed at 0.1 % ham lost", report.HeldOut.SpamMissedAtOneInThousand.ToString("0.00", CultureInfo.InvariantCulture) + " %"),
                ("Model", string.Create(CultureInfo.InvariantCulture, $"{file}, {report.Octets} octets")));
        });
        return command;
    }

    /// <summary>The messages of an index.</summary>
    /// <exception cref="OperationFailedException">It is none.</exception>
    internal static IReadOnlyList<LabelledMessage> Index(string file)
    {
        try
        {
            return CorpusIndex.Read(file);
        }
        catch (InvalidDataException failure)
        {
            throw new OperationFailedException(failure.Message);
        }
    }

    private sealed class Progress : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine(value);
    }
}
