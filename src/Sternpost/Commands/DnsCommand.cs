using System.CommandLine;
using System.Net;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.MailAuth.Published;
using Sternpost.Queue.Signing;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Commands;

/// <summary><c>dns show|check|publish|rotate DOMAIN</c>.</summary>
internal static class DnsCommand
{
    public static Command Create() => new("dns", "The DNS records a domain needs.") { Show(), Check(), Publish(), Rotate() };

    private static Command Show()
    {
        var domain = Inputs.Domain();
        var zone = new Option<bool>("--zone") { Description = "As lines of a zone file, in place of the fields of a provider's web form." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Prints the records to publish, each with its reason.") { domain, zone, json };
        command.SetAction(async (result, cancellation) =>
        {
            var (facts, _) = await FactsAsync(result, result.GetRequiredValue(domain), cancellation);
            var records = DnsRecords.For(facts);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(records.Select(record => new { record.Name, record.Type, record.Ttl, record.Value, record.Importance, record.Why, record.Without })));
            else Console.Out.Write(result.GetValue(zone) ? DnsRecords.ToZoneFile(records) : DnsRecords.ToTable(records, facts.Domain));
        });
        return command;
    }

    private static Command Check()
    {
        var domain = Inputs.Domain();
        var json = CommonOptions.Json();
        var command = new Command("check", "Compares what is published with what should be, and says what follows. Exits 1 where something essential is missing or something does harm.") { domain, json };
        command.SetAction(async (result, cancellation) =>
        {
            var (facts, resolver) = await FactsAsync(result, result.GetRequiredValue(domain), cancellation);
            var checks = await DnsComparison.CheckAsync(facts, resolver, TimeProvider.System, cancellation);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(checks.Select(Fact)));
            else
            {
                PrintChecks(checks);
                var failures = checks.Count(check => check.IsFailure);
                Console.Out.WriteLine();
                Console.Out.WriteLine(failures > 0 ? $"{failures} {(failures == 1 ? "record" : "records")} to mend. What to publish: sternpost dns show {facts.Domain}"
                    : checks.Any(check => check.State == PublishedState.Unknown) ? "Nothing wrong was found, but DNS did not answer for everything."
                    : "Everything essential is in order.");
            }
            return checks.Any(check => check.IsFailure) ? CommandLine.Failed : 0;
        });
        return command;
    }

    private static Command Publish()
    {
        var domain = Inputs.Domain();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would change." };
        var replace = new Option<bool>("--replace") { Description = "Replace records that stand in the way and were not put in by this server. Look at them with --dry-run first." };
        var json = CommonOptions.Json();
        var command = new Command("publish", "Puts the records into the domain's zone by dynamic update (RFC 2136), with the key of [dns.update] in the configuration. Shows the difference first; changes only what this server put in.") { domain, dryRun, replace, json };
        command.SetAction(async (result, cancellation) =>
        {
            var name = result.GetRequiredValue(domain);
            var (facts, _) = await FactsAsync(result, name, cancellation);
            var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var publisher = ZoneUpdates.Publisher(configuration, installation.Database, TimeProvider.System)
                ?? throw new OperationFailedException("No server takes changes: set server, key and secret_file in [dns.update] of the configuration. Or publish by hand: sternpost dns show " + name);
            var publication = await publisher.PlanAsync(name, DnsRecords.For(facts), (_, _) => true, result.GetValue(replace), cancellation);
            if (publication.Problem is { } problem) throw new OperationFailedException(problem + ".");
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(publication.Lines));
            else PrintPlan([.. publication.Lines]);
            var left = publication.Lines.Count(line => line.Fate == PlannedFate.LeftAlone);
            if (result.GetValue(dryRun) || publication.IsEmpty)
            {
                await Console.Error.WriteLineAsync(publication.IsEmpty ? "Nothing is to be changed." : "Nothing was changed. Without --dry-run it is.");
            }
            else
            {
                var outcome = await publisher.ApplyAsync(name, publication, cancellation);
                if (outcome.State == PrimaryState.ChangedMeanwhile) throw new OperationFailedException("The zone was changed by somebody else while this looked at it, so nothing was changed. Try again.");
                if (outcome.State != PrimaryState.Done) throw new OperationFailedException(outcome.Reason + ".");
                await Console.Error.WriteLineAsync($"{publication.Lines.Count(line => line.Fate == PlannedFate.Added)} added, {publication.Lines.Count(line => line.Fate == PlannedFate.Removed)} removed. Others see it when what they remember has expired: sternpost dns check {name}");
            }
            if (left > 0) await Console.Error.WriteLineAsync($"{left} {(left == 1 ? "record was" : "records were")} left alone, because others stand in the way that this server did not put in. See whether they do the same: sternpost dns check {name}. To replace them: --replace");
            return 0;
        });
        return command;
    }

    private static void PrintPlan(IReadOnlyList<PlannedRecord> lines)
    {
        var width = lines.Count == 0 ? 0 : lines.Max(line => line.Name.Length);
        foreach (var line in lines)
        {
            var word = line.Fate switch { PlannedFate.Added => "+", PlannedFate.Removed => "-", PlannedFate.Kept => "=", PlannedFate.LeftAlone => "!", _ => "elsewhere" };
            Console.Out.WriteLine($"  {word,-10}{line.Name.PadRight(width)}  {line.Type,-5}  {line.Value}");
            if (line.Reason.Length > 0) Console.Out.WriteLine($"  {"",-10}{"".PadRight(width)}  {line.Reason}");
        }
    }

    private static Command Rotate()
    {
        var domain = Inputs.Domain();
        var command = new Command("rotate", "Makes the next DKIM keys now instead of on schedule. They sign once they have been seen in DNS for two days.") { domain };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var name = (await DomainCommand.FindAsync(installation.Directory, result.GetRequiredValue(domain), cancellation)).Name;
            var made = await new DkimKeys(installation.Database, TimeProvider.System).PrepareAsync(name, cancellation);
            await Console.Error.WriteLineAsync(made > 0
                ? $"The next keys of {name} are made. Publish them: sternpost dns show {name}, or sternpost dns publish {name} where [dns.update] is set"
                : $"The next keys of {name} were made before and wait to be seen in DNS: sternpost dns check {name}");
        });
        return command;
    }

    /// <summary>What <c>--json</c> says of a compared record.</summary>
    internal static object Fact(DnsRecordCheck check) =>
        new { check.Record.Name, check.Record.Type, check.Record.Ttl, check.Record.Value, check.Record.Importance, check.Record.Why, check.Record.Without, check.State, check.Found, check.Remarks };

    /// <summary>Prints compared records, each with its state and, where it is not as wanted, what is different and what follows.</summary>
    internal static void PrintChecks(IReadOnlyList<DnsRecordCheck> checks)
    {
        var name = checks.Count == 0 ? 0 : checks.Max(check => check.Record.Name.Length);
        foreach (var check in checks)
        {
            Console.Out.WriteLine($"  {Word(check),-10}{check.Record.Name.PadRight(name)}  {check.Record.Type,-5}  {check.Record.Value}");
            if (check.State == PublishedState.Different) Console.Out.WriteLine($"  {"",-10}{"".PadRight(name)}  found: {string.Join(", ", check.Found)}");
            foreach (var remark in check.Remarks) Console.Out.WriteLine($"  {"",-10}{"".PadRight(name)}  {remark}");
        }
    }

    private static string Word(DnsRecordCheck check) => check switch
    {
        { State: PublishedState.Published } => "ok",
        { State: PublishedState.Missing, Record.Importance: RecordImportance.Essential } => "MISSING",
        { State: PublishedState.Missing, Record.Importance: RecordImportance.Recommended } => "missing",
        { State: PublishedState.Missing } => "none",
        { State: PublishedState.Different } => "DIFFERENT",
        { State: PublishedState.Unknown } => "unknown",
        _ => "",
    };

    private static async Task<(PublishedFacts Facts, IDnsResolver Resolver)> FactsAsync(ParseResult result, DomainName domain, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        await DomainCommand.FindAsync(installation.Directory, domain, cancellation);
        var path = CommonOptions.ConfigurationPath(result);
        if (File.Exists(path) || result.GetValue(CommonOptions.Config) is not null)
        {
            var configuration = ConfigurationFile.Load(path);
            var resolver = FilterComposition.Resolver(configuration);
            var addresses = await ServerAddresses.OfAsync(configuration, resolver, cancellation);
            var facts = await PublishedRecords.FactsAsync(domain, configuration, result.GetRequiredValue(CommonOptions.Data), addresses, installation.Database, cancellation);
            var served = new ServedPolicy(resolver, TimeProvider.System);
            return (facts with { ServedPolicy = stopping => served.CheckAsync(domain, facts.HostName, Settings.OwnPolicy(configuration), stopping) }, resolver);
        }
        // The demo has no configuration, and its host is the usual name on this computer.
        var host = DomainName.Parse("mail." + domain.Ascii);
        await Console.Error.WriteLineAsync($"There is no configuration at {path}, so the host name is taken to be {host}.");
        return (await PublishedRecords.FactsAsync(domain, host, Array.Empty<IPAddress>(), installation.Database, cancellation), FilterComposition.Resolver(ConfigurationFile.Defaults()));
    }
}
