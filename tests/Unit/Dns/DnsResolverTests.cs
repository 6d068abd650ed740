using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using static Sternpost.Unit.Dns.FakeDnsServer;

namespace Sternpost.Unit.Dns;

public sealed class DnsResolverTests
{
    private static readonly DomainName Example = DomainName.Parse("mail.example");

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task AnAnswerIsAskedForOnceInItsTime()
    {
        using var server = new FakeDnsServer(query => Reply(query, [Record(A, [192, 0, 2, 1], ttl: 60)]));
        var resolver = Resolver(server);
        for (var i = 0; i < 3; i++) Assert.Equal([IPAddress.Parse("192.0.2.1")], (await AddressAsync(resolver)).Records);
        Assert.Single(server.Queries);
        time.Advance(TimeSpan.FromSeconds(61));
        await AddressAsync(resolver);
        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task EqualQuestionsAtTheSameTimeArePutOnce()
    {
        using var gate = new ManualResetEventSlim();
        using var server = new FakeDnsServer(query =>
        {
            gate.Wait(TimeSpan.FromSeconds(10));
            return Reply(query, [Record(A, [192, 0, 2, 1])]);
        });
        var resolver = Resolver(server);
        var asking = Enumerable.Range(0, 50).Select(_ => AddressAsync(resolver)).ToList();
        gate.Set();
        Assert.All(await Task.WhenAll(asking), answer => Assert.Equal(DnsStatus.Success, answer.Status));
        Assert.Single(server.Queries);
    }

    [Theory]
    [InlineData(3, DnsStatus.NameError)]
    [InlineData(0, DnsStatus.NoData)]
    public async Task AbsenceIsRememberedAsLongAsTheZoneSays(int code, DnsStatus status)
    {
        using var server = new FakeDnsServer(query => Reply(query, code: code, authorities: [SoaRecord(minimum: 30)]));
        var resolver = Resolver(server);
        Assert.Equal(status, (await AddressAsync(resolver)).Status);
        Assert.Equal(status, (await AddressAsync(resolver)).Status);
        Assert.Single(server.Queries);
        time.Advance(TimeSpan.FromSeconds(31));
        await AddressAsync(resolver);
        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task AServerThatFailsIsNotAskedForEachMessage()
    {
        using var server = new FakeDnsServer(query => Reply(query, code: 2));
        var resolver = Resolver(server);
        for (var i = 0; i < 5; i++) Assert.Equal(DnsStatus.TemporaryFailure, (await AddressAsync(resolver)).Status);
        Assert.Single(server.Queries);
    }

    [Fact]
    public async Task ATruncatedAnswerIsFetchedByTcp()
    {
        using var server = new FakeDnsServer(query => query.ByTcp ? Reply(query, [TxtRecord("long", "er")]) : Reply(query, truncated: true));
        Assert.Equal(["longer"], (await Resolver(server).TxtAsync(Example, default)).Records);
        Assert.Equal([false, true], server.Queries.Select(query => query.ByTcp));
    }

    [Fact]
    public async Task ASilentServerIsAskedLastUntilItAnswers()
    {
        using var silent = new FakeDnsServer(_ => null);
        using var good = new FakeDnsServer(query => Reply(query, [Record(A, [192, 0, 2, 1])]));
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [silent.Address, good.Address], Timeout = TimeSpan.FromMilliseconds(200) }, time, NullLogger<DnsResolver>.Instance);
        for (var i = 0; i < 5; i++) Assert.Equal(DnsStatus.Success, (await AddressAsync(resolver, $"host{i}.example")).Status);
        Assert.Single(silent.Queries);
        Assert.Equal([1, 0], resolver.Status.Select(status => status.Failures));

        // After its rest it gets another chance, and keeps its place once it answers.
        silent.Handler = good.Handler;
        time.Advance(TimeSpan.FromMinutes(1));
        await AddressAsync(resolver, "host6.example");
        await AddressAsync(resolver, "host7.example");
        Assert.Equal(3, silent.Queries.Count);
        Assert.Equal([0, 0], resolver.Status.Select(status => status.Failures));
    }

    [Fact]
    public async Task AnotherServerMayKnowWhatOneFailsToSay()
    {
        using var failing = new FakeDnsServer(query => Reply(query, code: 2));
        using var good = new FakeDnsServer(query => Reply(query, [Record(A, [192, 0, 2, 1])]));
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [failing.Address, good.Address] }, time, NullLogger<DnsResolver>.Instance);
        Assert.Equal(DnsStatus.Success, (await AddressAsync(resolver)).Status);
    }

    [Fact]
    public async Task AnOldAnswerStandsInWhileNobodyAnswersButNotForever()
    {
        using var server = new FakeDnsServer(query => Reply(query, [query.Type == Tlsa ? Record(Tlsa, [3, 1, 1, .. new byte[32]], ttl: 60) : Record(A, [192, 0, 2, 1], ttl: 60)]));
        var resolver = Resolver(server);
        await AddressAsync(resolver);
        await resolver.TlsaAsync(Example, default);
        server.Handler = query => Reply(query, code: 2);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DnsStatus.Success, (await AddressAsync(resolver)).Status);
        Assert.Equal(DnsStatus.TemporaryFailure, (await resolver.TlsaAsync(Example, default)).Status);
        time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(DnsStatus.TemporaryFailure, (await AddressAsync(resolver)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhetherAnAnswerIsValidatedIsKnown(bool authentic)
    {
        using var server = new FakeDnsServer(query => Reply(query, [Record(query.Type == Soa ? Soa : A, query.Type == Soa ? SoaRecord(5)[19..] : [192, 0, 2, 1])], authentic: authentic));
        var resolver = Resolver(server);
        Assert.Equal(authentic, (await AddressAsync(resolver)).Authenticated);
        Assert.Equal(authentic, await resolver.ValidatesAsync(default));
    }

    [Fact]
    public async Task RecordsOfTheOtherTypesAreRead()
    {
        using var server = new FakeDnsServer(query => Reply(query, query.Type switch
        {
            Tlsa => [Record(Tlsa, [3, 1, 1, 0xAB, 0xCD])],
            Srv => [Record(Srv, [0, 20, 0, 1, 1, 187, .. Name("b.example")]), Record(Srv, [0, 10, 0, 1, 1, 187, 0])],
            Caa => [Record(Caa, [0x80, 5, .. "issue"u8, .. "letsencrypt.org"u8])],
            Ns => [Record(Ns, Name("ns1.example"))],
            Cname => [Record(Cname, Name("target.example"))],
            _ => [],
        }));
        var resolver = Resolver(server);
        Assert.Equal(["3 1 1 abcd"], (await resolver.TlsaAsync(Example, default)).Records.Select(record => record.ToString()));
        Assert.Equal([new SrvRecord(10, 1, 443, null), new SrvRecord(20, 1, 443, DomainName.Parse("b.example"))], (await resolver.SrvAsync(Example, default)).Records);
        Assert.Equal([new CaaRecord(128, "issue", "letsencrypt.org")], (await resolver.CaaAsync(Example, default)).Records);
        Assert.Equal([DomainName.Parse("ns1.example")], (await resolver.NsAsync(Example, default)).Records);
        Assert.Equal([DomainName.Parse("target.example")], (await resolver.CnameAsync(Example, default)).Records);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("2620:fe::fe", true)]
    [InlineData("192.0.2.53", false)]
    [InlineData("127.0.0.1", false)]
    public void PublicResolversAreKnown(string address, bool expected) => Assert.Equal(expected, PublicResolvers.Contains(IPAddress.Parse(address)));

    private DnsResolver Resolver(FakeDnsServer server) =>
        new(new DnsResolverOptions { Servers = [server.Address], Timeout = TimeSpan.FromSeconds(5) }, time, NullLogger<DnsResolver>.Instance);

    private static Task<DnsAnswer<IPAddress>> AddressAsync(DnsResolver resolver, string name = "mail.example") =>
        resolver.AddressesAsync(DomainName.Parse(name), AddressFamily.InterNetwork, default).AsTask();
}
