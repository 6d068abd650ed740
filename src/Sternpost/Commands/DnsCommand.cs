using System.CommandLine;
using System.Net;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;

namespace Sternpost.Commands;

/// <summary><c>dns show|check DOMAIN</c>.</summary>
internal static class DnsCommand
{
    public static Command Create() => new("dns", "The DNS records a domain needs.") { Show(), Check() };

    private static Command Show()
    {
        var domain = Inputs.Domain();
        var zone = new Option<bool>("--zone") { Description = "As lines of a zone file." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Prints the records to publish, each with its reason.") { domain, zone, json };
        command.SetAction(async (result, cancellation) =>
        {
            var (records, _) = await RecordsAsync(result, result.GetRequiredValue(domain), cancellation);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(records));
            else Console.Out.Write(result.GetValue(zone) ? DnsRecords.ToZoneFile(records) : DnsRecords.ToTable(records));
        });
        return command;
    }

    private static Command Check()
    {
        var domain = Inputs.Domain();
        var json = CommonOptions.Json();
        var command = new Command("check", "Compares what is published with what should be. Exits 1 where something is missing or different.") { domain, json };
        command.SetAction(async (result, cancellation) =>
        {
            var (records, resolver) = await RecordsAsync(result, result.GetRequiredValue(domain), cancellation);
            var checks = await DnsComparison.CheckAsync(records, resolver, cancellation);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(checks.Select(Fact)));
            else PrintChecks(checks);
            return checks.Any(check => check.State is PublishedState.Missing or PublishedState.Different) ? CommandLine.Failed : 0;
        });
        return command;
    }

    /// <summary>What <c>--json</c> says of a compared record.</summary>
    internal static object Fact(DnsRecordCheck check) =>
        new { check.Record.Name, check.Record.Type, check.Record.Ttl, check.Record.Value, check.Record.Why, check.State, check.Found };

    /// <summary>Prints compared records, each with its state and, where it is not as wanted, what it is good for.</summary>
    internal static void PrintChecks(IReadOnlyList<DnsRecordCheck> checks)
    {
        var name = checks.Count == 0 ? 0 : checks.Max(check => check.Record.Name.Length);
        foreach (var check in checks)
        {
            var state = check.State switch
            {
                PublishedState.Published => "ok",
                PublishedState.Missing => "MISSING",
                PublishedState.Different => "DIFFERENT",
                PublishedState.Unknown => "unknown",
                _ => "",
            };
            Console.Out.WriteLine($"  {state,-10}{check.Record.Name.PadRight(name)}  {check.Record.Type,-4}  {check.Record.Value}");
            if (check.State == PublishedState.Published) continue;
            if (check.Found.Count > 0) Console.Out.WriteLine($"  {"",-10}{"".PadRight(name)}  found: {string.Join(", ", check.Found)}");
            Console.Out.WriteLine($"  {"",-10}{"".PadRight(name)}  {check.Record.Why}");
        }
    }

    private static async Task<(IReadOnlyList<DnsRecordToPublish> Records, IDnsResolver Resolver)> RecordsAsync(ParseResult result, DomainName domain, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        await DomainCommand.FindAsync(installation.Directory, domain, cancellation);
        var path = CommonOptions.ConfigurationPath(result);
        if (File.Exists(path) || result.GetValue(CommonOptions.Config) is not null)
        {
            var configuration = ConfigurationFile.Load(path);
            var resolver = FilterComposition.Resolver(configuration);
            var addresses = await ServerAddresses.OfAsync(configuration, resolver, cancellation);
            return (await PublishedRecords.OfAsync(domain, configuration.Server.Hostname, addresses, installation.Database, cancellation), resolver);
        }
        // The demo has no configuration, and its host is the usual name on this computer.
        var host = DomainName.Parse("mail." + domain.Ascii);
        await Console.Error.WriteLineAsync($"There is no configuration at {path}, so the host name is taken to be {host}.");
        return (await PublishedRecords.OfAsync(domain, host, Array.Empty<IPAddress>(), installation.Database, cancellation), FilterComposition.Resolver(ConfigurationFile.Defaults()));
    }
}
