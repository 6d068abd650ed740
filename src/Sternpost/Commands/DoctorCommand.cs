using System.CommandLine;
using System.Net;
using System.Text.Json;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Demo;
using Sternpost.Dns;
using Sternpost.Doctor;
using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Commands;

/// <summary><c>doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var noNetwork = new Option<bool>("--no-network") { Description = "Ask nothing outside this computer: no DNS, no time server, no lists." };
        var all = new Option<bool>("--all") { Description = "Show what is in order, too." };
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Examines the running installation and says what is wrong, how bad it is, and the command or record that mends it. Exits 1 where something is wrong, 0 where there is nothing or only something to improve.") { noNetwork, all, json };
        command.SetAction(async (result, cancellation) =>
        {
            var results = await ExamineAsync(result, !result.GetValue(noNetwork), cancellation);
            var healthy = results.All(check => check.Level != CheckLevel.Failed);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(new { Healthy = healthy, Checks = results }));
            else Print(results, result.GetValue(all));
            return healthy ? 0 : CommandLine.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckResult>> ExamineAsync(ParseResult result, bool outside, CancellationToken cancellation)
    {
        var folder = Path.GetFullPath(result.GetRequiredValue(CommonOptions.Data));
        if (!Directory.Exists(folder)) return [CheckResult.Failed("Data folder", $"there is none at {folder}", $"Name it with --data, or make one: sternpost setup --data {folder}")];
        ServerConfiguration configuration;
        var isDemo = File.Exists(DemoFile.PathIn(folder));
        try
        {
            configuration = isDemo ? Demo(folder) : ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
        }
        catch (ConfigurationException wrong)
        {
            return [.. wrong.Problems.Select(problem => CheckResult.Failed("Configuration", problem.ToString(), "Correct the line; docs/configuration.md explains every setting. The running server goes on with what it read when it started."))];
        }
        await using var database = await Database.OpenAsync(folder, TimeProvider.System, cancellation);
        var resolver = FilterComposition.Resolver(configuration);
        IReadOnlyList<IPAddress> addresses = outside && !isDemo ? await ServerAddresses.OfAsync(configuration, resolver, cancellation) : configuration.Server.Addresses;
        var results = await Examination.RunAsync(new Patient(configuration, folder, database, resolver, addresses, isDemo), outside, only: null, cancellation);
        return [CheckResult.Ok("Configuration", isDemo ? "the demo's" : $"{CommonOptions.ConfigurationPath(result)} is sound"), .. results];
    }

    private static ServerConfiguration Demo(string folder)
    {
        var configuration = ConfigurationFile.Defaults();
        configuration.Server.Hostname = DomainName.Parse("mail.demo.test");
        using var facts = JsonDocument.Parse(File.ReadAllText(DemoFile.PathIn(folder)));
        var ports = facts.RootElement.GetProperty("ports");
        foreach (var (name, listener) in configuration.Listeners.All)
        {
            listener.Addresses = [IPAddress.Loopback];
            listener.Port = ports.TryGetProperty(name, out var port) && port.ValueKind == JsonValueKind.Number ? port.GetInt32() : 0;
        }
        return configuration;
    }

    private static void Print(IReadOnlyList<CheckResult> results, bool all)
    {
        // The worst first; what is in order only counts unless it is asked for.
        foreach (var check in results.Where(check => all || check.Level is CheckLevel.Failed or CheckLevel.Warning).OrderBy(check => check.Level switch { CheckLevel.Failed => 0, CheckLevel.Warning => 1, CheckLevel.Ok => 2, _ => 3 }))
        {
            var level = check.Level switch { CheckLevel.Failed => "WRONG", CheckLevel.Warning => "improve", CheckLevel.Ok => "ok", _ => "skipped" };
            Console.Out.WriteLine($"{level,-8} {check.Check,-20} {check.Finding}");
            if (check.Advice.Length > 0) Console.Out.WriteLine($"{"",-8} {"",-20} → {check.Advice}");
        }
        var (wrong, better, fine, skipped) = (Count(CheckLevel.Failed), Count(CheckLevel.Warning), Count(CheckLevel.Ok), Count(CheckLevel.Skipped));
        if (all || wrong + better > 0) Console.Out.WriteLine();
        Console.Out.WriteLine($"{(wrong == 0 ? "Nothing is wrong" : wrong == 1 ? "1 thing is wrong" : $"{wrong} things are wrong")}; {better} to improve, {fine} in order{(skipped > 0 ? $", {skipped} not looked at" : "")}.{(all ? "" : " All of them: sternpost doctor --all")}");

        int Count(CheckLevel level) => results.Count(check => check.Level == level);
    }
}
