using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Storage;

namespace Sternpost.Queue.TransportSecurity;

/// <summary>
/// Counts what TLS came to with each destination (RFC 8460 §4), for the report of the day. Counts gather in memory and are written
/// together: a crash may lose the last of them, which a report can bear and a write for each connection could not.
/// </summary>
internal sealed class TlsResults(Database database, QueueOptions options, TimeProvider time)
{
    // Beyond so many different ones nothing new is counted until they are written.
    private const int Capacity = 10_000;
    // Different ones kept for a destination and a day; a hostile one could make any number.
    private const int RowsPerDomain = 200;

    private readonly Lock gate = new();
    private Dictionary<TlsResultKey, long> counts = [];

    /// <summary>A server was connected to, or TLS with it failed.</summary>
    internal void Count(DomainName domain, RemoteServer server, StsFinding sts, ClientOpening opening)
    {
        if (!options.TlsReports) return;
        var policy = PolicyOf(domain, server, sts);
        if (sts is { Policy: null, Failure: { } fetch } && server.Dane is null) Add(domain, policy, Details(fetch.ResultType!, null, null, fetch.Reason));
        else if (opening is ClientOpening.Opened { Connection: var connection })
        {
            var demanded = server.Dane is not null || sts.Policy is not null;
            var failure = connection.Protection is not { } tls ? connection.CleartextReason is null ? TlsResultType.StartTlsNotSupported : TlsResultType.ValidationFailure
                : demanded ? tls.ProblemType : null;
            Add(domain, policy, failure is { } type ? Details(Word(type), server.Name, server.EndPoint.Address, connection.CleartextReason, connection.LocalAddress) : "");
        }
        // A server that was not reached says nothing about TLS.
        else if (opening is ClientOpening.Failed { Failure: { Tls: { } type } failure }) Add(domain, policy, Details(Word(type), server.Name, server.EndPoint.Address, failure.Reason, failure.LocalAddress));
    }

    /// <summary>A host was not connected to because a policy forbids it, or because its TLSA records could not be had.</summary>
    internal void CountTurnedDown(DomainName domain, DomainName host, StsFinding sts, string resultType, string reason)
    {
        if (!options.TlsReports) return;
        Add(domain, resultType == "dnssec-invalid" ? Policy("tlsa", [], host, []) : PolicyOf(domain, null, sts), Details(resultType, host.Ascii, null, reason));
    }

    /// <summary>Writes what has gathered.</summary>
    internal async Task FlushAsync(CancellationToken cancellation)
    {
        Dictionary<TlsResultKey, long> written;
        lock (gate)
        {
            if (counts.Count == 0) return;
            written = counts;
            counts = [];
        }
        await database.WriteAsync(
            sql =>
            {
                foreach (var (key, sessions) in written) TlsResultRows.Add(sql, key, sessions, RowsPerDomain);
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    private void Add(DomainName domain, string policy, string failure)
    {
        var key = new TlsResultKey(Day(time.GetUtcNow()), domain.Ascii, policy, failure);
        lock (gate)
        {
            if (counts.TryGetValue(key, out var sessions)) counts[key] = sessions + 1;
            else if (counts.Count < Capacity) counts[key] = 1;
        }
    }

    internal static long Day(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / (24 * 60 * 60);

    private static string PolicyOf(DomainName domain, RemoteServer? server, StsFinding sts) => (server?.Dane, sts) switch
    {
        ({ } dane, _) => Policy("tlsa", dane.Associations.Select(record => record.ToString()), dane.Names[0], []),
        (_, { Policy: { } policy }) => Policy("sts", policy.Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0), domain, policy.Hosts),
        (_, { Failure: not null }) => Policy("sts", [], domain, []),
        _ => Policy("no-policy-found", [], domain, []),
    };

    // RFC 8460 §4.4.
    private static string Policy(string type, IEnumerable<string> strings, DomainName domain, IEnumerable<string> hosts) => Json(json =>
    {
        json.WriteString("policy-type", type);
        if (type != "no-policy-found")
        {
            json.WriteStartArray("policy-string");
            foreach (var text in strings.Take(MaxStrings)) json.WriteStringValue(text);
            json.WriteEndArray();
        }
        json.WriteString("policy-domain", domain.Ascii);
        if (hosts.Any())
        {
            json.WriteStartArray("mx-host");
            foreach (var host in hosts.Take(MaxStrings)) json.WriteStringValue(host);
            json.WriteEndArray();
        }
    });

    private const int MaxStrings = 30;

    private static string Details(string type, string? host, IPAddress? address, string? information, IPAddress? own = null) => Json(json =>
    {
        json.WriteString("result-type", type);
        if (own is not null) json.WriteString("sending-mta-ip", own.ToString());
        if (host is not null) json.WriteString("receiving-mx-hostname", host);
        if (address is not null) json.WriteString("receiving-ip", address.ToString());
        if (information is not null) json.WriteString("additional-information", information.Length > 200 ? information[..200] : information);
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Word(TlsResultType type) => type switch
    {
        TlsResultType.StartTlsNotSupported => "starttls-not-supported",
        TlsResultType.CertificateHostMismatch => "certificate-host-mismatch",
        TlsResultType.CertificateExpired => "certificate-expired",
        TlsResultType.CertificateNotTrusted => "certificate-not-trusted",
        _ => "validation-failure",
    };
}
