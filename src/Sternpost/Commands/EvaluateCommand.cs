using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Sternpost.Composition;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;

namespace Sternpost.Commands;

/// <summary><c>evaluate INDEX</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var index = new Argument<string>("index") { Description = "An index with lines 'spam|ham PATH' in time order, paths relative to its folder.", HelpName = "INDEX" };
        var mode = new Option<string>("--mode") { Description = "frozen: judge and learn nothing. online: judge each message, then learn its label.", HelpName = "MODE", DefaultValueFactory = _ => "frozen" };
        mode.AcceptOnlyFromAmong("frozen", "online");
        var dns = new Option<bool>("--dns") { Description = "Allow DNS lookups." };
        var output = new Option<string?>("--out") { Description = "Write 'label, path, score, verdict' lines, separated by tabs.", HelpName = "FILE" };
        var model = new Option<string?>("--model") { Description = "A model file, or 'none' to begin with nothing learned. [default: the configured or shipped one]", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Measures the filter on labelled mail.") { index, mode, dns, output, model, json };
        command.SetAction(async (result, cancellation) =>
        {
            var configuration = FilterComposition.ConfigurationOf(result);
            var messages = TrainCommand.Index(result.GetRequiredValue(index));
            var learning = result.GetValue(mode) == "online";
            var named = result.GetValue(model) ?? configuration.Filter.Model;
            var classifier = new StatisticalClassifier(named == "none" ? null : FilterComposition.Model(named), learning);
            var panel = FilterComposition.Panel(configuration, classifier, result.GetValue(dns) ? FilterComposition.Resolver(configuration) : null, null, TimeProvider.System);
            var evaluation = new Evaluation(panel, TimeProvider.System);
            var judged = new List<JudgedMessage>(messages.Count);
            await using var file = result.GetValue(output) is { } path ? new StreamWriter(path) { NewLine = "\n" } : null;
            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            var start = Stopwatch.GetTimestamp();
            await foreach (var one in learning ? evaluation.OnlineAsync(messages, classifier, cancellation) : evaluation.FrozenAsync(messages, cancellation))
            {
                judged.Add(one);
                if (file is not null) await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{one.Message.Label}\t{one.Message.Name}\t{one.Score:0.0000}\t{Name(one)}"));
            }
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var used = Process.GetCurrentProcess().TotalProcessorTime - processor;
            Print(EvaluationFigures.Of(judged), judged.Count / seconds, used.TotalMilliseconds / judged.Count, result.GetValue(json));
        });
        return command;
    }

    private static string Name(JudgedMessage one) => one.Disposition.ToString().ToLowerInvariant();

    private static void Print(EvaluationFigures figures, double rate, double processor, bool json)
    {
        var facts = new
        {
            Messages = figures.Roc.Ham + figures.Roc.Spam,
            figures.Roc.Ham,
            figures.Roc.Spam,
            OneMinusRocaPercent = Finite(figures.Roc.RocaComplement),
            figures.HamMisclassified,
            HamMisclassifiedPercent = Finite(figures.HamMisclassifiedPercent),
            figures.HamRejected,
            figures.SpamCaught,
            SpamCaughtPercent = Finite(figures.SpamCaughtPercent),
            figures.SpamRejected,
            SpamMissedPercentAt01PercentHam = Finite(figures.Roc.SpamMissedAtOneInThousand),
            SpamMissedPercentAtNoHam = Finite(figures.Roc.SpamMissedAtNone),
            MessagesPerSecond = Math.Round(rate, 1),
            ProcessorMillisecondsPerMessage = Math.Round(processor, 3),
        };
        Facts.PrintOne(facts, json,
            ("Messages", string.Create(CultureInfo.InvariantCulture, $"{facts.Messages} ({figures.Roc.Spam} spam, {figures.Roc.Ham} ham)")),
            ("(1-ROCA)%", Text(figures.Roc.RocaComplement, "0.0000")),
            ("Ham misclassified", string.Create(CultureInfo.InvariantCulture, $"{figures.HamMisclassified} ({Text(figures.HamMisclassifiedPercent, "0.000")} %), of them refused {figures.HamRejected}")),
            ("Spam caught", string.Create(CultureInfo.InvariantCulture, $"{figures.SpamCaught} ({Text(figures.SpamCaughtPercent, "0.00")} %), of them refused {figures.SpamRejected}")),
            ("Spam missed at 0.1 % ham misclassified", Text(figures.Roc.SpamMissedAtOneInThousand, "0.00") + " %"),
            ("Spam missed at 0 % ham misclassified", Text(figures.Roc.SpamMissedAtNone, "0.00") + " %"),
            ("Messages per second", rate.ToString("0.0", CultureInfo.InvariantCulture)),
            ("Processor time per message", processor.ToString("0.000", CultureInfo.InvariantCulture) + " ms"));
    }

    // JSON has no NaN.
    private static double? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 5) : null;

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "unknown";
}
