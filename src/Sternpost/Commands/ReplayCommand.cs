using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Refitting;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Commands;

/// <summary><c>replay</c>: what would become of the mail of the last weeks under other thresholds, weights, models or lists.</summary>
internal static class ReplayCommand
{
    private const int ShownChanges = 40;

    private static readonly Option<double?> JunkAt = new("--junk-threshold") { Description = "The score of Junk to try. [default: filter.junk_at]", HelpName = "SCORE" };
    private static readonly Option<double?> RejectAt = new("--reject-threshold") { Description = "The score of refusal to try. [default: filter.reject_at]", HelpName = "SCORE" };
    private static readonly Option<(string Symbol, double Weight)[]> Weights = new("--weight") { Description = "A weight to try, as in filter.weights; may be repeated.", HelpName = "SYMBOL=WEIGHT", CustomParser = ParseWeights };
    private static readonly Option<TimeSpan?> Since = new("--since") { Description = "How far back, for example 7d. [default: all that is kept]", HelpName = "DURATION", CustomParser = Inputs.ParseDuration };
    private static readonly Option<bool> WithProposal = new("--proposal") { Description = "Try what the nightly refit proposes." };
    private static readonly Option<bool> Again = new("--rejudge") { Description = "Judge the messages that are still here again, by the configuration as it is now, instead of going by what was found then." };
    private static readonly Option<string?> Model = new("--model") { Description = "Judge them again with this model.", HelpName = "FILE" };
    private static readonly Option<bool> Dns = new("--dns") { Description = "Judge them again and ask DNS lists too, as they are now." };
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        var command = new Command("replay", "Shows which messages of the last weeks would go elsewhere under other weights, thresholds, models or lists. Changes nothing.")
        {
            JunkAt, RejectAt, Weights, Since, WithProposal, Again, Model, Dns, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult result, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        var configuration = FilterComposition.ConfigurationOf(result);
        var options = FilterComposition.Options(configuration);
        var inForce = InForce(options, configuration);
        var proposal = await Proposals.LatestAsync(installation.Database, cancellation);
        if (result.GetValue(WithProposal))
        {
            var made = proposal ?? throw new OperationFailedException("The nightly refit has proposed nothing yet: it needs enough mail whose owners said what they think of it, and something better than what is in force.");
            options = options with { JunkThreshold = made.JunkAt, RejectThreshold = made.RejectAt, Weights = made.Factors.ToDictionary(pair => pair.Key, pair => Absolute(pair.Key, pair.Value, inForce)) };
        }
        else options = options with { Weights = new Dictionary<string, double>() };
        options = options with
        {
            JunkThreshold = result.GetValue(JunkAt) ?? options.JunkThreshold,
            RejectThreshold = result.GetValue(RejectAt) ?? options.RejectThreshold,
            Weights = FilterComposition.WeightsOf([.. options.Weights.Select(pair => (pair.Key, pair.Value)), .. result.GetValue(Weights) ?? []]),
        };

        var run = new Run(installation, new Replay(options, inForce), AgainOf(result, configuration));
        await run.AllAsync(result.GetValue(Since) is { } since ? TimeProvider.System.GetUtcNow() - since : DateTimeOffset.UnixEpoch, cancellation);
        var fact = await run.FactAsync(proposal is null ? null : ProposalFact.Of(proposal, inForce), cancellation);
        if (result.GetValue(Json)) Console.Out.WriteLine(Facts.Json(fact));
        else Print(fact, result.GetValue(WithProposal));
    }

    private static Rejudge? AgainOf(ParseResult result, ServerConfiguration configuration)
    {
        var (model, dns) = (result.GetValue(Model), result.GetValue(Dns));
        if (!result.GetValue(Again) && model is null && !dns) return null;
        var options = FilterComposition.Options(configuration) with { Rules = FilterComposition.Rules(configuration.Filter.SpamAssassinRules), RuleWeight = configuration.Filter.SpamAssassinWeight };
        var classifier = new StatisticalClassifier(FilterComposition.Model(model ?? configuration.Filter.Model));
        return new Rejudge(options, StandardJudges.All(options, dns ? FilterComposition.Resolver(configuration) : null, classifier), TimeProvider.System);
    }

    // The weight that is written down stands for what was in force; of a symbol without a usual weight that is a factor.
    private static Dictionary<string, double> InForce(FilterOptions options, ServerConfiguration configuration)
    {
        var usual = StandardJudges.UsualWeights(options with { Rules = FilterComposition.Rules(configuration.Filter.SpamAssassinRules) });
        foreach (var (symbol, weight) in options.Weights) usual[symbol] = weight;
        return usual;
    }

    private static double Absolute(string symbol, double factor, Dictionary<string, double> inForce) =>
        Math.Round(inForce.GetValueOrDefault(symbol) is var weight && weight != 0 ? weight * factor : factor, 2);

    private static void Print(ReplayFact fact, bool withProposal)
    {
        var output = Console.Out;
        output.WriteLine($"{fact.Messages} messages, {fact.Changed} copies would go elsewhere{(fact.Rejudged > 0 ? $" ({fact.Rejudged} messages judged again)" : "")}.");
        output.WriteLine($"Known to be wanted: {fact.KnownHam}, of them lost {fact.HamLostThen} instead of {fact.HamLostNow}. Known to be spam: {fact.KnownSpam}, of them in the inbox {fact.SpamMissedThen} instead of {fact.SpamMissedNow}.");
        foreach (var change in fact.Changes.Take(ShownChanges))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {change.At:yyyy-MM-dd HH:mm}  {change.Was.ToString().ToLowerInvariant(),-6} → {change.Would.ToString().ToLowerInvariant(),-6}  {change.ScoreWas,6:0.0} → {change.Score,-6:0.0}  {change.Sender}{(change.Account.Length > 0 ? " to " + change.Account : "")}{(change.Label == KnownLabel.None ? "" : $"  ({change.Label.ToString().ToLowerInvariant()})")}"));
        }
        if (fact.Changes.Count > ShownChanges) output.WriteLine($"  … and {fact.Changes.Count - ShownChanges} more; all with --json.");
        if (fact.Proposal is not { } proposal) return;
        output.WriteLine();
        output.WriteLine(withProposal ? "To apply it, write into [filter] of the configuration:" : "The nightly refit proposes (try it with --proposal):");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  junk_at = {proposal.JunkAt:0.0#}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  reject_at = {proposal.RejectAt:0.0#}"));
        if (proposal.Weights.Count > 0) output.WriteLine($"  weights = [{string.Join(", ", proposal.Weights.Select(weight => $"\"{weight}\""))}]");
    }

    private static (string, double)[] ParseWeights(ArgumentResult result)
    {
        var weights = new List<(string, double)>();
        foreach (var token in result.Tokens)
        {
            if (ValueKinds.TryWeight(token.Value, out var weight)) weights.Add(weight);
            else result.AddError($"'{token.Value}' is not a symbol and its weight such as SPF_FAIL=2.0.");
        }
        return [.. weights];
    }

    /// <summary>One replay over what is kept.</summary>
    private sealed class Run(Installation installation, Replay replay, Rejudge? again)
    {
        private readonly List<(ReplayedMessage Message, ReplayedCopy Copy)> changes = [];
        private int messages, rejudged, knownHam, knownSpam, lostNow, missedNow, lostThen, missedThen;

        public async Task AllAsync(DateTimeOffset since, CancellationToken cancellation)
        {
            await foreach (var message in new FindingsBook(installation.Database, TimeProvider.System).SinceAsync(since, cancellation))
            {
                messages++;
                var changed = replay.Judge(message, await FindingsAsync(message, cancellation));
                foreach (var copy in message.Copies) Count(copy, changed?.Copies.FirstOrDefault(then => then.AccountId == copy.AccountId)?.Would ?? copy.Disposition);
                foreach (var copy in changed?.Copies ?? []) changes.Add((changed!, copy));
            }
        }

        public async Task<ReplayFact> FactAsync(ProposalFact? proposal, CancellationToken cancellation)
        {
            var accounts = (await installation.Directory.AccountsAsync(null, cancellation)).ToDictionary(account => account.Id, account => account.Address.ToString());
            return new ReplayFact(
                messages, rejudged, changes.Count, knownHam, lostNow, lostThen, knownSpam, missedNow, missedThen,
                [.. changes.Select(change => new ChangeFact(
                    change.Message.Message.Id.ToString("x16", CultureInfo.InvariantCulture), change.Message.Message.At, change.Message.Message.Reference, change.Message.Message.MessageId, change.Message.Message.Sender,
                    accounts.GetValueOrDefault(change.Copy.AccountId, ""), change.Copy.Was, change.Copy.Would, Math.Round(change.Message.Message.Score, 3), Math.Round(change.Message.Score, 3), change.Copy.Label))],
                proposal);
        }

        private void Count(KeptCopy copy, Disposition then)
        {
            switch (copy.Label)
            {
                case KnownLabel.None: return;
                case KnownLabel.Spam:
                    knownSpam++;
                    if (copy.Disposition == Disposition.Accept) missedNow++;
                    if (then == Disposition.Accept) missedThen++;
                    return;
                default:
                    knownHam++;
                    if (copy.Disposition != Disposition.Accept) lostNow++;
                    if (then != Disposition.Accept) lostThen++;
                    return;
            }
        }

        private async ValueTask<IReadOnlyList<Finding>> FindingsAsync(KeptMessage message, CancellationToken cancellation)
        {
            if (again is null) return message.Findings;
            foreach (var copy in message.Copies)
            {
                if (await installation.Mail.EmailsAsync([copy.EmailId], cancellation) is not [var email] || await installation.Mail.ContentAsync(copy.EmailId, cancellation) is not { } content) continue;
                rejudged++;
                return await again.FindingsAsync(message, content, email.PrefixLength, cancellation);
            }
            return message.Findings;
        }
    }

    /// <summary>What <c>--json</c> says.</summary>
    private sealed record ReplayFact(
        int Messages, int Rejudged, int Changed, int KnownHam, int HamLostNow, int HamLostThen, int KnownSpam, int SpamMissedNow, int SpamMissedThen, IReadOnlyList<ChangeFact> Changes, ProposalFact? Proposal);

    private sealed record ChangeFact(
        string Id, DateTimeOffset At, string Reference, string MessageId, string Sender, string Account, Disposition Was, Disposition Would, double ScoreWas, double Score, KnownLabel Label);

    private sealed record ProposalFact(double JunkAt, double RejectAt, IReadOnlyList<string> Weights, string Words)
    {
        internal static ProposalFact Of(Proposal proposal, Dictionary<string, double> inForce) => new(
            proposal.JunkAt, proposal.RejectAt,
            [.. proposal.Factors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={Absolute(pair.Key, pair.Value, inForce):0.0#}"))],
            proposal.InWords);
    }
}
