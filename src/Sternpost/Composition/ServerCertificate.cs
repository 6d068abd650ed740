using Microsoft.Extensions.Logging;
using Sternpost.Certificates;
using Sternpost.Commands;
using Sternpost.Configuration;
using Sternpost.Network.Tls;

namespace Sternpost.Composition;

/// <summary>What all listeners show of the certificates on the disk. Looked at again and again, and read anew when a file changes; where the new ones are bad, the old ones stay.</summary>
internal sealed partial class ServerCertificate : IAsyncDisposable
{
    // A few kilobytes each; somebody who puts new files in place waits for this.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private readonly CertificateShelf shelf;
    private readonly string hostname;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock changing = new();
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;
    private string fingerprint;
    private IReadOnlyList<HeldCertificate> shown;
    private DateTimeOffset nextChange = DateTimeOffset.MaxValue;

    /// <exception cref="OperationFailedException">The files do not hold a certificate and its key.</exception>
    public ServerCertificate(ServerConfiguration configuration, string folder, TimeProvider time, ILogger logger)
    {
        shelf = new CertificateShelf(configuration, folder);
        hostname = configuration.Server.Hostname.Ascii;
        this.time = time;
        this.logger = logger;
        fingerprint = shelf.Fingerprint();
        var (held, unusable) = shelf.Read(time.GetUtcNow(), withKeys: true);
        if (held.Count == 0)
        {
            var (certificate, key) = shelf.Configured;
            throw new OperationFailedException(
                $"The certificate {certificate} with the key {key} cannot be used: {(unusable.Count > 0 ? unusable[0].Reason : "there are no such files.")}\n"
                + "Name the right files in the section [tls] of the configuration, or let 'sternpost setup' make a first certificate.");
        }
        Certificates = new TlsCertificates([.. held.Select(certificate => (certificate.Leaf, certificate.Chain))]);
        shown = held;
        Tell(unusable);
    }

    /// <summary>What the listeners show.</summary>
    public TlsCertificates Certificates { get; }

    /// <summary>Begins to look at the files.</summary>
    public void Start() => watching = Task.Run(WatchAsync);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        stopping.Dispose();
    }

    /// <summary>Reads the files again; where none can be used, the old certificates stay and the log says why.</summary>
    public void Reload()
    {
        lock (changing)
        {
            fingerprint = shelf.Fingerprint();
            var now = time.GetUtcNow();
            var (held, unusable) = shelf.Read(now, withKeys: true);
            // Half of a pair that is being replaced, or a slip: what was shown from there is good still.
            var kept = shown.Where(before => unusable.Any(bad => bad.Path == before.Path)).ToList();
            if (held.Count + kept.Count == 0)
            {
                LogNotReloaded(shelf.Configured.Certificate, "there is no certificate any more");
                return;
            }
            shown = shelf.InOrder([.. held, .. kept], now);
            Certificates.Replace([.. shown.Select(certificate => (certificate.Leaf, certificate.Chain))]);
            Tell(unusable);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            var last = fingerprint;
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                var now = shelf.Fingerprint();
                // Two files are replaced one after the other: read once they have been the same twice.
                if ((now == last && now != fingerprint) || time.GetUtcNow() >= nextChange) Reload();
                last = now;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private void Tell(IReadOnlyList<UnusableCertificate> unusable)
    {
        var now = time.GetUtcNow();
        foreach (var bad in unusable) LogNotReloaded(bad.Path, bad.Reason);
        foreach (var certificate in shown)
        {
            LogLoaded(certificate.Path, certificate.Until.UtcDateTime);
            if (certificate.Until < now) LogExpired(certificate.Path, certificate.Until.UtcDateTime);
        }
        if (!shown[0].Covers(hostname)) LogOtherName(shown[0].Path, hostname);
        // One that ends or begins may give its place to another.
        nextChange = shown.SelectMany(certificate => (DateTimeOffset[])[certificate.From, certificate.Until]).Where(at => at > now).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
    }

    [LoggerMessage(1010, LogLevel.Information, "Certificate {Path} loaded, valid until {Until:u}")]
    private partial void LogLoaded(string path, DateTime until);

    [LoggerMessage(1011, LogLevel.Error, "Certificate {Path} cannot be used; what was shown before stays: {Reason}")]
    private partial void LogNotReloaded(string path, string reason);

    [LoggerMessage(1012, LogLevel.Error, "Certificate {Path} expired at {Until:u}: mail programs will refuse it")]
    private partial void LogExpired(string path, DateTime until);

    [LoggerMessage(1013, LogLevel.Warning, "Certificate {Path} does not name {Host}: mail programs will refuse it")]
    private partial void LogOtherName(string path, string host);
}
