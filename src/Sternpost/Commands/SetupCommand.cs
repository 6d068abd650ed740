using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Messages.Addresses;
using Sternpost.Setup;
using Sternpost.Storage;

namespace Sternpost.Commands;

/// <summary><c>setup</c>.</summary>
internal static class SetupCommand
{
    private static readonly Option<DomainName?> Domain = new("--domain") { Description = "The first domain to receive mail for.", HelpName = "DOMAIN", CustomParser = Inputs.ParseDomain };
    private static readonly Option<DomainName?> Hostname = new("--hostname") { Description = "The server's full name. [default: mail.DOMAIN]", HelpName = "NAME", CustomParser = Inputs.ParseDomain };
    private static readonly Option<EmailAddress?> Administrator = new("--admin") { Description = "The administrator's address, which becomes the first account. [default: admin@DOMAIN]", HelpName = "ADDRESS", CustomParser = Inputs.ParseAddress };
    private static readonly Option<IPAddress[]> Addresses = new("--address") { Description = "A public address of this server; may be repeated. [default: what the host name has in DNS]", HelpName = "IP", CustomParser = ParseAddresses };
    private static readonly Option<bool> Acme = new("--acme") { Description = $"Have certificates ordered from Let's Encrypt and renewed by the server. Says that you accept its terms of service: {SetupAnswers.Terms}" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Ask nothing and go on whatever the checks say." };
    private static readonly Option<bool> PasswordFromInput = Inputs.PasswordFromInput();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("setup", "Makes a server: checks the machine, writes the configuration, keys, a first certificate and the administrator's account, and prints the DNS records to publish. Run again it leaves what is there.")
        {
            Domain, Hostname, Administrator, Addresses, Acme, Yes, PasswordFromInput, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult result, CancellationToken cancellation)
    {
        var folder = result.GetRequiredValue(CommonOptions.Data);
        var path = CommonOptions.ConfigurationPath(result);
        if (File.Exists(DemoFile(folder))) throw new OperationFailedException($"{Path.GetFullPath(folder)} is the data folder of a demo. Name another with --data.");
        var asks = !result.GetValue(Yes) && !Console.IsInputRedirected;
        var existing = File.Exists(path) ? ConfigurationFile.Load(path) : null;
        var answers = SetupAnswers.Gather(result.GetValue(Domain), result.GetValue(Hostname) ?? existing?.Server.Hostname, result.GetValue(Administrator), result.GetValue(Addresses) ?? [], result.GetValue(Acme) ? true : existing is not null ? false : null, asks);
        var text = NewInstallation.Configuration(answers);
        var configuration = existing ?? ConfigurationFile.Parse(text, path);
        var resolver = FilterComposition.Resolver(configuration);

        await Console.Error.WriteLineAsync("Looking at this machine; without a network that takes some seconds.");
        var addresses = await ServerAddresses.OfAsync(configuration, resolver, cancellation);
        var checks = await Preflight.RunAsync(new PreflightSubject(configuration, ExistingParent(folder), addresses, resolver), cancellation);
        if (!result.GetValue(Json)) PrintChecks(checks);
        GoOn(checks, result.GetValue(Yes), asks);

        if (existing is null) PrivateFile.Write(path, text);
        var madeCertificate = NewInstallation.EnsureCertificate(configuration, folder);
        await using var database = await Database.OpenAsync(folder, TimeProvider.System, cancellation);
        var given = result.GetValue(PasswordFromInput) ? Inputs.Password(fromInput: true) : null;
        var password = await NewInstallation.EnsureDirectoryAsync(database, answers, given, configuration.Storage.Quota, cancellation);
        var facts = await PublishedRecords.FactsAsync(answers.Domain, configuration, folder, addresses, database, cancellation);
        var published = await DnsComparison.CheckAsync(facts, resolver, TimeProvider.System, cancellation);
        var shown = given is null ? password : null;
        if (result.GetValue(Json))
        {
            Console.Out.WriteLine(Facts.Json(new
            {
                Configuration = Path.GetFullPath(path),
                Data = Path.GetFullPath(folder),
                Account = new { Address = answers.Administrator.ToString(), Password = shown },
                SelfSignedCertificate = madeCertificate,
                Checks = checks,
                Records = published.Select(DnsCommand.Fact),
            }));
            return;
        }
        Print(answers, path, folder, madeCertificate, configuration.Acme.AcceptTerms, shown, password is null, published);
    }

    private static void GoOn(IReadOnlyList<CheckResult> checks, bool yes, bool asks)
    {
        if (yes || checks.All(check => check.Level != CheckLevel.Failed)) return;
        if (!asks) throw new OperationFailedException("Nothing was changed, because a check failed. Mend it, or go on all the same with --yes.");
        Console.Error.Write("A check failed. Go on all the same? [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes")) throw new OperationFailedException("Nothing was changed.");
    }

    private static void PrintChecks(IReadOnlyList<CheckResult> checks)
    {
        Console.Out.WriteLine("This machine");
        foreach (var check in checks)
        {
            var level = check.Level switch { CheckLevel.Ok => "ok", CheckLevel.Warning => "warning", _ => "FAILED" };
            Console.Out.WriteLine($"  {level,-8} {check.Check,-20} {check.Finding}");
            if (check.Advice.Length > 0) Console.Out.WriteLine($"  {"",-8} {"",-20} → {check.Advice}");
        }
        Console.Out.WriteLine();
    }

    private static void Print(SetupAnswers answers, string path, string folder, bool madeCertificate, bool ordered, string? password, bool accountWasThere, IReadOnlyList<DnsRecordCheck> published)
    {
        Console.Out.WriteLine("Made");
        Console.Out.WriteLine($"  Configuration   {Path.GetFullPath(path)}");
        Console.Out.WriteLine($"  Data            {Path.GetFullPath(folder)}");
        Console.Out.WriteLine($"  Certificate     {(madeCertificate ? ordered ? "a first one of the server's own; 'serve' orders one from Let's Encrypt as soon as the host name leads here" : "a first one of the server's own; mail programs will warn until there is another: docs/operations/certificates.md" : "the files that were there")}");
        Console.Out.WriteLine($"  Administrator   {answers.Administrator}" + (password is not null ? $", password {password} (shown this once)" : accountWasThere ? ", who was there" : ", with the password given"));
        Console.Out.WriteLine();
        Console.Out.WriteLine($"DNS records to publish for {answers.Domain}");
        DnsCommand.PrintChecks(published);
        Console.Out.WriteLine();
        Console.Out.WriteLine($"Next: publish the records, then run  sternpost serve --data {folder}" + (path == Path.Combine(folder, "sternpost.toml") ? "" : $" --config {path}"));
    }

    // The disk can be looked at before the folder is there.
    private static string ExistingParent(string folder)
    {
        var full = Path.GetFullPath(folder);
        while (!Directory.Exists(full)) full = Path.GetDirectoryName(full)!;
        return full;
    }

    private static string DemoFile(string folder) => Demo.DemoFile.PathIn(folder);

    private static IPAddress[] ParseAddresses(ArgumentResult result)
    {
        var addresses = new List<IPAddress>();
        foreach (var token in result.Tokens)
        {
            if (IPAddress.TryParse(token.Value, out var address)) addresses.Add(address);
            else result.AddError($"'{token.Value}' is not an address such as 192.0.2.1 or 2001:db8::1.");
        }
        return [.. addresses];
    }
}
