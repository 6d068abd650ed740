using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Results;
using Sternpost.Messages.Addresses;

namespace Sternpost.Commands;

/// <summary><c>check FILE…</c>.</summary>
internal static class CheckCommand
{
    // As long as a session waits for it.
    private static readonly TimeSpan ReverseNameWithin = TimeSpan.FromSeconds(5);

    private static readonly Argument<string[]> Files = new("file") { Description = "Message files; - is standard input.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<IPAddress?> Client = new("--ip") { Description = "The client's address. [default: from the topmost Received field]", HelpName = "ADDRESS", CustomParser = ParseClient };
    private static readonly Option<string?> Helo = new("--helo") { Description = "What the client said in HELO. [default: from the topmost Received field]", HelpName = "NAME" };
    private static readonly Option<EmailAddress?> MailFrom = new("--mail-from") { Description = "The reverse-path. [default: from Return-Path]", HelpName = "ADDRESS", CustomParser = Inputs.ParseAddress };
    private static readonly Option<EmailAddress[]> Recipients = new("--rcpt") { Description = "A recipient; may be repeated.", HelpName = "ADDRESS", CustomParser = ParseRecipients };
    private static readonly Option<bool> NoDns = new("--no-dns") { Description = "Look nothing up." };
    private static readonly Option<string[]> Rules = new("--rules") { Description = "A folder of SpamAssassin rules to judge with as well; may be repeated. [default: filter.spamassassin_rules]", HelpName = "FOLDER" };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("check", "Judges messages as if they arrived now and explains.") { Files, Client, Helo, MailFrom, Recipients, NoDns, Rules, Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult result, CancellationToken cancellation)
    {
        var configuration = FilterComposition.ConfigurationOf(result);
        if (result.GetValue(Rules) is { Length: > 0 } folders) configuration.Filter.SpamAssassinRules = folders;
        var classifier = new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model));
        // --no-dns looks nothing up, but the scanner belongs to this machine.
        await using var scanners = FilterComposition.Scanners(configuration, TimeProvider.System, NullLoggerFactory.Instance);
        var resolver = result.GetValue(NoDns) ? null : FilterComposition.Resolver(configuration);
        var panel = FilterComposition.Panel(configuration, classifier, resolver, null, TimeProvider.System, scanner: scanners, everyRule: true);
        var arrival = new Arrival { Client = result.GetValue(Client), Helo = result.GetValue(Helo), MailFrom = result.GetValue(MailFrom), Recipients = result.GetValue(Recipients) ?? [] };
        var json = new List<object>();
        foreach (var file in result.GetRequiredValue(Files))
        {
            var message = await WithReverseNameAsync(arrival.Arriving(await ReadAsync(file, cancellation), "check", TimeProvider.System), resolver);
            var judgement = await panel.JudgeAsync(message, cancellation);
            if (result.GetValue(Json)) json.Add(Fact(file, judgement));
            else Print(file, judgement);
        }
        if (result.GetValue(Json)) Console.Out.WriteLine(Facts.Json(json));
    }

    // What the connection stage asks while the client says hello, where the message's own trace does not tell.
    private static async Task<MessageUnderJudgement> WithReverseNameAsync(MessageUnderJudgement message, IDnsResolver? resolver)
    {
        if (resolver is null || !message.ClientKnown || message.Session.ReverseResult != ReverseOutcome.None.Result) return message;
        var reverse = await ReverseLookup.AskAsync(resolver, message.Session.ClientAddress, ReverseNameWithin, TimeProvider.System);
        return new MessageUnderJudgement(message.Session with { ReverseName = reverse.Name, ReverseResult = reverse.Result }, message.Envelope, message.Raw) { Trace = message.Trace };
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        if (file != "-") return await File.ReadAllBytesAsync(file, cancellation);
        await using var input = Console.OpenStandardInput();
        using var memory = new MemoryStream();
        await input.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }

    private static object Fact(string file, Judgement judgement) => new
    {
        File = file,
        Verdict = judgement.Verdict.Disposition,
        Score = Math.Round(judgement.Verdict.Score, 4),
        Probability = Math.Round(judgement.Verdict.Probability, 6),
        judgement.Verdict.Reason,
        AuthenticationResults = judgement.AuthenticationResults,
        Authentication = Lines(judgement),
        Findings = judgement.Verdict.Findings.Select(finding => new { finding.Symbol, Weight = Math.Round(finding.Weight, 4), finding.Explanation, finding.Data }),
        judgement.Deferral,
        Outcome = judgement.Deferral is { } waiting ? $"It would be asked to come back: {waiting}" : Outcome(judgement.Verdict),
    };

    private static void Print(string file, Judgement judgement)
    {
        var verdict = judgement.Verdict;
        var output = Console.Out;
        output.WriteLine(file);
        if (judgement.Authentication is null) output.WriteLine("  Authentication: not checked");
        foreach (var line in Lines(judgement)) output.WriteLine($"  {line.Method,-5} {line.Result,-9} {line.Reason}");
        foreach (var finding in verdict.Findings)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {finding.Weight,7:+0.00;-0.00;0.00}  {finding.Symbol,-24}  {finding.Explanation}"));
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {verdict.Score,7:+0.00;-0.00;0.00}  in total: spam with a probability of {100 * verdict.Probability:0.00} %"));
        output.WriteLine($"  Verdict: {verdict.Disposition.ToString().ToLowerInvariant()}. {verdict.Reason}");
        output.WriteLine($"  {Outcome(verdict)}");
        output.WriteLine();
    }

    private static IReadOnlyList<ResultLine> Lines(Judgement judgement) => judgement.Authentication is { } outcome ? ResultLines.Of(outcome) : [];

    private static string Outcome(Verdict verdict) => verdict.Disposition switch
    {
        _ when verdict.IsQuarantined => $"It would be held in quarantine: {verdict.Reason}",
        Disposition.Accept => "It would go to the inbox.",
        Disposition.Junk => "It would be accepted and go to the Junk folder.",
        _ => $"It would be refused: 550 5.7.1 {verdict.Reason}",
    };

    private static IPAddress? ParseClient(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out var address)) return address;
        result.AddError($"'{result.Tokens[0].Value}' is not an address such as 192.0.2.1 or 2001:db8::1.");
        return null;
    }

    private static EmailAddress[] ParseRecipients(ArgumentResult result)
    {
        var addresses = new List<EmailAddress>();
        foreach (var token in result.Tokens)
        {
            if (EmailAddress.TryParse(token.Value, out var address)) addresses.Add(address);
            else result.AddError($"'{token.Value}' is not an email address such as alice@example.com.");
        }
        return [.. addresses];
    }
}
