using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A browser with a demo that trusts a certificate for localhost, so that it can be sent to an HTTPS server of the test, and that knows the names of a name server of the test.</summary>
public sealed class TrustingBrowser : RealBrowser
{
    private readonly string file = Path.Combine(Path.GetTempPath(), "sternpost-trust-" + Guid.NewGuid().ToString("n")[..12] + ".pem");

    public TrustingBrowser()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        File.WriteAllText(file, made.ExportCertificatePem());
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>What there is of names under .example beside the demo's.</summary>
    public ScriptedDns Dns { get; } = new();

    protected override string[] ServerArguments => ["--name-server", Dns.Address];

    protected override IDictionary<string, string> ServerEnvironment => new Dictionary<string, string> { ["SSL_CERT_FILE"] = file };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Dns.DisposeAsync();
        Certificate.Dispose();
        File.Delete(file);
    }
}

/// <summary>An HTTPS server that answers every request with 200 and keeps what was asked, header and body.</summary>
internal sealed class TrustedListener : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    internal TrustedListener(X509Certificate2 certificate)
    {
        listener.Start();
        _ = RunAsync(certificate);
    }

    internal ConcurrentQueue<string> Asked { get; } = new();

    internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    private async Task RunAsync(X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(certificate);
                var (request, buffer) = (new StringBuilder(), new byte[8192]);
                // Its body is short, and comes with a length.
                while (!IsWhole(request.ToString()) && await stream.ReadAsync(buffer) is > 0 and var read) request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                Asked.Enqueue(request.ToString());
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = System.Text.RegularExpressions.Regex.Match(request, @"Content-Length: (\d+)", System.Text.RegularExpressions.RegexOptions.IgnoreCase);
        return !length.Success || request.Length >= end + 4 + int.Parse(length.Groups[1].Value);
    }
}
