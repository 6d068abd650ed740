using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sternpost.Commands;
using Sternpost.Configuration;
using Sternpost.Network.Tls;

namespace Sternpost.Composition;

/// <summary>The certificate files of the configuration and what all listeners show from them; read again on demand, kept where the new files are bad.</summary>
internal sealed partial class ServerCertificate
{
    private readonly string certificatePath;
    private readonly string keyPath;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <exception cref="OperationFailedException">The files do not hold a certificate and its key.</exception>
    public ServerCertificate(ServerConfiguration configuration, string folder, TimeProvider time, ILogger logger)
    {
        certificatePath = Path.GetFullPath(configuration.Tls.Certificate, Path.GetFullPath(folder));
        keyPath = Path.GetFullPath(configuration.Tls.Key, Path.GetFullPath(folder));
        this.time = time;
        this.logger = logger;
        try
        {
            Certificates = new TlsCertificates(Read(configuration.Server.Hostname.Ascii));
        }
        catch (Exception bad) when (bad is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"The certificate {certificatePath} with the key {keyPath} cannot be used: {bad.Message}\n"
                + "Name the right files in the section [tls] of the configuration, or let 'sternpost setup' make a first certificate.");
        }
        hostname = configuration.Server.Hostname.Ascii;
    }

    private readonly string hostname;

    /// <summary>What the listeners show.</summary>
    public TlsCertificates Certificates { get; }

    /// <summary>Reads the files again; where they are bad, the old certificate stays and the log says why.</summary>
    public void Reload()
    {
        try
        {
            Certificates.Replace(Read(hostname));
        }
        catch (Exception bad) when (bad is CryptographicException or IOException or UnauthorizedAccessException)
        {
            LogNotReloaded(certificatePath, bad.Message);
        }
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Chain) Read(string host)
    {
        var (leaf, chain) = TlsCertificates.FromPem(certificatePath, keyPath);
        LogLoaded(certificatePath, leaf.NotAfter.ToUniversalTime());
        if (leaf.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime) LogExpired(certificatePath, leaf.NotAfter.ToUniversalTime());
        if (!leaf.MatchesHostname(host)) LogOtherName(certificatePath, host);
        return (leaf, chain);
    }

    [LoggerMessage(1010, LogLevel.Information, "Certificate {Path} loaded, valid until {Until:u}")]
    private partial void LogLoaded(string path, DateTime until);

    [LoggerMessage(1011, LogLevel.Error, "Certificate {Path} was not reloaded, the old one stays: {Reason}")]
    private partial void LogNotReloaded(string path, string reason);

    [LoggerMessage(1012, LogLevel.Error, "Certificate {Path} expired at {Until:u}: mail programs will refuse it")]
    private partial void LogExpired(string path, DateTime until);

    [LoggerMessage(1013, LogLevel.Warning, "Certificate {Path} does not name {Host}: mail programs will refuse it")]
    private partial void LogOtherName(string path, string host);
}
