using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Network.Tls;
using Sternpost.Unit.Queue.TransportSecurity;

namespace Sternpost.Unit.Network;

/// <summary>Which certificate a client is shown.</summary>
public sealed class TlsCertificatesTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData("a.example", "a.example")]
    [InlineData("B.Example", "b.example")]
    [InlineData("c.example", "a.example")]
    [InlineData("", "a.example")]
    [InlineData("192.0.2.1", "a.example")]
    [InlineData("*.example", "a.example")]
    [InlineData("-\u0000 not a name", "a.example")]
    public async Task The_one_that_names_what_is_asked_for_else_the_first_whatever_the_client_says(string asked, string shown)
    {
        var certificates = new TlsCertificates((authority.Leaf("a.example"), []), (authority.Leaf("b.example"), []));
        var options = await certificates.SelectAsync(null!, new SslClientHelloInfo(asked, SslProtocols.Tls13), null, TestContext.Current.CancellationToken);
        Assert.Equal("CN=" + shown, options.ServerCertificateContext!.TargetCertificate.Subject);
    }
}
