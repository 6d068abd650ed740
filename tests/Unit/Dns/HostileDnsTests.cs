using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using static Sternpost.Unit.Dns.FakeDnsServer;

namespace Sternpost.Unit.Dns;

/// <summary>A server that lies, loops, floods and dawdles: each answer is a value in good time, and no message costs more than its budget.</summary>
public sealed class HostileDnsTests
{
    private static readonly DomainName Example = DomainName.Parse("mail.example");
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);

    // Two tries by UDP, each of which may turn to TCP, and a busy machine.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Lies => [.. Replies.Keys];

    private static readonly Dictionary<string, Func<DnsQuery, byte[]?>> Replies = new()
    {
        ["a name that points to itself"] = query => Reply(query, [[0xC0, 29, .. Number(Txt), .. Number(1), 0, 0, 0, 60, 0, 2, 1, 65]]),
        ["two names that point to each other"] = query => Reply(query, [[1, 97, 0xC0, 12 + 30, 1, 97, 0xC0, 30, .. Number(Txt), .. Number(1), 0, 0, 0, 60, 0, 2, 1, 65]]),
        ["a pointer past the end"] = query => Reply(query, [[0xFF, 0xFF, .. Number(Txt), .. Number(1), 0, 0, 0, 60, 0, 2, 1, 65]]),
        ["record data longer than the packet"] = query => Reply(query, [Record(Txt, [4, 97, 98, 99, 100], length: 60000)]),
        ["a character-string longer than its record"] = query => Reply(query, [Record(Txt, [255, 97])]),
        ["an address of three octets"] = query => Reply(query, [Record(A, [1, 2, 3]), Record(Txt, [1, 97])]),
        ["more answers promised than sent"] = query => Reply(query, [TxtRecord("a")]) is var reply ? [.. reply[..6], 0xFF, 0xFF, .. reply[8..]] : null,
        ["another id"] = query => Reply(query with { Id = (ushort)~query.Id }, [TxtRecord("a")]),
        ["another question"] = query => Reply(query with { Question = [.. Name("evil.example"), .. Number(Txt), .. Number(1)] }, [Record(Txt, [1, 97], name: "evil.example")]),
        ["a record of another owner"] = query => Reply(query, [Record(Txt, [1, 97], name: "evil.example")]),
        ["aliases in a circle"] = query => Reply(query, [Record(Cname, Name("b.example")), Record(Cname, Name("mail.example"), name: "b.example")]),
        ["a hundred aliases"] = query => Reply(query, Enumerable.Range(0, 100).Select(i => Record(Cname, Name($"n{i + 1}.example"), name: i == 0 ? null : $"n{i}.example")).Append(Record(Txt, [1, 97], name: "n100.example"))),
        ["nothing but a header"] = query => [.. Number(query.Id), .. Number(0x8180), 0, 1, 0, 9, 0, 0, 0, 0],
        ["three octets"] = _ => [1, 2, 3],
        ["nothing"] = _ => [],
        ["silence"] = _ => null,
        ["a query instead of a reply"] = query => [.. Number(query.Id), .. Number(0x0100), 0, 1, 0, 0, 0, 0, 0, 0, .. query.Question],
        ["always truncated"] = query => Reply(query, truncated: true),
        ["every error code"] = query => Reply(query, code: query.Id % 16),
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task ALieIsAnAnswerInGoodTime(string lie)
    {
        using var server = new FakeDnsServer(Replies[lie]);
        var watch = Stopwatch.StartNew();
        var answer = await Resolver(server).TxtAsync(Example, default);
        Assert.True(watch.Elapsed < Bound, $"{watch.Elapsed}");
        Assert.NotEqual(DnsStatus.Success, answer.Status);
        Assert.Empty(answer.Records);
    }

    [Fact]
    public async Task WhatAnswersAnotherQuestionIsPassedOver()
    {
        using var server = new FakeDnsServer(query => Reply(query, [TxtRecord("true")])) { Forged = query => Reply(query with { Id = (ushort)(query.Id + 1) }, [TxtRecord("forged")]) };
        Assert.Equal("true", Assert.Single((await Resolver(server).TxtAsync(Example, default)).Records));
        server.Forged = query => Reply(query with { Question = [.. Name("other.example"), .. Number(Txt), .. Number(1)] }, [TxtRecord("forged")]);
        Assert.Equal("true", Assert.Single((await Resolver(server).TxtAsync(Example, default)).Records));
    }

    [Fact]
    public async Task FourThousandStringsAreCut()
    {
        using var server = new FakeDnsServer(query => query.ByTcp
            ? Reply(query, Enumerable.Repeat(TxtRecord("a"), 4000))
            : Reply(query, truncated: true));
        var answer = await Resolver(server).TxtAsync(Example, default);
        Assert.Equal((DnsStatus.Success, 100), (answer.Status, answer.Records.Count));
    }

    [Fact]
    public async Task OneRecordOfFourThousandStringsIsOneText()
    {
        using var server = new FakeDnsServer(query => query.ByTcp
            ? Reply(query, [TxtRecord([.. Enumerable.Repeat("v=spf1 ", 4000)])])
            : Reply(query, truncated: true));
        Assert.InRange(Assert.Single((await Resolver(server).TxtAsync(Example, default)).Records).Length, 20_000, 64 * 1024);
    }

    [Theory]
    [InlineData("promises more than it sends")]
    [InlineData("one octet at a time")]
    [InlineData("a length of zero")]
    [InlineData("closes in the middle")]
    public async Task ASlowOrLyingTcpServerIsGivenUp(string how)
    {
        using var server = new FakeDnsServer(query => Reply(query, [TxtRecord("a")], truncated: !query.ByTcp))
        {
            TcpWriter = async (stream, reply, cancellation) =>
            {
                if (how == "promises more than it sends") await stream.WriteAsync((byte[])[0xFF, 0xFF, .. reply], cancellation);
                else if (how == "a length of zero") await stream.WriteAsync((byte[])[0, 0], cancellation);
                else if (how == "closes in the middle")
                {
                    await stream.WriteAsync((byte[])[.. Number(reply.Length), .. reply[..5]], cancellation);
                    stream.Close();
                }
                else
                {
                    foreach (var octet in (byte[])[.. Number(reply.Length), .. reply])
                    {
                        await stream.WriteAsync((byte[])[octet], cancellation);
                        await Task.Delay(150, cancellation);
                    }
                }
            },
        };
        var watch = Stopwatch.StartNew();
        var answer = await Resolver(server).TxtAsync(Example, default);
        Assert.Equal(DnsStatus.TemporaryFailure, answer.Status);
        Assert.True(watch.Elapsed < Bound, $"{watch.Elapsed}");
    }

    [Fact]
    public async Task NoReplyWhateverItsOctetsThrows()
    {
        byte[] current = [];
        using var server = new FakeDnsServer(query => [.. Number(query.Id), .. current]);
        var good = Reply(new DnsQuery(0, "", Txt, false, [.. Name("mail.example"), .. Number(Txt), .. Number(1)]), [TxtRecord("abc"), Record(Mx, [0, 10, .. Name("a.example")]), Record(Tlsa, [3, 1, 1, 5]), SoaRecord(5)])[2..];
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [server.Address], Timeout = TimeSpan.FromMilliseconds(100), Tries = 1, MinimumTtl = TimeSpan.Zero, MaximumTtl = TimeSpan.Zero, MaximumNegativeTtl = TimeSpan.Zero, FailureTtl = TimeSpan.Zero }, TimeProvider.System, NullLogger<DnsResolver>.Instance);
        var mutated = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Array[1, 4].Select(changes =>
        {
            var reply = (byte[])good.Clone();
            foreach (var (at, octet, _) in changes) reply[at] = octet;
            return changes[0].Item3 % 5 == 0 ? reply[..changes[0].Item3] : reply;
        });
        var replies = new List<byte[]>();
        Gen.Frequency((4, mutated), (1, Gen.Byte.Array[0, 120])).Sample(replies.Add, iter: 300, threads: 1);
        foreach (var reply in replies)
        {
            current = reply;
            foreach (var status in new[] { (await resolver.TxtAsync(Example, default)).Status, (await resolver.MxAsync(Example, default)).Status, (await resolver.TlsaAsync(Example, default)).Status })
                Assert.True(Enum.IsDefined(status));
        }
    }

    [Fact]
    public async Task OneMessageNeverCostsMoreThanItsBudget()
    {
        // A zone made for cost: includes that include, ten exchanges of ten hosts, keys that never come, texts without end.
        using var server = new FakeDnsServer(query => query.Type switch
        {
            Txt when query.Name.Contains("_domainkey", StringComparison.Ordinal) => query.Id % 2 == 0 ? null : Reply(query, truncated: true),
            Txt => Reply(query, [.. Enumerable.Repeat(TxtRecord("v=spf1 include:a." + query.Name + " mx:" + query.Name + " a:%{i}.x." + query.Name + " -all"), query.Name.StartsWith("_dmarc", StringComparison.Ordinal) ? 40 : 1)]),
            Mx => Reply(query, Enumerable.Range(0, 10).Select(i => Record(Mx, [0, 10, .. Name($"h{i}.{query.Name}")]))),
            A => Reply(query, [Record(A, [203, 0, 113, 9])]),
            _ => null,
        });
        var resolver = Resolver(server);
        var raw = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"DKIM-Signature: v=1; a=rsa-sha256; d=d{i}.evil.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"))
            + "From: <a@" + string.Concat(Enumerable.Range(0, 60).Select(i => $"l{i}.")) + "evil.example>\r\n\r\nText\r\n");
        var session = new SessionFacts(IPAddress.Parse("192.0.2.1"), "evil.example", "ESMTP", null, null, null, DateTimeOffset.UtcNow, "s");
        var envelope = new Envelope(EmailAddress.Parse("a@evil.example"), [new EnvelopeRecipient(EmailAddress.Parse("b@example.net"))]);
        var watch = Stopwatch.StartNew();
        var outcome = await new Authentication(resolver, TimeProvider.System, TimeSpan.FromSeconds(3)).EvaluateAsync(session, envelope, raw, default);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{watch.Elapsed}");
        // 120 questions of one message; each may be tried twice and by TCP again.
        Assert.InRange(server.Queries.Count, 1, 120 * 4);
        Assert.NotEqual(Sternpost.MailAuth.Dmarc.DmarcKind.Pass, outcome.Dmarc.Kind);
        Assert.Equal(11, outcome.Dkim.Count);
    }

    private static DnsResolver Resolver(FakeDnsServer server) =>
        new(new DnsResolverOptions { Servers = [server.Address], Timeout = Timeout }, TimeProvider.System, NullLogger<DnsResolver>.Instance);
}
