using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Network.Tls;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Unit.Queue.TransportSecurity;
using Sternpost.Web;

namespace Sternpost.Unit.House;

/// <summary>The HTTPS side, asked by .NET's own client.</summary>
public class WebListenerTests
{
    // RFC 8461 §3.3.
    [Theory]
    [InlineData("mta-sts.example.com", HttpStatusCode.OK)]
    [InlineData("MTA-STS.Example.com", HttpStatusCode.OK)]
    [InlineData("mta-sts.elsewhere.test", HttpStatusCode.NotFound)]
    [InlineData("mail.example.com", HttpStatusCode.NotFound)]
    public async Task The_policy_is_served_at_the_policy_host_of_our_domains(string host, HttpStatusCode expected)
    {
        var (status, type, text) = await GetAsync(host, "/.well-known/mta-sts.txt");
        Assert.Equal(expected, status);
        if (expected != HttpStatusCode.OK) return;
        Assert.Equal("text/plain", type);
        Assert.True(StsPolicy.TryParse(text, out var policy, out _));
        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(14), "mail.example.com"), (policy.Mode, policy.MaxAge, Assert.Single(policy.Hosts)));
    }

    [Theory]
    [InlineData("autoconfig.example.com", HttpStatusCode.OK)]
    [InlineData("autoconfig.elsewhere.test", HttpStatusCode.NotFound)]
    [InlineData("mail.example.com", HttpStatusCode.NotFound)]
    public async Task The_settings_of_mail_programs_are_served_at_the_host_they_look_at(string host, HttpStatusCode expected)
    {
        var (status, type, text) = await GetAsync(host, "/mail/config-v1.1.xml?emailaddress=a%40example.com");
        Assert.Equal(expected, status);
        if (expected != HttpStatusCode.OK) return;
        Assert.Equal("text/xml", type);
        var provider = XDocument.Parse(text).Root!.Element("emailProvider")!;
        Assert.Equal(["domain", "displayName", "displayShortName", "incomingServer", "incomingServer", "incomingServer", "outgoingServer", "outgoingServer"], provider.Elements().Select(element => element.Name.LocalName));
        Assert.Equal("imap mail.example.com 993 SSL %EMAILADDRESS% password-cleartext",
            string.Join(' ', provider.Element("incomingServer")!.Elements().Select(element => element.Value).Prepend(provider.Element("incomingServer")!.Attribute("type")!.Value)));
        Assert.Equal(["465 SSL", "587 STARTTLS"], provider.Elements("outgoingServer").Select(server => $"{server.Element("port")!.Value} {server.Element("socketType")!.Value}"));
    }

    private static async Task<(HttpStatusCode Status, string? Type, string Text)> GetAsync(string host, string path)
    {
        using var authority = new TestAuthority();
        var configuration = ConfigurationFile.Parse("[server]\nhostname = \"mail.example.com\"\n[transport]\npolicy_mode = \"enforce\"\npolicy_max_age = \"14d\"\n", "f.toml");
        configuration.Listeners.Https.Addresses = [IPAddress.Loopback];
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        configuration.Listeners.Https.Port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using var web = new WebListener(configuration, new TlsCertificates((authority.Leaf(host.ToLowerInvariant()), [authority.Certificate])), () => true,
            (domain, _) => ValueTask.FromResult(domain == DomainName.Parse("example.com")), null, NullLoggerFactory.Instance);
        await web.StartAsync(TestContext.Current.CancellationToken);

        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority.Certificate }, RevocationMode = X509RevocationMode.NoCheck } } });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{configuration.Listeners.Https.Port}{path}");
        request.Headers.Host = host;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
