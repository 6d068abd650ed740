using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Commands;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Judges.Authentication;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Fronts.Consulted;
using Sternpost.Malware;
using Sternpost.Malware.Scanning;

namespace Sternpost.Composition;

/// <summary>The filter as the configuration wants it.</summary>
internal static class FilterComposition
{
    /// <summary>The judges' options.</summary>
    /// <exception cref="OperationFailedException">The file of list keys cannot be read.</exception>
    public static FilterOptions Options(ServerConfiguration configuration) => new()
    {
        JunkThreshold = configuration.Filter.JunkAt,
        RejectThreshold = configuration.Filter.RejectAt,
        MayRefuse = configuration.Filter.Refuse,
        Weights = WeightsOf(configuration.Filter.Weights),
        KeepFindings = configuration.Filter.KeepFindings,
        Traps = configuration.Filter.Traps,
        Greylist = configuration.Filter.Greylist,
        GreylistDelay = configuration.Filter.GreylistDelay,
        AfterDelivery = configuration.Filter.AfterDelivery,
        MailBomb = configuration.Filter.MailBomb,
        AddressLists = Lists(configuration.Filter.AddressLists, configuration.Filter.ListKeysFile),
        DomainLists = Lists(configuration.Filter.DomainLists, configuration.Filter.ListKeysFile),
        HashLists = Lists(configuration.Filter.HashLists, configuration.Filter.ListKeysFile),
        Allow = configuration.Filter.Allow,
        Deny = configuration.Filter.Deny,
        Composites = configuration.Filter.Composites,
        TrustedForwarders = configuration.Filter.TrustedForwarders,
        TrustedSealers = configuration.Filter.TrustedSealers,
        VerifyDkim2 = configuration.Filter.Dkim2,
        NetworkTimeout = configuration.Filter.Deadline,
        Attachments = new AttachmentPolicy { Actions = configuration.Attachments.Actions.Where(action => action.Value != AttachmentAction.Score).ToDictionary(), Blocklist = Blocklist(configuration.Attachments.Blocklist) },
        OwnNames = configuration.Server.Hostname is { } name ? [name.Ascii] : [],
    };

    private static IReadOnlyList<DnsListOptions> Lists(IReadOnlyList<DomainName> zones, string keysFile)
    {
        if (zones.Count == 0) return [];
        var keys = Keys(keysFile);
        return [.. zones.Select(zone => new DnsListOptions(zone.Ascii) { Key = keys.GetValueOrDefault(zone.Ascii, "") })];
    }

    private static Dictionary<string, string> Keys(string file)
    {
        var keys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (file.Length == 0) return keys;
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 0 && words[0][0] == '#') continue;
                // What stands there may be a secret, so the complaint names the file alone.
                if (words.Length is not (0 or 2)) throw new OperationFailedException($"The keys of DNS lists in {file} are lines of a zone and its key; one line is not.");
                if (words.Length == 2) keys[words[0].TrimEnd('.')] = words[1];
            }
            return keys;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException($"The keys of DNS lists cannot be read: {failure.Message}");
        }
    }

    private static HashBlocklist? Blocklist(string file)
    {
        if (file.Length == 0) return null;
        try
        {
            return HashBlocklist.Read(File.ReadLines(file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new OperationFailedException($"The list of unwanted files {file} cannot be used: {failure.Message}");
        }
    }

    /// <summary>The scanners of the configuration; null where it names none.</summary>
    public static ScannerSet? Scanners(ServerConfiguration configuration, TimeProvider time, ILoggerFactory logs) => configuration.Malware.Scanners.Count == 0 ? null : new ScannerSet(
        new ScannerOptions { Scanners = configuration.Malware.Scanners, Timeout = configuration.Malware.Timeout, MaxMessage = configuration.Malware.MaxSize }, time, logs);

    private static MalwareGate? Gate(ServerConfiguration configuration, IMalwareScanner? scanner) => scanner is null ? null : new MalwareGate(scanner)
    {
        QuarantinesFound = configuration.Malware.Found == "quarantine",
        WhenUnavailable = Enum.Parse<UnscannedAction>(configuration.Malware.Unavailable, ignoreCase: true),
        WhenTooLarge = Enum.Parse<UnscannedAction>(configuration.Malware.TooLarge, ignoreCase: true),
    };

    /// <summary>Weights by symbol; of a symbol named twice the last counts.</summary>
    public static IReadOnlyDictionary<string, double> WeightsOf(IEnumerable<(string Symbol, double Weight)> weights)
    {
        var table = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (symbol, weight) in weights) table[symbol] = weight;
        return table;
    }

    /// <summary>The model that the configuration names, or the shipped one.</summary>
    /// <exception cref="OperationFailedException">The file cannot be read or is no model.</exception>
    public static DayZeroModel? Model(string file)
    {
        if (file.Length == 0) return DayZeroModel.Shipped;
        try
        {
            return DayZeroModel.Read(File.ReadAllBytes(file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new OperationFailedException($"The model {file} cannot be used: {failure.Message}");
        }
    }

    /// <summary>SpamAssassin's rules from the configured folders; null where none are.</summary>
    /// <exception cref="OperationFailedException">A folder cannot be read.</exception>
    public static RuleSet? Rules(IReadOnlyList<string> folders)
    {
        if (folders.Count == 0) return null;
        try
        {
            return RuleSet.Load(folders);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException($"The SpamAssassin rules cannot be read: {failure.Message}");
        }
    }

    /// <summary>All judges in a panel. Without <paramref name="resolver"/> nothing is looked up; without <paramref name="isLocal"/> no domain is ours; without <paramref name="evidence"/> the past has no say; with <paramref name="everyRule"/> all of SpamAssassin's rules that hit are named.</summary>
    public static JudgePanel Panel(
        ServerConfiguration configuration, StatisticalClassifier classifier, IDnsResolver? resolver, AccountLessons? lessons, TimeProvider time, ILoggerFactory? logs = null, IsLocalDomain? isLocal = null, ServerEvidence? evidence = null, IMalwareScanner? scanner = null, bool everyRule = false)
    {
        var options = Options(configuration) with { Rules = Rules(configuration.Filter.SpamAssassinRules), RuleWeight = configuration.Filter.SpamAssassinWeight, EveryRule = everyRule };
        var consulted = configuration.Filter.Consult.Select((filter, i) => new ConsultedJudge(filter, configuration.Filter.Consult.Take(i + 1).Count(one => one.Kind == filter.Kind)));
        return new JudgePanel(options, [.. StandardJudges.All(options, resolver, classifier, isLocal, time, evidence), .. consulted], lessons, time, (logs ?? NullLoggerFactory.Instance).CreateLogger<JudgePanel>()) { Evidence = evidence, Malware = Gate(configuration, scanner) };
    }

    /// <summary>The configuration of a verb that also works without an installation: the file where there is one or one was named, else the defaults.</summary>
    public static ServerConfiguration ConfigurationOf(ParseResult result)
    {
        var path = CommonOptions.ConfigurationPath(result);
        return result.GetValue(CommonOptions.Config) is not null || File.Exists(path) ? ConfigurationFile.Load(path) : ConfigurationFile.Defaults();
    }

    /// <summary>A resolver by the configuration.</summary>
    public static IDnsResolver Resolver(ServerConfiguration configuration) =>
        new DnsResolver(new DnsResolverOptions { Servers = [.. configuration.Dns.Resolvers], Timeout = configuration.Dns.Timeout }, TimeProvider.System, NullLogger<DnsResolver>.Instance);
}
