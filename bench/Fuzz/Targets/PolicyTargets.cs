using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Accounts.Forwarding;
using Sternpost.Dns;
using Sternpost.Fuzz.Engine;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Published;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.TlsReports;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;

namespace Sternpost.Fuzz.Targets;

/// <summary>Policies and records of domains, and addresses that come back to us.</summary>
internal static class PolicyTargets
{
    private static readonly X509Certificate2 Certificate = SelfSigned();
    private static readonly byte[] SrsKey = new byte[32];

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("dmarc-record", "DMARC records and the places they ask reports to", Dmarc)
        {
            Seeds = ["v=DMARC1; p=none; sp=quarantine; np=reject; adkim=s; aspf=r; fo=1:d:s; psd=n; t=y; pct=50; rf=afrf; ri=86400; rua=mailto:a@example.org!10m,mailto:b%40x@example.net; ruf=mailto:c@example.org", "v=DMARC1;p=reject", "V = DMARC1 ; P = None"],
            Words = ["v=DMARC1", "; ", "p=", "sp=", "np=", "none", "quarantine", "reject", "rua=mailto:", "!10m", "!99999999999t", ",", "%40", "%", "psd=y", "t=y", "pct=", "=", "?subject=x"],
            MaxLength = 8 * 1024,
        },
        new("mta-sts", "MTA-STS policies and the records that announce them", Sts)
        {
            Seeds = ["version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n", "version: STSv1\nmode: none\nmax_age: 86400\n", "v=STSv1; id=20260102T030405;", "v=STSv1 ; x=y; id = abc ;"],
            Words = ["version: STSv1", "mode: ", "enforce", "testing", "none", "mx: ", "*.", "max_age: ", "\r\n", "\n", ":", "v=STSv1", "; id=", "99999999999"],
            MaxLength = 70 * 1024,
        },
        new("tlsrpt-record", "the records that ask for TLS reports", TlsReports)
        {
            Seeds = ["v=TLSRPTv1; rua=mailto:tls@example.org,https://example.org/v1/tlsrpt", "v=TLSRPTv1;rua=mailto:a%2Bb@example.org?subject=x; x=y", "v=TLSRPTv1; rua=https://\xC3\xBC.example:8443/a?b#c"],
            Words = ["v=TLSRPTv1", "; ", "rua=", "mailto:", "https://", "http://", "%", "%00", "%0d%0a", ",", "?", "#", "@", "[::1]", ":99999", "xn--"],
            MaxLength = 8 * 1024,
        },
        new("tlsa", "TLSA records against a certificate", Tlsa)
        {
            MoreSeeds = () => [[3, 1, 1, .. SHA256.HashData(Certificate.PublicKey.ExportSubjectPublicKeyInfo())], [2, 0, 0, .. Certificate.RawData], [3, 0, 2, .. SHA512.HashData(Certificate.RawData)], [2, 1, 0, .. Certificate.PublicKey.ExportSubjectPublicKeyInfo()], [0, 0, 1, .. new byte[32], 1, 1, 1]],
            MaxLength = 4096,
        },
        new("srs", "addresses of forwarded mail that come back: rewritten, restored, forged", Srs)
        {
            Seeds = ["ann@example.org", "SRS0=abcdefgh=ab=example.org=ann@fwd.example", "SRS1=abcdefgh=first.example==abcd=ef=example.org=ann@fwd.example", "srs0+x=y=~=17@example.org", "\"odd = local\"@example.org"],
            Words = ["SRS0", "SRS1", "=", "+", "-", "==", "~", "@", "\"", "example.org"],
            MaxLength = 512,
        },
        new("ldap-answer", "answers of directory servers about recipients", Directory)
        {
            MoreSeeds = () => [Convert.FromHexString("300C02010161070A010004000400"), Convert.FromHexString("3009020103640404003000"), Convert.FromHexString("300C02010365070A010404000400"), Convert.FromHexString("308400000010020102658400000007 0A013104000400".Replace(" ", ""))],
            Words = ["\u0030\u0084\0\0\0", "\u000A\u0001", "\u0004\u0000", "\u0061", "\u0064", "\u0065", "\u0073", "\u0078", "\u00A3"],
            MaxLength = 4096,
        },
        new("published-records", "what 'dns check' finds in the records a domain has published", Published)
        {
            Seeds = ["v=spf1 mx -all", "v=spf1 include:a.example.org include:b.example.org ?all\nv=spf1 -all", "v=DKIM1; k=rsa; p=AAAA", "v=DMARC1; p=none; rua=mailto:x@example.org", "v=STSv1; id=1", "v=TLSRPTv1; rua=mailto:x@example.org\nv=TLSRPTv1"],
            Words = ["v=spf1 ", "include:", "redirect=", "v=DKIM1; ", "p=", "v=DMARC1; ", "v=STSv1; id=", "v=TLSRPTv1; rua=", "\n", "mailto:", "; "],
            MaxLength = 16 * 1024,
            Time = TimeSpan.FromMilliseconds(500),
            Allocation = 64 * 1024 * 1024,
        },
    ];

    private static void Dmarc(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (DmarcRecord.TryParse(text, out var record)) _ = record.ToString();
        foreach (var destination in ReportDestinations.Parse(text))
            Given.Done(ReportDestinations.VerifyAsync(Given.Domain, destination, FuzzZone.Of([text]), CancellationToken.None));
    }

    private static void Sts(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (StsPolicy.TryParse(text, out var policy, out var problem))
        {
            Given.Law(policy.Mode == StsMode.None || policy.Hosts.Count > 0, "a policy that asks for something names a host");
            Given.Law(policy.MaxAge >= TimeSpan.Zero && policy.MaxAge < TimeSpan.FromDays(400), "a policy is kept about a year at most");
            policy.Names(Given.Host);
        }
        else Given.Law(problem.Length > 0, "a policy that is refused has a reason");
        var id = StsRecord.IdOf(text.Split('\n'));
        Given.Law(id is null || (id.Length is > 0 and <= 32 && id.All(char.IsAsciiLetterOrDigit)), "an id is what RFC 8461 says");
    }

    private static void TlsReports(byte[] input)
    {
        var destinations = TlsReportRecord.DestinationsOf(Encoding.UTF8.GetString(input).Split('\n'));
        Given.Law(destinations.Places.All(place => place.Scheme == "https"), "reports are posted over TLS only");
        Given.Law(destinations.Addresses.All(address => !address.ToString().Any(char.IsControl)), "an address holds no control character");
    }

    private static void Tlsa(byte[] input)
    {
        if (input.Length < 3) return;
        var record = new TlsaRecord(input[0], input[1], input[2], input.AsMemory(3));
        if (!DaneAuthentication.IsUsable(record)) return;
        var problem = DaneVerification.Problem(Certificate, [Certificate], new DaneAuthentication([record], [Given.Host]), Given.Now);
        Given.Law(problem is null || problem.Value.Reason.Length > 0, "a certificate that is refused has a reason");
    }

    private static void Srs(byte[] input)
    {
        if (!EmailAddress.TryParse(Encoding.UTF8.GetString(input), out var address)) return;
        SrsAddress.HasForm(address);
        Given.Law(!SrsAddress.TryRestore(address, SrsKey, Given.Now, out _, out _), "nobody but us makes such an address");
        if (SrsAddress.Rewrite(address, Given.Domain, SrsKey, Given.Now) is not { } ours) return;
        Given.Law(EmailAddress.TryParse(ours.ToString(), out var read) && SrsAddress.TryRestore(read, SrsKey, Given.Now, out var sender, out _) && (sender is null || sender.ToString().Length > 0), "what we rewrite comes back: " + ours);
    }

    private static void Directory(byte[] input)
    {
        var length = LdapReply.LengthOf(input);
        Given.Law(length is >= -1 and <= LdapReply.MaxLength + 6, "a message has a length within the budget");
        if (LdapReply.Parse(input) is { } reply) Given.Law(!reply.Text.Any(char.IsControl), "what is logged is one line");
    }

    private static void Published(byte[] input)
    {
        var texts = Given.Latin(input).Split('\n', 16);
        var facts = new PublishedFacts(Given.Domain, Given.Host, [Given.Client, IPAddress.IPv6Loopback], [new PublishedKey("rsa", "rsa", "AAAA")]) { StsRecord = "v=STSv1; id=abc", Tlsa = "3 1 1 " + new string('a', 64), CertificateAuthority = "ca.example" };
        var checks = DnsComparison.CheckAsync(facts, new FuzzZone(_ => texts), Given.Time, CancellationToken.None);
        Given.Law(checks.IsCompleted, "the check waits for nothing");
        foreach (var check in checks.Result) Given.Law(check.Remarks.All(remark => remark.Length > 0), "a remark says something");
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.example.org", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(Given.Now.AddYears(-1), Given.Now.AddYears(10));
    }
}
