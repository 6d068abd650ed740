using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Abuse.Alerts;
using Sternpost.Acme;
using Sternpost.Certificates;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Storage;
using Sternpost.Unit.Acme;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Certificates;

/// <summary>When certificates are ordered, when not, and with which key; the authority is one that believes everything.</summary>
public sealed class CertificateKeeperTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private readonly ZoneResolver zone = new ZoneResolver().Address("mail.example.com", "192.0.2.1").Address("mta-sts.example.com", "192.0.2.1");
    private readonly List<Alert> alerts = [];
    private TestStore store = null!;
    private FakeAuthority authority = null!;
    private ServerConfiguration configuration = null!;
    private int reloads;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.OpenAsync();
        await store.Directory.AddDomainAsync(DomainName.Parse("example.com"), TestContext.Current.CancellationToken);
        authority = await FakeAuthority.StartAsync();
        authority.Time = time;
        await File.WriteAllTextAsync(Path.Combine(store.Folder, "root.pem"), authority.Root.ExportCertificatePem());
        configuration = ConfigurationFile.Parse($"[server]\nhostname = \"mail.example.com\"\naddresses = [\"192.0.2.1\"]\n[acme]\naccept_terms = true\ndirectory = \"{authority.Base}/dir\"\nauthority_file = \"root.pem\"\n", "f.toml");
    }

    public async ValueTask DisposeAsync()
    {
        await authority.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task One_for_the_host_and_one_for_each_domain_are_ordered_once()
    {
        await LookAsync();
        await LookAsync();
        var domains = (await store.Directory.DomainsAsync(default)).Select(domain => domain.Name.Ascii).ToList();
        Assert.Contains("example.com", domains);
        Assert.Equal(["mail.example.com", "mta-sts.example.com"], authority.Orders.Select(order => order.GetProperty("identifiers")[0].GetProperty("value").GetString()).Order());
        Assert.Equal(2, reloads);
        Assert.Equal(["example.com", "host"], Held().Select(held => held.Name).Order());
        Assert.Empty(alerts);
    }

    [Fact]
    public async Task A_rate_limit_is_kept_whoever_asks()
    {
        authority.Refuse = _ => (429, """{"type":"urn:ietf:params:acme:error:rateLimited","detail":"Too many."}""", "7200");
        await LookAsync();
        var state = await Book.FindAsync("host", default);
        Assert.Contains("asked too often", state.Problem);
        Assert.InRange(state.BlockedUntil - time.GetUtcNow(), TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(121));
        Assert.Contains("No certificate for mail.example.com yet", Assert.Single(alerts).Subject);
        var orders = authority.Orders.Count;
        await Book.AskAsync("host", default);
        await LookAsync();
        Assert.Equal(orders, authority.Orders.Count);
        Assert.False((await Book.FindAsync("host", default)).IsAsked);
        Assert.Single(alerts);

        authority.Refuse = _ => null;
        time.Advance(TimeSpan.FromHours(3));
        await LookAsync();
        Assert.Equal("", (await Book.FindAsync("host", default)).Problem);
    }

    [Fact]
    public async Task Failures_are_spaced_further_and_further_and_a_request_comes_between()
    {
        authority.Refuse = _ => (403, """{"type":"urn:ietf:params:acme:error:unauthorized","detail":"No."}""", null);
        var waits = new List<double>();
        for (var failure = 0; failure < 6; failure++)
        {
            await LookAsync();
            waits.Add(((await Book.FindAsync("host", default)).NextAttempt - time.GetUtcNow()).TotalHours);
            time.Advance(TimeSpan.FromHours(waits[^1] * 1.01));
        }
        foreach (var (wait, least) in waits.Zip((double[])[1, 2, 4, 8, 12, 12])) Assert.InRange(wait, least, least * 1.11);
        var orders = authority.Orders.Count;
        await LookAsync();
        Assert.True(authority.Orders.Count > orders);
        orders = authority.Orders.Count;
        await LookAsync();
        Assert.Equal(orders, authority.Orders.Count);
        await Book.AskAsync("host", default);
        await LookAsync();
        Assert.Equal(orders + 1, authority.Orders.Count);
    }

    [Fact]
    public async Task The_authority_says_when_to_renew_and_a_window_that_is_past_means_now()
    {
        var now = time.GetUtcNow();
        authority.Window = (now.AddDays(10), now.AddDays(12));
        await LookAsync();
        time.Advance(TimeSpan.FromMinutes(2));
        await LookAsync();
        var state = await Book.FindAsync("host", default);
        Assert.InRange(state.RenewAt!.Value, now.AddDays(10), now.AddDays(12));
        Assert.Equal(2, authority.Orders.Count);

        // It must revoke: the window moves into the past.
        authority.Window = (now.AddDays(-2), now.AddDays(-1));
        time.Advance(TimeSpan.FromHours(7));
        await LookAsync();
        Assert.Equal(4, authority.Orders.Count);
        Assert.True(authority.Orders.Last().TryGetProperty("replaces", out _));
    }

    [Fact]
    public async Task Without_its_word_two_thirds_of_the_life_decide()
    {
        await LookAsync();
        time.Advance(TimeSpan.FromDays(59));
        await LookAsync();
        Assert.Equal(2, authority.Orders.Count);
        time.Advance(TimeSpan.FromDays(2));
        await LookAsync();
        Assert.Equal(4, authority.Orders.Count);
    }

    [Fact]
    public async Task A_key_that_is_pinned_stays_also_while_DNS_is_silent_and_the_next_one_waits_for_its_record()
    {
        await LookAsync();
        var first = Pin();
        zone.Tlsa("_25._tcp.mail.example.com", 3, 1, 1, first[6..]);
        await RenewAsync();
        Assert.Equal(first, Pin());

        var next = Keys.Prepare();
        Assert.Equal(next, Keys.Prepare());
        await RenewAsync();
        Assert.Equal(first, Pin());
        zone.Tlsa("_25._tcp.mail.example.com", 3, 1, 1, next[6..]);
        await RenewAsync();
        Assert.Equal(next, Pin());
        Assert.False(File.Exists(Keys.NextKeyPath));

        zone.Remove("_25._tcp.mail.example.com").Fails("_465._tcp.mail.example.com");
        await RenewAsync();
        Assert.Equal(next, Pin());
        zone.Remove("_465._tcp.mail.example.com");
        await RenewAsync();
        Assert.NotEqual(next, Pin());
    }

    [Fact]
    public async Task Names_that_lead_elsewhere_or_are_forbidden_are_not_ordered_and_said()
    {
        zone.Remove("mta-sts.example.com").Address("mta-sts.example.com", "192.0.2.1", "198.51.100.9").Address("autoconfig.example.com", "192.0.2.1");
        await LookAsync();
        var state = await Book.FindAsync("example.com", default);
        Assert.Contains("leads to 198.51.100.9", Assert.Single(state.LeftOut).Reason);
        Assert.Equal(["autoconfig.example.com"], Held().Single(held => held.Name == "example.com").Names);

        zone.Caa("example.com", 0, "issue", "other.example; validationmethods=dns-01");
        await RenewAsync();
        Assert.Contains("allow other.example, and not this authority", (await Book.FindAsync("host", default)).LeftOut.Single().Reason);
        Assert.Equal(2, authority.Orders.Count);
        zone.Caa("example.com", 0, "issue", "fake.example");
        await RenewAsync();
        Assert.Equal(3, authority.Orders.Count);
    }

    [Fact]
    public async Task Who_asks_for_one_that_no_name_leads_to_is_answered()
    {
        zone.Remove("mta-sts.example.com");
        await Book.AskAsync("example.com", default);
        await LookAsync();
        Assert.False(await Book.IsAnyAskedAsync(default));
        Assert.Single(authority.Orders);
    }

    [Fact]
    public async Task What_an_own_certificate_covers_is_not_ordered_until_its_last_days()
    {
        var shelf = new CertificateShelf(configuration, store.Folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuer = new Sternpost.Unit.Queue.TransportSecurity.TestAuthority();
        var request = new CertificateRequest("CN=mail.example.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("*.example.com");
        request.CertificateExtensions.Add(names.Build());
        using var own = request.Create(issuer.Certificate, time.GetUtcNow().AddDays(-1), time.GetUtcNow().AddDays(90), [1]);
        PrivateFile.Write(shelf.PathOf(CertificateOrigin.Imported, "own"), own.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        await LookAsync();
        Assert.Empty(authority.Orders);
        time.Advance(TimeSpan.FromDays(80));
        await LookAsync();
        Assert.Equal(2, authority.Orders.Count);
        // The own one is shown as long as it is valid, and its end is told of.
        Assert.Equal("own", shelf.Read(time.GetUtcNow(), withKeys: true).Certificates[0].Name);
        time.Advance(TimeSpan.FromDays(11));
        Assert.Equal("host", shelf.Read(time.GetUtcNow(), withKeys: true).Certificates[0].Name);
    }

    [Fact]
    public async Task The_end_of_one_that_cannot_be_renewed_is_told_in_time_once_at_each_stage()
    {
        await LookAsync();
        authority.Refuse = _ => (500, """{"type":"urn:ietf:params:acme:error:serverInternal","detail":"Down."}""", null);
        var stages = new List<double>();
        for (var day = 0; day < 95; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            var before = alerts.Count(alert => alert.Subject.Contains("mail.example.com", StringComparison.Ordinal) && !alert.Subject.Contains("mta-sts", StringComparison.Ordinal));
            await LookAsync();
            if (alerts.Count(alert => alert.Subject.Contains("mail.example.com", StringComparison.Ordinal)) > before) stages.Add(89 - day);
        }
        Assert.Equal(3, stages.Count);
        Assert.InRange(stages[0], 16, 18);
        Assert.InRange(stages[1], 3, 5);
        Assert.Contains(alerts, alert => alert.Body.Contains("the authority is in trouble itself", StringComparison.Ordinal) && alert.Body.Contains("sternpost certificate renew host", StringComparison.Ordinal));
    }

    private CertificateBook Book => new(store.Database);

    private KeyChoice Keys => new(new CertificateShelf(configuration, store.Folder), zone, configuration.Server.Hostname);

    private IReadOnlyList<HeldCertificate> Held() => new CertificateShelf(configuration, store.Folder).Read(time.GetUtcNow(), withKeys: true).Certificates;

    private string Pin() => Held().Single(held => held.Name == "host").Pin;

    private async Task RenewAsync()
    {
        await Book.AskAsync("host", default);
        await LookAsync();
    }

    private async Task LookAsync()
    {
        var warnings = new CertificateWarnings(configuration, Book, new Told(alerts), time);
        await using var keeper = new CertificateKeeper(configuration, store.Database, store.Directory, zone, new ChallengeBoard(), warnings, () => reloads++, time, NullLogger<CertificateKeeper>.Instance);
        using var client = AcmeAuthority.Open(configuration, store.Folder, time);
        await keeper.LookAsync(client, TestContext.Current.CancellationToken);
        await warnings.LookAsync(Held(), await Book.AllAsync(default), default);
    }

    private sealed class Told(List<Alert> alerts) : IAlerts
    {
        public void Raise(Sql sql, Alert alert) => alerts.Add(alert);

        public ValueTask RaiseAsync(Alert alert, CancellationToken cancellation)
        {
            alerts.Add(alert);
            return ValueTask.CompletedTask;
        }
    }
}
