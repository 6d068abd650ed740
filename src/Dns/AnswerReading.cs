using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsClient;
using DnsClient.Protocol;

namespace Sternpost.Dns;

/// <summary>
/// From a reply on the wire to an answer, believing as little as possible: only records owned by the name asked for, or by an
/// alias the same reply leads to, count; budgets cut the rest.
/// </summary>
internal static class AnswerReading
{
    public static DnsAnswer<string> Texts(IDnsQueryResponse reply, string name, bool authenticated)
    {
        var left = AnswerBudget.TextLength;
        return Read<TxtRecord, string>(reply, name, authenticated, record =>
        {
            var text = Joined(record.EscapedText, left);
            left -= text.Length;
            return text;
        });
    }

    public static DnsAnswer<IPAddress> Addresses(IDnsQueryResponse reply, string name, AddressFamily family, bool authenticated) =>
        Read<AddressRecord, IPAddress>(reply, name, authenticated, record => record.Address.AddressFamily == family ? record.Address : null);

    public static DnsAnswer<MxRecord> Exchanges(IDnsQueryResponse reply, string name, bool authenticated)
    {
        var answer = Read<DnsClient.Protocol.MxRecord, Boxed<MxRecord>>(reply, name, authenticated, record =>
            // RFC 7505 §3: an exchange of "." says that the domain takes no mail.
            record.Exchange.Value is "." ? new(new MxRecord(record.Preference, null))
                : DomainName.TryParse(record.Exchange.Value, out var host) ? new(new MxRecord(record.Preference, host)) : null);
        return new DnsAnswer<MxRecord>(answer.Status, [.. answer.Records.Select(box => box.Value).OrderBy(mx => mx.Preference)], answer.Authenticated);
    }

    public static DnsAnswer<DomainName> Pointers(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<PtrRecord, DomainName>(reply, name, authenticated, record =>
            DomainName.TryParseForQuery(record.PtrDomainName.Value, out var host) ? host : null);

    public static DnsAnswer<TlsaRecord> Associations(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<DnsClient.Protocol.TlsaRecord, TlsaRecord>(reply, name, authenticated, record =>
            new TlsaRecord((int)record.CertificateUsage, (int)record.Selector, (int)record.MatchingType, record.CertificateAssociationData.ToArray()));

    public static DnsAnswer<SrvRecord> Services(IDnsQueryResponse reply, string name, bool authenticated)
    {
        var answer = Read<DnsClient.Protocol.SrvRecord, SrvRecord>(reply, name, authenticated, record =>
            // RFC 2782: a target of "." says that the service is decidedly not there.
            record.Target.Value is "." ? new SrvRecord(record.Priority, record.Weight, record.Port, null)
                : DomainName.TryParse(record.Target.Value, out var host) ? new SrvRecord(record.Priority, record.Weight, record.Port, host) : null);
        return answer with { Records = [.. answer.Records.OrderBy(srv => srv.Priority)] };
    }

    public static DnsAnswer<CaaRecord> Issuers(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<DnsClient.Protocol.CaaRecord, CaaRecord>(reply, name, authenticated, record => new CaaRecord(record.Flags, record.Tag, record.Value));

    public static DnsAnswer<DomainName> Servers(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<NsRecord, DomainName>(reply, name, authenticated, record => DomainName.TryParse(record.NSDName.Value, out var host) ? host : null);

    public static DnsAnswer<SoaRecord> Zone(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<DnsClient.Protocol.SoaRecord, SoaRecord>(reply, name, authenticated, record =>
            new SoaRecord(DomainName.TryParse(record.MName.Value, out var primary) ? primary : null, record.Serial, TimeSpan.FromSeconds(record.Minimum)));

    public static DnsAnswer<DomainName> Alias(IDnsQueryResponse reply, string name, bool authenticated) =>
        Read<CNameRecord, DomainName>(reply, name, authenticated, record => DomainName.TryParseForQuery(record.CanonicalName.Value, out var target) ? target : null);

    /// <summary>How long the reply may be kept by its own word: the smallest TTL, or what its SOA says for absence (RFC 2308 §5).</summary>
    public static TimeSpan Ttl(IDnsQueryResponse reply, bool positive)
    {
        if (positive)
        {
            var ttl = reply.Answers.Count == 0 ? 0 : reply.Answers.Min(record => record.InitialTimeToLive);
            return TimeSpan.FromSeconds(Math.Max(0, ttl));
        }
        return reply.Authorities.OfType<DnsClient.Protocol.SoaRecord>().FirstOrDefault() is { } soa
            ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, soa.InitialTimeToLive), soa.Minimum))
            : TimeSpan.FromMinutes(1);
    }

    /// <summary>Undoes the library's presentation form (RFC 1035 §5.1: <c>\DDD</c>, <c>\X</c>), giving one Latin-1 character an octet.</summary>
    internal static string Joined(IEnumerable<string> escaped, int budget)
    {
        var text = new StringBuilder();
        foreach (var part in escaped)
        {
            for (var i = 0; i < part.Length && text.Length < budget; i++)
            {
                if (part[i] != '\\' || i + 1 == part.Length) text.Append(part[i]);
                else if (i + 3 < part.Length && char.IsAsciiDigit(part[i + 1]) && char.IsAsciiDigit(part[i + 2]) && char.IsAsciiDigit(part[i + 3]))
                {
                    text.Append((char)(byte)(((part[i + 1] - '0') * 100) + ((part[i + 2] - '0') * 10) + part[i + 3] - '0'));
                    i += 3;
                }
                else text.Append(part[++i]);
            }
        }
        return text.ToString();
    }

    private static DnsAnswer<T> Read<TRecord, T>(IDnsQueryResponse reply, string name, bool authenticated, Func<TRecord, T?> pick)
        where TRecord : DnsResourceRecord
        where T : class
    {
        var owner = name;
        for (var hops = 0; hops < AnswerBudget.Aliases; hops++)
        {
            var records = reply.Answers.OfType<TRecord>()
                .Where(record => IsAt(record, owner))
                .Take(AnswerBudget.Records)
                .Select(pick).OfType<T>().ToArray();
            if (records.Length > 0) return new DnsAnswer<T>(DnsStatus.Success, records, authenticated);
            var alias = reply.Answers.OfType<CNameRecord>().FirstOrDefault(record => IsAt(record, owner));
            if (alias is null) break;
            owner = alias.CanonicalName.Value.TrimEnd('.').ToLowerInvariant();
        }
        return new DnsAnswer<T>(DnsStatus.NoData, [], authenticated);
    }

    private static bool IsAt(DnsResourceRecord record, string owner) =>
        record.DomainName.Value.AsSpan().TrimEnd('.').Equals(owner, StringComparison.OrdinalIgnoreCase);

    private sealed record Boxed<T>(T Value);
}
