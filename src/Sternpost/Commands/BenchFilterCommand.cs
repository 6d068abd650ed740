using System.CommandLine;
using System.Globalization;
using Sternpost.Bench;
using Sternpost.Composition;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;

namespace Sternpost.Commands;

/// <summary><c>bench filter</c>.</summary>
internal static class BenchFilterCommand
{
    private const string Installed = "installed";

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "A corpus index with lines 'spam|ham PATH', or message files.", HelpName = "INDEX|FILE", Arity = ArgumentArity.OneOrMore };
        var count = BenchCommand.Positive("--count", "Judge so many messages, taken evenly from all.", 1000);
        var rules = new Option<string[]>("--rules") { Description = "A folder of SpamAssassin rules to judge with as well; may be repeated. [default: filter.spamassassin_rules]", HelpName = "FOLDER" };
        var beside = new Option<string[]>("--beside") { Description = "Measure installed filters of others on the same files as well, nothing looked up: spamc, rspamc, bogofilter, separated by commas; or 'installed' for all that are.", HelpName = "NAMES", AllowMultipleArgumentsPerToken = false };
        var accounts = new Option<int>("--accounts") { Description = "Have so many accounts teach their own filters first, and ask one of these of each message as well. [default: 0]", HelpName = "COUNT" };
        accounts.Validators.Add(option => { if (option.GetValue(accounts) < 0) option.AddError("--accounts is a number of accounts, 0 or more."); });
        var json = CommonOptions.Json();
        var command = new Command("filter", "Judges messages one after another, nothing looked up; prints processor time and latency.") { paths, count, rules, accounts, beside, json };
        command.SetAction(async (result, cancellation) =>
        {
            var others = (result.GetValue(beside) ?? []).SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
            if (others.Remove(Installed)) others = [.. others.Union(OtherFilter.Installed)];
            if (others.Find(name => !OtherFilter.Names.Contains(name)) is { } unknown) throw new OperationFailedException($"'{unknown}' is not one of {string.Join(", ", OtherFilter.Names)}, or '{Installed}'.");
            var messages = Evenly(Messages(result.GetRequiredValue(paths)), result.GetValue(count));
            var configuration = FilterComposition.ConfigurationOf(result);
            if (result.GetValue(rules) is { Length: > 0 } folders) configuration.Filter.SpamAssassinRules = folders;
            var classifier = new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model));
            await using var taught = result.GetValue(accounts) is > 0 and var many ? await TaughtAccounts.StartAsync(many, messages, FilterComposition.Options(configuration), classifier, cancellation) : null;
            var panel = FilterComposition.Panel(configuration, classifier, null, taught?.Lessons, TimeProvider.System);
            var results = new List<FilterResult> { await new FilterLoad(panel, [.. messages.Select(message => File.ReadAllBytes(message.Path))], taught?.Count ?? 0).RunAsync(cancellation) };
            foreach (var name in others)
            {
                await using var other = await OtherFilter.StartAsync(name, messages, cancellation);
                results.Add(await other.RunAsync(messages, cancellation));
            }
            Print(results, result.GetValue(json));
        });
        return command;
    }

    private static IReadOnlyList<LabelledMessage> Messages(string[] paths) =>
        paths is [var index] && index.EndsWith(".index", StringComparison.Ordinal) ? TrainCommand.Index(index) : [.. paths.Select(path => new LabelledMessage(false, path, path))];

    private static List<LabelledMessage> Evenly(IReadOnlyList<LabelledMessage> all, int count)
    {
        if (count >= all.Count) return [.. all];
        return [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)])];
    }

    private static void Print(List<FilterResult> results, bool json) => Facts.PrintList(results, json, "Nothing was measured.",
        ("filter", one => one.Filter),
        ("messages/s", one => one.MessagesPerSecond.ToString("0.0", CultureInfo.InvariantCulture)),
        ("CPU ms/message", one => one.CpuMillisecondsPerMessage.ToString("0.00", CultureInfo.InvariantCulture)),
        ("CPU ms p50 / p90 / p99 / max", one => one.CpuMilliseconds?.ToString() ?? ""),
        ("just started", one => one.FirstPassCpuMilliseconds?.ToString() ?? ""),
        ("latency ms p50 / p90 / p99 / max", one => one.LatencyMilliseconds.ToString()),
        ("KB asked for", one => one.AllocatedBytesPerMessage is { } bytes ? (bytes / 1024).ToString(CultureInfo.InvariantCulture) : ""),
        ("MB held", one => one.ResidentBytes is { } bytes ? (bytes >> 20).ToString(CultureInfo.InvariantCulture) : ""));
}
