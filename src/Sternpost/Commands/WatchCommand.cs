using System.CommandLine;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Doctor;
using Sternpost.Setup;
using Sternpost.Watch;

namespace Sternpost.Commands;

/// <summary><c>watch show|run</c>.</summary>
internal static class WatchCommand
{
    public static Command Create() => new("watch", "What others see of this server: DNS lists, reverse DNS, certificate, published records. The running server looks every hour and writes to postmaster when something changes.") { Show(), Run() };

    private static Command Show()
    {
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows what is not as it should be, with the way to mend it.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            await PrintAsync(new WatchBook(installation.Database, TimeProvider.System), result.GetValue(json), cancellation);
        });
        return command;
    }

    private static Command Run()
    {
        var json = CommonOptions.Json();
        var command = new Command("run", "Looks now, and shows the same. Tells nobody else.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            var resolver = FilterComposition.Resolver(configuration);
            var patient = new Patient(configuration, installation.Database.Folder, installation.Database, resolver, await ServerAddresses.OfAsync(configuration, resolver, cancellation), IsDemo: false);
            var book = new WatchBook(installation.Database, TimeProvider.System);
            await book.WriteAsync(Examination.Watched, await Examination.RunAsync(patient, outside: true, Examination.Watched, cancellation), cancellation);
            await PrintAsync(book, result.GetValue(json), cancellation);
        });
        return command;
    }

    private static async Task PrintAsync(WatchBook book, bool json, CancellationToken cancellation)
    {
        var problems = await book.ProblemsAsync(cancellation);
        var made = await book.CheckedAsync(cancellation);
        var last = made.Count == 0 ? (DateTimeOffset?)null : made.Values.Max();
        if (json)
        {
            Console.Out.WriteLine(Facts.Json(new { Checked = last, Problems = problems }));
            return;
        }
        foreach (var problem in problems)
        {
            Console.Out.WriteLine($"{(problem.Level == CheckLevel.Failed ? "WRONG" : "improve"),-8} {problem.Check,-14} {problem.Finding}");
            Console.Out.WriteLine($"{"",-8} {"since",-14} {problem.Since:u}");
            if (problem.Advice.Length > 0) Console.Out.WriteLine($"{"",-8} {"",-14} → {problem.Advice}");
        }
        await Console.Error.WriteLineAsync(last is null ? "Nothing was looked at yet. The running server does it every hour; now: sternpost watch run"
            : problems.Count == 0 ? $"Everything others see was in order at {last:u}." : $"Looked at {last:u}.");
    }
}
