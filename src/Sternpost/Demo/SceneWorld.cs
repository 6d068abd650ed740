using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Demo;

/// <summary>Who takes part in the scene: the DNS that the senders publish, and the keys that the honest ones sign with. Made anew at each start.</summary>
internal sealed class SceneWorld : IDisposable
{
    private const string Selector = "spring";
    private readonly Dictionary<string, DkimSigningKey> keys = [];

    /// <summary>Makes it.</summary>
    /// <param name="beside">Is asked for names under .example that nobody in the scene has; null for nobody.</param>
    public SceneWorld(IDnsResolver? beside)
    {
        var zone = new ZoneResolver();
        // This computer, as its own resolver knows it.
        zone.Address("localhost", "127.0.0.1", "::1").Reverse("127.0.0.1", "localhost").Reverse("::1", "localhost");
        zone.Address("mail.demo.test", "127.0.0.1", "::1").Mx("demo.test", 10, "mail.demo.test")
            .Txt("demo.test", "v=spf1 mx -all").Txt("_dmarc.demo.test", "v=DMARC1; p=quarantine");
        Publish(zone, "wanted.example", "mail.wanted.example", "203.0.113.10", "p=reject");
        Publish(zone, "newsletter.example", "out1.newsletter.example", "203.0.113.20", "p=quarantine");
        // The bank sends from one address only, says so, and asks that everything else be refused: what it has not signed is forged.
        Publish(zone, "bank.example", "mail.bank.example", "203.0.113.30", "p=reject");
        // Their owners publish nothing but where they are.
        zone.Address("office.example", "198.51.100.90").Address("account-verify.example", "198.51.100.77").Address("best-pills.example", "198.51.100.66");
        zone.Reverse("198.51.100.66", "dsl-66-100-51-198.dynamic.example").Address("dsl-66-100-51-198.dynamic.example", "198.51.100.66");
        Resolver = new DemoZone(zone, beside);
    }

    /// <summary>The demo's whole DNS.</summary>
    public IDnsResolver Resolver { get; }

    /// <summary>The key of a domain that signs.</summary>
    public DkimSigningKey Key(string domain) => keys[domain];

    private void Publish(ZoneResolver zone, string domain, string host, string address, string policy)
    {
        var key = DkimSigningKey.GenerateEd25519(DomainName.Parse(domain), Selector);
        keys.Add(domain, key);
        zone.Address(host, address).Reverse(address, host).Mx(domain, 10, host)
            .Txt(domain, $"v=spf1 ip4:{address} -all")
            .Txt($"{Selector}._domainkey.{domain}", key.RecordText)
            .Txt($"_dmarc.{domain}", $"v=DMARC1; {policy}");
    }

    public void Dispose()
    {
        foreach (var key in keys.Values) key.Dispose();
    }
}
