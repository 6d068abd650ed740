using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Alerts;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Doctor;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Watch;

/// <summary>
/// Looks again and again at what others see of this server (lists, names, certificate, records) and tells postmaster of a change, and
/// everyone whom alerts go to, before somebody else does. Runs from <see cref="Start"/> until disposed.
/// </summary>
internal sealed partial class ReputationWatch(
    ServerConfiguration configuration, Database database, AccountDirectory directory, IDnsResolver resolver, ServerMail mail, IAlerts alerts, TimeProvider time, ILogger<ReputationWatch> logger) : IAsyncDisposable
{
    // Long enough for a restart's own troubles to pass; the spread keeps many servers from asking a list at the same time.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(3);
    private const double Spread = 0.2;

    // Records are many questions and change seldom.
    private static readonly TimeSpan RecordsEvery = TimeSpan.FromHours(24);
    private const string Records = "DNS records";

    private readonly CancellationTokenSource stopping = new();
    private readonly WatchBook book = new(database, time);
    private Task running = Task.CompletedTask;

    /// <summary>Begins, unless the configuration turns it off.</summary>
    public void Start()
    {
        if (configuration.Watch.Every > TimeSpan.Zero) running = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    /// <summary>Makes the checks now and tells of changes; answers what changed.</summary>
    internal async Task<IReadOnlyList<WatchChange>> LookAsync(IReadOnlyList<string> checks, CancellationToken cancellation)
    {
        var addresses = await ServerAddresses.OfAsync(configuration, resolver, cancellation);
        var patient = new Patient(configuration, database.Folder, database, resolver, addresses, IsDemo: false);
        var changes = await book.WriteAsync(checks, await Examination.RunAsync(patient, outside: true, checks, cancellation), cancellation);
        foreach (var change in changes)
        {
            if (change.IsOver) LogOver(change.Problem.Check, change.Problem.Finding);
            else LogFound(change.Problem.Check, change.Problem.Finding, change.Problem.Advice);
        }
        if (changes.Count > 0)
        {
            // Mail of our own may be what does not arrive: the other ways are told as well.
            await alerts.RaiseAsync(new Alert("seen-by-others", Subject(changes), Body(changes).ReplaceLineEndings("\n")), cancellation);
            await TellAsync(changes, cancellation);
        }
        return changes;
    }

    private async Task RunAsync()
    {
        var wait = First < configuration.Watch.Every ? First : configuration.Watch.Every;
        try
        {
            while (true)
            {
                await Task.Delay(wait * (1 + (Random.Shared.NextDouble() * Spread)), time, stopping.Token);
                wait = configuration.Watch.Every;
                await TryAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync()
    {
        try
        {
            var made = await book.CheckedAsync(stopping.Token);
            var records = !made.TryGetValue(Records, out var last) || time.GetUtcNow() - last >= RecordsEvery;
            await LookAsync([.. Examination.Watched.Where(check => records || check != Records)], stopping.Token);
        }
        catch (Exception failed) when (failed is DbException or IOException)
        {
            LogFailed(failed);
        }
    }

    private async Task TellAsync(IReadOnlyList<WatchChange> changes, CancellationToken cancellation)
    {
        var domains = await directory.DomainsAsync(cancellation);
        var host = configuration.Server.Hostname;
        if ((domains.FirstOrDefault(domain => host.IsWithin(domain.Name)) ?? (domains.Count > 0 ? domains[0] : null)) is not { } own) return;
        var postmaster = EmailAddress.Of("postmaster", own.Name);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"From: Mail server {host} <{postmaster}>\r\nTo: {postmaster}\r\nSubject: {Subject(changes)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {time.GetUtcNow().UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\r\nMessage-ID: <{Guid.NewGuid():n}@{host}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        text.Append(Body(changes));
        await mail.SendAsync(postmaster, Encoding.UTF8.GetBytes(text.ToString()), TransportNeed.Usual, null, cancellation);
    }

    private static string Subject(IReadOnlyList<WatchChange> changes) =>
        changes.FirstOrDefault(change => !change.IsOver) is { } found ? "Others see this: " + Short(found.Problem.Finding) : "Over: " + Short(changes[0].Problem.Finding);

    private static string Body(IReadOnlyList<WatchChange> changes)
    {
        var text = new StringBuilder("This server looks at itself as others see it. Since it last did:\r\n\r\n");
        foreach (var (problem, over) in changes)
        {
            text.Append(over ? "OVER  " : problem.Level == Setup.CheckLevel.Failed ? "WRONG  " : "TO IMPROVE  ").Append(problem.Finding).Append("\r\n");
            if (!over && problem.Advice.Length > 0) text.Append("  What to do: ").Append(problem.Advice).Append("\r\n");
            text.Append("\r\n");
        }
        return text.Append("All that is wrong now: sternpost watch show. Everything else: sternpost doctor\r\n").ToString();
    }

    // For a subject: ASCII, one line.
    private static string Short(string finding)
    {
        var plain = string.Concat(finding.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return plain.Length <= 100 ? plain : plain[..100];
    }

    [LoggerMessage(1030, LogLevel.Warning, "{Check}: {Finding} What to do: {Advice}")]
    private partial void LogFound(string check, string finding, string advice);

    [LoggerMessage(1031, LogLevel.Information, "{Check}: over: {Finding}")]
    private partial void LogOver(string check, string finding);

    [LoggerMessage(1032, LogLevel.Error, "What others see of this server could not be looked at; it is tried again")]
    private partial void LogFailed(Exception failed);
}
