using System.Net;
using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.MailAuth.Published;
using Sternpost.Queue.Publishing;
using Sternpost.Queue.Signing;
using Sternpost.Unit.Dns;

namespace Sternpost.Unit.Queue.Publishing;

/// <summary>The records of a domain in the zone of a real knot: put in, kept, changed, and other people's left alone.</summary>
public sealed class ZonePublisherTests
{
    private static readonly DomainName Domain = DomainName.Parse("example.com");

    [Fact]
    public async Task All_records_go_in_once_and_the_check_finds_them()
    {
        await using var knot = await KnotPrimary.StartAsync();
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);
        var facts = Facts("v=STSv1; id=one");

        var plan = await PlanAsync(publisher, facts);
        Assert.Null(plan.Problem);
        Assert.Equal(PrimaryState.Done, (await publisher.ApplyAsync(Domain, plan, default)).State);
        Assert.True((await PlanAsync(publisher, facts)).IsEmpty);
        Assert.Equal("PTR", Assert.Single(plan.Outside).Type);

        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [knot.Address] }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<DnsResolver>.Instance);
        var checks = await DnsComparison.CheckAsync(facts, resolver, TimeProvider.System, default);
        Assert.All(checks.Where(check => check.Record.Type != "PTR"), check => Assert.True(check.State == PublishedState.Published, $"{check.Record.Name} {check.Record.Type}: {check.State} {string.Join(' ', check.Remarks)}"));
    }

    [Fact]
    public async Task What_we_put_in_changes_with_us()
    {
        await using var knot = await KnotPrimary.StartAsync();
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);
        await publisher.ApplyAsync(Domain, await PlanAsync(publisher, Facts("v=STSv1; id=one")), default);

        var plan = await PlanAsync(publisher, Facts("v=STSv1; id=two"));
        Assert.Equal([("Added", "v=STSv1; id=two"), ("Removed", "v=STSv1; id=one")], plan.Lines.Where(line => line.Fate is PlannedFate.Added or PlannedFate.Removed).Select(line => (line.Fate.ToString(), line.Value)).Order());
        Assert.Equal(PrimaryState.Done, (await publisher.ApplyAsync(Domain, plan, default)).State);
        Assert.Equal(["v=STSv1; id=two"], await TextsAsync(knot, "_mta-sts.example.com"));
    }

    [Fact]
    public async Task What_others_put_in_stays_unless_it_is_to_be_replaced()
    {
        await using var knot = await KnotPrimary.StartAsync("@ TXT \"v=spf1 include:other.example -all\"\n@ TXT \"site-verification=1\"\n@ MX 5 mx.other.example.\nautoconfig CNAME elsewhere.example.");
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);

        var plan = await PlanAsync(publisher, Facts(null));
        Assert.Equal(["CNAME", "MX", "TXT"], plan.Lines.Where(line => line.Fate == PlannedFate.LeftAlone).Select(line => line.Type).Order());
        Assert.Equal(PrimaryState.Done, (await publisher.ApplyAsync(Domain, plan, default)).State);
        Assert.Equal(["site-verification=1", "v=spf1 include:other.example -all"], await TextsAsync(knot, "example.com"));

        Assert.Equal(PrimaryState.Done, (await publisher.ApplyAsync(Domain, await PlanAsync(publisher, Facts(null), replace: true), default)).State);
        Assert.Equal(["site-verification=1", "v=spf1 mx -all"], await TextsAsync(knot, "example.com"));
        Assert.Equal(["10 mail.example.com"], (await knot.Primary().FindAsync(Domain, "MX", default)).Set.Records.Select(record => record.Text));
    }

    [Fact]
    public async Task A_change_planned_on_what_is_no_longer_there_changes_nothing()
    {
        await using var knot = await KnotPrimary.StartAsync();
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);
        var plan = await PlanAsync(publisher, Facts(null));
        await knot.Primary().UpdateAsync(new ZoneUpdate(Domain) { Added = [ZoneRecord.Txt(Domain, 60, "v=spf1 -all")] }, default);

        Assert.Equal(PrimaryState.ChangedMeanwhile, (await publisher.ApplyAsync(Domain, plan, default)).State);
        Assert.Equal(["v=spf1 -all"], await TextsAsync(knot, "example.com"));
        Assert.Empty(await TextsAsync(knot, "_dmarc.example.com"));
    }

    [Fact]
    public async Task Keys_are_published_revoked_and_taken_back_as_they_change()
    {
        await using var knot = await KnotPrimary.StartAsync();
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);
        var (first, second) = (new PublishedKey("one", "rsa", "AAAA"), new PublishedKey("two", "rsa", "BBBB") { Use = KeyUse.Next });
        Assert.Equal(PrimaryState.Done, (await publisher.PublishKeysAsync(Domain, [first], default)).State);
        Assert.Equal(PrimaryState.Done, (await publisher.PublishKeysAsync(Domain, [first, second], default)).State);
        Assert.Equal(["v=DKIM1; k=rsa; p=AAAA"], await TextsAsync(knot, "one._domainkey.example.com"));
        Assert.Equal(["v=DKIM1; k=rsa; p=BBBB"], await TextsAsync(knot, "two._domainkey.example.com"));

        await publisher.PublishKeysAsync(Domain, [first with { PublicKey = "", Use = KeyUse.Revoked }, second], default);
        Assert.Equal(["v=DKIM1; k=rsa; p="], await TextsAsync(knot, "one._domainkey.example.com"));
        await publisher.PublishKeysAsync(Domain, [second], default);
        Assert.Empty(await TextsAsync(knot, "one._domainkey.example.com"));
        Assert.Equal(["v=DKIM1; k=rsa; p=BBBB"], await TextsAsync(knot, "two._domainkey.example.com"));
    }

    [Fact]
    public async Task Rotation_publishes_the_next_key_by_itself()
    {
        await using var knot = await KnotPrimary.StartAsync();
        await using var queue = await TestQueue.OpenAsync(25);
        var publisher = new ZonePublisher(queue.Database, knot.Primary(), TimeProvider.System);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Domain, default);
        queue.Time.Advance(TimeSpan.FromDays(200));
        await using var rotation = new DkimRotation(queue.Database, queue.Directory, keys, queue.Zone, new RotationOptions(), queue.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<DkimRotation>.Instance)
        {
            Publish = async (domain, published, cancellation) => await publisher.PublishKeysAsync(domain, published, cancellation) is { State: not PrimaryState.Done } problem ? problem.Reason : null,
        };
        await rotation.RoundAsync(default);
        var all = await keys.PublishedAsync(Domain, default);
        Assert.Equal(2, all.Count(key => key.Use == KeyUse.Next));
        foreach (var key in all) Assert.Equal([key.RecordText], await TextsAsync(knot, $"{key.Selector}._domainkey.example.com"));
    }

    private static Task<Publication> PlanAsync(ZonePublisher publisher, PublishedFacts facts, bool replace = false) =>
        publisher.PlanAsync(Domain, DnsRecords.For(facts), (_, _) => true, replace, default);

    private static PublishedFacts Facts(string? sts) => new(Domain, DomainName.Parse("mail.example.com"), [IPAddress.Parse("192.0.2.9")], [new PublishedKey("s1", "rsa", new string('A', 392))])
    {
        StsRecord = sts,
        Tlsa = "3 1 1 " + new string('a', 64),
        CertificateAuthority = "letsencrypt.org",
    };

    private static async Task<IEnumerable<string>> TextsAsync(KnotPrimary knot, string name) =>
        (await knot.Primary().FindAsync(DomainName.TryParseForQuery(name, out var parsed) ? parsed : throw new FormatException(), "TXT", default)).Set.Records.Select(record => record.Text).Order();
}
