using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns;

/// <summary>
/// From a reply to an answer, believing as little as possible: only records owned by the name asked for, or by an alias the same reply leads to,
/// count; budgets cut the rest.
/// </summary>
internal static class AnswerReading
{
    public static DnsAnswer<string> Texts(DnsMessage reply, DomainName name, bool authenticated)
    {
        var left = AnswerBudget.TextLength;
        return Read(reply, name, RecordType.Txt, authenticated, data =>
        {
            var text = Joined(data, left);
            left -= text.Length;
            return text;
        });
    }

    public static DnsAnswer<IPAddress> Addresses(DnsMessage reply, DomainName name, AddressFamily family, bool authenticated) =>
        Read(reply, name, family == AddressFamily.InterNetworkV6 ? RecordType.Aaaa : RecordType.A, authenticated, data => new IPAddress(data));

    public static DnsAnswer<MxRecord> Exchanges(DnsMessage reply, DomainName name, bool authenticated)
    {
        var answer = Read(reply, name, RecordType.Mx, authenticated, data =>
            // RFC 7505 §3: an exchange of "." says that the domain takes no mail.
            Host(data, 2, out var isRoot) is { } host ? new(new MxRecord(Number(data), host)) : isRoot ? new Boxed<MxRecord>(new MxRecord(Number(data), null)) : null);
        return new DnsAnswer<MxRecord>(answer.Status, [.. answer.Records.Select(box => box.Value).OrderBy(mx => mx.Preference)], answer.Authenticated);
    }

    public static DnsAnswer<DomainName> Pointers(DnsMessage reply, DomainName name, bool authenticated) =>
        Read(reply, name, RecordType.Ptr, authenticated, data => NameReader.In(data, 0, out _));

    public static DnsAnswer<TlsaRecord> Associations(DnsMessage reply, DomainName name, bool authenticated) =>
        Read(reply, name, RecordType.Tlsa, authenticated, data => data.Length < 3 ? null : new TlsaRecord(data[0], data[1], data[2], data[3..].ToArray()));

    public static DnsAnswer<SrvRecord> Services(DnsMessage reply, DomainName name, bool authenticated)
    {
        var answer = Read(reply, name, RecordType.Srv, authenticated, data =>
            // RFC 2782: a target of "." says that the service is decidedly not there.
            Host(data, 6, out var isRoot) is { } host || isRoot ? new SrvRecord(Number(data), Number(data[2..]), Number(data[4..]), Host(data, 6, out _)) : null);
        return answer with { Records = [.. answer.Records.OrderBy(srv => srv.Priority)] };
    }

    // RFC 8659 §4.1.
    public static DnsAnswer<CaaRecord> Issuers(DnsMessage reply, DomainName name, bool authenticated) =>
        Read(reply, name, RecordType.Caa, authenticated, data =>
            data.Length < 2 || data[1] is 0 || 2 + data[1] > data.Length ? null
                : new CaaRecord(data[0], Encoding.Latin1.GetString(data.Slice(2, data[1])), Encoding.Latin1.GetString(data[(2 + data[1])..])));

    public static DnsAnswer<DomainName> Servers(DnsMessage reply, DomainName name, bool authenticated) =>
        Read(reply, name, RecordType.Ns, authenticated, data => Host(data, 0, out _));

    public static DnsAnswer<SoaRecord> Zone(DnsMessage reply, DomainName name, bool authenticated) => Read(reply, name, RecordType.Soa, authenticated, Zone);

    public static DnsAnswer<DomainName> Alias(DnsMessage reply, DomainName name, bool authenticated) =>
        Read(reply, name, RecordType.Cname, authenticated, data => NameReader.In(data, 0, out _));

    /// <summary>How long the reply may be kept by its own word: the smallest TTL, or what its SOA says for absence (RFC 2308 §5).</summary>
    public static TimeSpan Ttl(DnsMessage reply, bool positive)
    {
        if (positive) return TimeSpan.FromSeconds(reply.Answers.Count == 0 ? 0 : reply.Answers.Min(Seconds));
        return reply.Authorities.FirstOrDefault(record => record is { Type: RecordType.Soa, Class: DnsClass.Internet }) is { } soa
            ? TimeSpan.FromSeconds(Math.Min(Seconds(soa), Zone(soa.Data.Span).Minimum.TotalSeconds))
            : TimeSpan.FromMinutes(1);
    }

    // RFC 2181 §8: what has the top bit set is zero.
    private static uint Seconds(ReadRecord record) => record.Ttl > int.MaxValue ? 0 : record.Ttl;

    private static SoaRecord Zone(ReadOnlySpan<byte> data)
    {
        // Two names and five numbers of four octets: serial, refresh, retry, expire, minimum (RFC 1035 §3.3.13).
        var numbers = data[^20..];
        return new SoaRecord(Host(data, 0, out _), BinaryPrimitives.ReadUInt32BigEndian(numbers), TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(numbers[16..])));
    }

    // A target that is no host name is passed over: nobody could connect to it.
    private static DomainName? Host(ReadOnlySpan<byte> data, int at, out bool isRoot) =>
        NameReader.In(data, at, out isRoot) is { } name && DomainName.TryParse(name.Ascii, out var host) ? host : null;

    private static int Number(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt16BigEndian(data);

    // One Latin-1 character an octet; the strings follow one another without a space (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
    private static string Joined(ReadOnlySpan<byte> data, int budget)
    {
        var text = new StringBuilder(Math.Min(data.Length, budget));
        for (var at = 0; at < data.Length && text.Length < budget; at += data[at] + 1)
            text.Append(Encoding.Latin1.GetString(data.Slice(at + 1, Math.Min(data[at], budget - text.Length))));
        return text.ToString();
    }

    private delegate T? Pick<out T>(ReadOnlySpan<byte> data);

    private static DnsAnswer<T> Read<T>(DnsMessage reply, DomainName name, RecordType type, bool authenticated, Pick<T> pick)
        where T : class
    {
        var owner = name;
        for (var hops = 0; hops < AnswerBudget.Aliases; hops++)
        {
            var records = reply.Answers
                .Where(record => record.Type == type && record.Class == DnsClass.Internet && record.Name == owner)
                .Take(AnswerBudget.Records)
                .Select(record => pick(record.Data.Span)).OfType<T>().ToArray();
            if (records.Length > 0) return new DnsAnswer<T>(DnsStatus.Success, records, authenticated);
            var alias = reply.Answers.FirstOrDefault(record => record is { Type: RecordType.Cname, Class: DnsClass.Internet } && record.Name == owner);
            if (alias is null || NameReader.In(alias.Data.Span, 0, out _) is not { } target) break;
            owner = target;
        }
        return new DnsAnswer<T>(DnsStatus.NoData, [], authenticated);
    }

    private sealed record Boxed<T>(T Value);
}
