using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Acme;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Network.Tls;
using Sternpost.Storage;

namespace Sternpost.Certificates;

/// <summary>
/// Keeps the server in certificates: orders those that are wanted by ACME, renews them early, puts them before all listeners at once, and gives up on nothing.
/// Runs from <see cref="Start"/> until disposed.
/// </summary>
internal sealed partial class CertificateKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AskedEvery = TimeSpan.FromSeconds(2);

    // An authority that does not answer soon does; one that refuses counts (Let's Encrypt: five failures of a name in an hour).
    private static readonly TimeSpan FirstRetryUnreached = TimeSpan.FromMinutes(5), FirstRetryRefused = TimeSpan.FromHours(1), LongestRetry = TimeSpan.FromHours(12), RetryOfName = TimeSpan.FromDays(1);

    // What somebody put there himself is not replaced before it must be.
    private static readonly TimeSpan LastDays = TimeSpan.FromDays(14);
    private const int MostOrders = 8;

    private readonly ServerConfiguration configuration;
    private readonly string folder;
    private readonly AccountDirectory directory;
    private readonly IDnsResolver resolver;
    private readonly ChallengeBoard board;
    private readonly Action reload;
    private readonly TimeProvider time;
    private readonly ILogger<CertificateKeeper> logger;
    private readonly CertificateShelf shelf;
    private readonly CertificateBook book;
    private readonly KeyChoice keys;
    private readonly CertificateWarnings warnings;
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <param name="configuration">Which names, which authority.</param>
    /// <param name="database">Its state.</param>
    /// <param name="directory">The domains.</param>
    /// <param name="resolver">DNS.</param>
    /// <param name="board">What authorities see.</param>
    /// <param name="warnings">Tells of what ends soon.</param>
    /// <param name="reload">Has the listeners show what is on the disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public CertificateKeeper(
        ServerConfiguration configuration, Database database, AccountDirectory directory, IDnsResolver resolver, ChallengeBoard board, CertificateWarnings warnings, Action reload, TimeProvider time, ILogger<CertificateKeeper> logger)
    {
        this.configuration = configuration;
        folder = database.Folder;
        this.directory = directory;
        this.resolver = resolver;
        this.board = board;
        this.warnings = warnings;
        this.reload = reload;
        this.time = time;
        this.logger = logger;
        shelf = new CertificateShelf(configuration, folder);
        book = new CertificateBook(database);
        keys = new KeyChoice(shelf, resolver, configuration.Server.Hostname);
    }

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        AcmeClient? client = null;
        DateTimeOffset nextLook = default;
        try
        {
            while (true)
            {
                try
                {
                    if (time.GetUtcNow() >= nextLook || (configuration.Acme.AcceptTerms && await book.IsAnyAskedAsync(stopping.Token)))
                    {
                        nextLook = time.GetUtcNow() + LookEvery;
                        if (configuration.Acme.AcceptTerms) await LookAsync(client ??= AcmeAuthority.Open(configuration, folder, time), stopping.Token);
                        var (now, states) = (time.GetUtcNow(), await book.AllAsync(stopping.Token));
                        await warnings.LookAsync(shelf.Read(now, withKeys: false).Certificates, states, stopping.Token);
                        // RFC 9773 §4.2: at the time that was chosen, not when it happens to come round.
                        foreach (var at in states.SelectMany(state => (DateTimeOffset?[])[state.RenewAt, state.NextAttempt, state.InfoAt]))
                        {
                            if (at > now && at < nextLook) nextLook = at.Value;
                        }
                    }
                }
#pragma warning disable CA1031 // Whatever goes wrong now is logged and tried again: without this loop certificates end.
                catch (Exception failed) when (failed is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogFailed(failed);
                    // Whatever is broken here must not make us a flood there.
                    await Task.Delay(FirstRetryUnreached, time, stopping.Token);
                }
                await Task.Delay(AskedEvery, time, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            client?.Dispose();
        }
    }

    /// <summary>Looks once at everything, and orders what is due.</summary>
    internal async Task LookAsync(AcmeClient client, CancellationToken cancellation)
    {
        var (ways, byDns) = Ways();
        if (byDns is not null) await byDns.CleanAsync(cancellation);
        var domains = (await directory.DomainsAsync(cancellation)).Select(domain => domain.Name).ToList();
        var wanted = await new WantedNames(configuration, resolver).AllAsync(domains, await CaaIdentitiesAsync(client, cancellation), ways.Count > 0 && ways.All(way => way.Type == "dns-01"), cancellation);
        foreach (var state in await book.AllAsync(cancellation))
        {
            // A domain that is gone; one whose names lead elsewhere for a while keeps what it has.
            if (state.Name == CertificateShelf.HostName || domains.Exists(domain => domain.Ascii == state.Name)) continue;
            await book.ForgetAsync(state.Name, cancellation);
            File.Delete(shelf.PathOf(CertificateOrigin.Acme, state.Name));
        }
        foreach (var certificate in wanted) await KeepAsync(client, certificate, ways, cancellation);
        // Whoever asked for one of which no name leads here has his answer, too.
        foreach (var state in (await book.AllAsync(cancellation)).Where(state => state.IsAsked && !wanted.Any(certificate => certificate.Name == state.Name))) await book.WriteAsync(state, answered: true, cancellation);
    }

    // Only to ask DNS whether CAA allows it; an authority that is out of reach is noticed when something is ordered.
    private static async Task<IReadOnlyList<string>> CaaIdentitiesAsync(AcmeClient client, CancellationToken cancellation)
    {
        try
        {
            return (await client.DirectoryAsync(cancellation)).CaaIdentities;
        }
        catch (AcmeException)
        {
            return [];
        }
    }

    private async Task KeepAsync(AcmeClient client, WantedCertificate wanted, IReadOnlyList<IChallengeWay> ways, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (held, _) = shelf.Read(now, withKeys: true);
        var current = held.FirstOrDefault(certificate => certificate.Origin == CertificateOrigin.Acme && certificate.Name == wanted.Name);
        var state = await book.FindAsync(wanted.Name, cancellation);
        if (current is not null && now >= state.InfoAt) state = await WithRenewalTimeAsync(client, state, current.Leaf, now, cancellation);

        // What the authority did not believe lately is not asked again yet, unless somebody says so.
        var doubted = state.LeftOut.Where(name => name.RetryAt > now && !state.IsAsked && wanted.Names.Contains(name.Name)).ToList();
        List<string> names = [.. wanted.Names.Where(name => !doubted.Exists(other => other.Name == name))];
        List<LeftOutName> leftOut = [.. wanted.LeftOut, .. doubted];
        state = state with { LeftOut = leftOut };
        var first = wanted.Name == CertificateShelf.HostName ? configuration.Server.Hostname.Ascii : names.FirstOrDefault();
        if (first is null || !names.Contains(first))
        {
            var reason = leftOut.FirstOrDefault(name => first is null || name.Name == first);
            // Nothing to order yet: that costs nobody anything, and it is looked at again soon.
            await book.WriteAsync(current is not null || reason is null || wanted.IsUnknown ? state : state with { Problem = $"{reason.Name} {reason.Reason}", Advice = reason.Advice, ProblemSince = state.ProblemSince ?? now }, answered: !wanted.IsUnknown || state.IsAsked, cancellation);
            return;
        }
        if (!state.IsAsked && IsCovered(held, names, now))
        {
            await book.WriteAsync(state with { Problem = "", Advice = "", ProblemSince = null, Failures = 0 }, answered: false, cancellation);
            return;
        }
        var isDue = state.IsAsked || current is null || !names.TrueForAll(current.Names.Contains) || now >= (state.RenewAt ?? RenewalTime.Usual(current.From, current.Until));
        if (!isDue || now < state.BlockedUntil || (now < state.NextAttempt && !state.IsAsked))
        {
            await book.WriteAsync(state, answered: state.IsAsked, cancellation);
            return;
        }
        await book.WriteAsync(await OrderAsync(client, state, wanted.Name, first, names, ways, current, held, cancellation), answered: true, cancellation);
    }

    private async Task<CertificateState> OrderAsync(
        AcmeClient client, CertificateState state, string name, string first, List<string> names, IReadOnlyList<IChallengeWay> ways, HeldCertificate? current, IReadOnlyList<HeldCertificate> held, CancellationToken cancellation)
    {
        List<LeftOutName> leftOut = [.. state.LeftOut];
        Dictionary<string, List<NameFailure>> failed = [];
        try
        {
            using var key = name == CertificateShelf.HostName ? await keys.ForHostAsync(held.FirstOrDefault(certificate => certificate.Covers(first)), cancellation) : KeyChoice.New();
            for (var order = 0; order < MostOrders; order++)
            {
                LogOrdering(string.Join(", ", names));
                var issuance = await client.IssueAsync(
                    new IssuanceRequest([.. names.Select(AcmeIdentifier.Of)], key, ways)
                    {
                        Replaces = current?.Leaf,
                        MayUse = (identifier, way) => !(failed.TryGetValue(identifier.Value, out var before) && before.Exists(failure => failure.Way == way.Type)),
                    }, cancellation);
                if (issuance.Chain is { } chain) return await KeptAsync(state with { LeftOut = leftOut }, name, names, chain, key, cancellation);
                foreach (var failure in issuance.Failures)
                {
                    if (!failed.TryGetValue(failure.Name.Value, out var before)) failed[failure.Name.Value] = before = [];
                    // After a way has failed, "no way is left" says less than what was wrong with it.
                    if (before.Count == 0 || failure.Way.Length > 0) before.Add(failure);
                    if (failure.Way.Length > 0 && ways.Any(way => before.TrueForAll(other => other.Way != way.Type))) continue;
                    var (what, advice) = Explained(before);
                    LogNotProved(failure.Name.Value, what);
                    if (failure.Name.Value == first || names.Count == 1 || !names.Remove(failure.Name.Value)) return Failed(state with { LeftOut = leftOut }, what, advice, null, FirstRetryRefused);
                    leftOut.RemoveAll(other => other.Name == failure.Name.Value);
                    leftOut.Add(new LeftOutName(failure.Name.Value, what, advice, time.GetUtcNow() + RetryOfName));
                }
            }
            return Failed(state with { LeftOut = leftOut }, "the authority did not believe the names after several orders", "The log of the server names each.", null, FirstRetryRefused);
        }
        catch (AcmeException refused)
        {
            var (what, advice) = Explanation.Of(refused.Problem);
            return Failed(state with { LeftOut = leftOut }, what, advice, refused.RetryAfter ?? (refused.Problem.Type == "rateLimited" ? FirstRetryRefused : null), refused.Problem is { Type: "", Status: 0 } or { Status: >= 500 } ? FirstRetryUnreached : FirstRetryRefused);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Failed(state with { LeftOut = leftOut }, "the certificate could not be kept: " + broken.Message, $"Look at {shelf.AcmeFolder}: the server must be able to write there.", null, FirstRetryRefused);
        }
    }

    private async Task<CertificateState> KeptAsync(CertificateState state, string name, IReadOnlyList<string> names, string chain, AsymmetricAlgorithm key, CancellationToken cancellation)
    {
        var text = chain.TrimEnd() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(text, text);
        }
        catch (CryptographicException bad)
        {
            throw new AcmeException("What the authority made is no certificate of our key: " + bad.Message, bad);
        }
        using (leaf)
        {
            if (names.FirstOrDefault(wanted => !TlsCertificates.Covers(leaf, wanted)) is { } missing) throw new AcmeException($"The certificate that the authority made does not name {missing}.");
            PrivateFile.Write(shelf.PathOf(CertificateOrigin.Acme, name), text);
            if (name == CertificateShelf.HostName) keys.Used(leaf);
            reload();
            LogKept(string.Join(", ", names), leaf.NotAfter.ToUniversalTime());
            return new CertificateState(name) { LeftOut = state.LeftOut, RenewAt = RenewalTime.Usual(leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime()), InfoAt = time.GetUtcNow() + TimeSpan.FromMinutes(1) };
        }
    }

    private CertificateState Failed(CertificateState state, string what, string advice, TimeSpan? blocked, TimeSpan firstRetry)
    {
        var now = time.GetUtcNow();
        var wait = TimeSpan.FromSeconds(Math.Min(LongestRetry.TotalSeconds, firstRetry.TotalSeconds * Math.Pow(2, Math.Min(state.Failures, 20))) * (1 + (Random.Shared.NextDouble() * 0.1)));
        var until = blocked is { } asked ? now + asked : state.BlockedUntil;
        var next = now + wait > until ? now + wait : until;
        LogNotKept(state.Name, what, advice, next.UtcDateTime);
        return state with { Problem = what, Advice = advice, ProblemSince = state.ProblemSince ?? now, Failures = state.Failures + 1, NextAttempt = next, BlockedUntil = until };
    }

    // RFC 9773 §4.2: a time within the window is chosen once; a window that has moved, because the authority must revoke, chooses anew.
    private async Task<CertificateState> WithRenewalTimeAsync(AcmeClient client, CertificateState state, X509Certificate2 certificate, DateTimeOffset now, CancellationToken cancellation)
    {
        state = state with { RenewAt = state.RenewAt ?? RenewalTime.Usual(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()), InfoAt = now + TimeSpan.FromHours(6) };
        try
        {
            if (await client.RenewalInfoAsync(certificate, cancellation) is not { } info) return state;
            if (info.Explanation.Length > 0 && state.Window != (info.Start, info.End)) LogRenewalPage(state.Name, info.Explanation);
            return state.Window == (info.Start, info.End)
                ? state with { InfoAt = now + info.AskAgain }
                : state with { InfoAt = now + info.AskAgain, Window = (info.Start, info.End), RenewAt = RenewalTime.Within(info, Random.Shared.NextDouble()) };
        }
        catch (AcmeException)
        {
            // RFC 9773 §4.3.3: then it goes by the dates of the certificate.
            return state;
        }
    }

    private static bool IsCovered(IReadOnlyList<HeldCertificate> held, List<string> names, DateTimeOffset now) => names.TrueForAll(name => held.Any(certificate =>
        certificate.Origin != CertificateOrigin.Acme && !certificate.IsSelfSigned && certificate.IsValidAt(now) && certificate.Covers(name)
        && certificate.Until - now > (LastDays < (certificate.Until - certificate.From) / 3 ? LastDays : (certificate.Until - certificate.From) / 3)));

    private (IReadOnlyList<IChallengeWay> Ways, DnsWay? ByDns) Ways()
    {
        var byDns = ZoneUpdates.Primary(configuration, folder, time) is { } primary ? new DnsWay(primary, resolver, book, time) : null;
        List<IChallengeWay> possible = [];
        if (configuration.Listeners.Http.Port > 0) possible.Add(board.Http);
        if (configuration.Listeners.Https.Port > 0) possible.Add(board.Tls(time));
        if (byDns is not null) possible.Add(byDns);
        var wanted = configuration.Acme.Challenges;
        return (wanted.Count == 0 ? possible : [.. wanted.Select(type => possible.Find(way => way.Type == type)).OfType<IChallengeWay>()], byDns);
    }

    private static (string What, string Advice) Explained(IReadOnlyList<NameFailure> failures)
    {
        var explained = failures.Select(failure => (failure.Way, Text: Explanation.Of(failure))).ToList();
        return explained.Count == 1 ? explained[0].Text
            : (string.Join("; ", explained.Select(one => $"by {one.Way}: {one.Text.What}")), explained[0].Text.Advice);
    }

    [LoggerMessage(1050, LogLevel.Information, "Ordering a certificate for {Names}")]
    private partial void LogOrdering(string names);

    [LoggerMessage(1051, LogLevel.Information, "A certificate for {Names} was made, valid until {Until:u}; all listeners show it")]
    private partial void LogKept(string names, DateTime until);

    [LoggerMessage(1052, LogLevel.Warning, "{Name} could not be proved: {Reason}")]
    private partial void LogNotProved(string name, string reason);

    [LoggerMessage(1053, LogLevel.Error, "The certificate '{Name}' could not be had: {Reason}. What to do: {Advice} It is tried again at {Next:u}")]
    private partial void LogNotKept(string name, string reason, string advice, DateTime next);

    [LoggerMessage(1054, LogLevel.Error, "Certificates could not be looked after; it is tried again")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(1055, LogLevel.Warning, "The authority wants the certificate '{Name}' renewed at another time than usual and tells why at {Page}")]
    private partial void LogRenewalPage(string name, string page);
}
