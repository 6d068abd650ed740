using System.Buffers.Binary;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Dns.Protocol;
using Sternpost.Dns.Updates;

namespace Sternpost.Unit.Dns;

/// <summary>Dynamic updates with a real knot at the other end, and with servers that are not to be believed.</summary>
public sealed class ZoneUpdateTests
{
    private static readonly DomainName Zone = DomainName.Parse("example.com");

    [Theory]
    [InlineData("host.example.com", "A", "192.0.2.7")]
    [InlineData("host.example.com", "AAAA", "2001:db8::7")]
    [InlineData("example.com", "MX", "10 mail.example.com")]
    [InlineData("mta-sts.example.com", "CNAME", "mail.example.com")]
    [InlineData("_imaps._tcp.example.com", "SRV", "0 1 993 mail.example.com")]
    [InlineData("_25._tcp.mail.example.com", "TLSA", "3 1 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("mail.example.com", "CAA", "0 issue \"letsencrypt.org\"")]
    [InlineData("_dmarc.example.com", "TXT", "v=DMARC1; p=none; x=\\\"")]
    public async Task A_record_of_each_type_goes_in_reads_back_and_comes_out(string name, string type, string value)
    {
        await using var knot = await KnotPrimary.StartAsync();
        Assert.True(ZoneRecord.TryParse(DomainName.TryParseForQuery(name, out var owner) ? owner : throw new FormatException(), type, 60, value, out var record));
        Assert.Equal(value, record.Text);
        var primary = knot.Primary();

        Assert.Equal(PrimaryState.Done, (await primary.UpdateAsync(new ZoneUpdate(Zone) { Expected = [new RecordSet(owner, record.Type, [])], Added = [record] }, default)).State);
        var found = await primary.FindAsync(owner, type, default);
        Assert.Equal([record], found.Set.Records);

        Assert.Equal(PrimaryState.Done, (await primary.UpdateAsync(new ZoneUpdate(Zone) { Expected = [found.Set], Removed = [record] }, default)).State);
        Assert.Empty((await primary.FindAsync(owner, type, default)).Set.Records);
    }

    [Fact]
    public async Task A_text_longer_than_one_string_is_the_same_for_another_reader()
    {
        await using var knot = await KnotPrimary.StartAsync();
        var name = DomainName.TryParseForQuery("s._domainkey.example.com", out var parsed) ? parsed : null!;
        var text = "v=DKIM1; k=rsa; p=" + new string('A', 600);
        Assert.Equal(PrimaryState.Done, (await knot.Primary().UpdateAsync(new ZoneUpdate(Zone) { Added = [ZoneRecord.Txt(name, 60, text)] }, default)).State);
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [knot.Address] }, TimeProvider.System, NullLogger<DnsResolver>.Instance);
        Assert.Equal([text], (await resolver.TxtAsync(name, default)).Records);
    }

    [Fact]
    public async Task Nothing_changes_where_the_zone_is_not_as_it_was_read()
    {
        await using var knot = await KnotPrimary.StartAsync("@ TXT \"one\"");
        var primary = knot.Primary();
        var read = (await primary.FindAsync(Zone, "TXT", default)).Set;
        Assert.Equal(PrimaryState.Done, (await primary.UpdateAsync(new ZoneUpdate(Zone) { Added = [ZoneRecord.Txt(Zone, 60, "two")] }, default)).State);

        var late = await primary.UpdateAsync(new ZoneUpdate(Zone) { Expected = [read], Added = [ZoneRecord.Txt(Zone, 60, "three")] }, default);
        Assert.Equal(PrimaryState.ChangedMeanwhile, late.State);
        var absent = await primary.UpdateAsync(new ZoneUpdate(Zone) { Expected = [new RecordSet(Zone, read.Type, [])], Added = [ZoneRecord.Txt(Zone, 60, "three")] }, default);
        Assert.Equal(PrimaryState.ChangedMeanwhile, absent.State);
        Assert.Equal(["one", "two"], (await primary.FindAsync(Zone, "TXT", default)).Set.Records.Select(record => record.Text).Order());
    }

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_key_are_told_apart()
    {
        await using var knot = await KnotPrimary.StartAsync();
        var update = new ZoneUpdate(Zone) { Added = [ZoneRecord.Txt(Zone, 60, "x")] };
        var wrong = await knot.Primary(knot.Key with { Secret = new byte[32] }).UpdateAsync(update, default);
        Assert.Equal(PrimaryState.Refused, wrong.State);
        Assert.Contains("secret", wrong.Reason);
        var unknown = await knot.Primary(knot.Key with { Name = DomainName.Parse("nobody.example") }).UpdateAsync(update, default);
        Assert.Equal(PrimaryState.Refused, unknown.State);
        Assert.Contains("does not know the key nobody.example", unknown.Reason);
    }

    [Fact]
    public async Task The_zone_of_a_name_is_found_and_names_of_other_zones_are_not_ours()
    {
        await using var knot = await KnotPrimary.StartAsync("away NS ns.other.test.");
        var primary = knot.Primary();
        Assert.Equal(Zone, (await primary.ZoneOfAsync(DomainName.Parse("a.b.example.com"), default)).Zone);
        Assert.Null((await primary.ZoneOfAsync(DomainName.Parse("x.away.example.com"), default)).Zone);
        Assert.Null((await primary.ZoneOfAsync(DomainName.Parse("example.net"), default)).Zone);
    }

    [Theory]
    [InlineData(false, "not signed")]
    [InlineData(true, "signature of the server's answer is wrong")]
    public async Task An_answer_that_the_server_did_not_sign_is_not_believed(bool forged, string reason)
    {
        using var liar = new FakeDnsServer(query => null);
        var key = new TsigKey(DomainName.Parse("k.example"), DomainName.Parse("hmac-sha256"), new byte[32]);
        liar.Handler = query =>
        {
            // What it echoes is an update's header with QR and NOERROR; with a signature made by another secret where it forges one.
            var reply = new byte[12];
            BinaryPrimitives.WriteUInt16BigEndian(reply, query.Id);
            BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(2), 0xA800);
            return forged ? Tsig.Sign(reply, key with { Secret = [1] }, DateTimeOffset.UtcNow).Message : reply;
        };
        var outcome = await new PrimaryServer(liar.Address, key, TimeSpan.FromSeconds(5), TimeProvider.System).UpdateAsync(new ZoneUpdate(Zone) { Added = [ZoneRecord.Txt(Zone, 60, "x")] }, default);
        Assert.Equal(PrimaryState.Refused, outcome.State);
        Assert.Contains(reason, outcome.Reason);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure_with_a_reason()
    {
        IPEndPoint address;
        using (var gone = new FakeDnsServer(_ => null)) address = gone.Address;
        var outcome = await new PrimaryServer(address, new TsigKey(DomainName.Parse("k.example"), DomainName.Parse("hmac-sha256"), new byte[32]), TimeSpan.FromSeconds(2), TimeProvider.System).UpdateAsync(new ZoneUpdate(Zone), default);
        Assert.Equal(PrimaryState.Failed, outcome.State);
        Assert.NotEmpty(outcome.Reason);
    }

    [Theory]
    [InlineData("hmac-sha256", 32)]
    [InlineData("hmac-sha384", 48)]
    [InlineData("hmac-sha512", 64)]
    public void What_is_signed_verifies_with_the_same_key_and_no_other(string algorithm, int length)
    {
        var key = new TsigKey(DomainName.Parse("k.example"), DomainName.Parse(algorithm), [1, 2, 3]);
        var now = DateTimeOffset.UtcNow;
        var request = new ZoneUpdate(Zone).ToMessage(7);
        var (_, mac) = Tsig.Sign(request, key, now);
        Assert.Equal(length, mac.Length);
        // The server signs its answer over the request's MAC and the answer (RFC 8945 §5.3).
        var answer = Answer(request, mac, key, now);
        Assert.True(DnsReader.TryRead(answer, out var read));
        Assert.Null(Tsig.Problem(answer, read, mac, key, now));
        Assert.NotNull(Tsig.Problem(answer, read, mac, key with { Secret = [1, 2, 4] }, now));
        Assert.NotNull(Tsig.Problem(answer, read, [.. mac.Reverse()], key, now));
        Assert.Contains("another time", Tsig.Problem(answer, read, mac, key, now.AddMinutes(6)));
    }

    // Signs as a server does: the request's MAC goes before the message.
    private static byte[] Answer(byte[] request, byte[] requestMac, TsigKey key, DateTimeOffset now)
    {
        var plain = request.ToArray();
        plain[2] |= 0x80;
        var variables = Tsig.Sign(plain, key, now).Message[plain.Length..];
        var signed = new System.Buffers.ArrayBufferWriter<byte>();
        DnsWriter.Number(signed, requestMac.Length);
        System.Buffers.BuffersExtensions.Write(signed, requestMac);
        System.Buffers.BuffersExtensions.Write(signed, plain);
        DnsWriter.Name(signed, key.Name);
        DnsWriter.Number(signed, 255);
        DnsWriter.LongNumber(signed, 0);
        DnsWriter.Name(signed, key.Algorithm);
        var seconds = now.ToUnixTimeSeconds();
        DnsWriter.Number(signed, (int)(seconds >> 32));
        DnsWriter.LongNumber(signed, (uint)seconds);
        DnsWriter.Number(signed, Tsig.Fudge);
        DnsWriter.Number(signed, 0);
        DnsWriter.Number(signed, 0);
        var mac = key.Sign(signed.WrittenSpan);
        // The record that Sign made, with the server's MAC in place of its own.
        byte[] whole = [.. plain, .. variables];
        mac.CopyTo(whole, whole.Length - 6 - mac.Length);
        whole[11]++;
        return whole;
    }
}
