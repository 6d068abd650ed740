using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>The records a domain needs so that its mail arrives, leaves and is believed.</summary>
public static class DnsRecords
{
    private const int Hour = 3600;

    /// <summary>All records for a domain served by this host.</summary>
    public static IReadOnlyList<DnsRecordToPublish> For(
        DomainName domain, DomainName hostName, IReadOnlyList<IPAddress> publicAddresses, IReadOnlyList<PublishedKey> dkimKeys)
    {
        var records = new List<DnsRecordToPublish>();
        foreach (var address in publicAddresses)
        {
            var six = address.AddressFamily == AddressFamily.InterNetworkV6;
            records.Add(new(hostName.Ascii, six ? "AAAA" : "A", Hour, address.ToString(), "Where this server is."));
            records.Add(new(ReverseName.Of(address).Ascii, "PTR", Hour, hostName.Ascii,
                "The way back from the address to the name. Whoever gave you the address sets it, not your domain's DNS; many servers refuse mail without it."));
        }
        records.Add(new(domain.Ascii, "MX", Hour, $"10 {hostName.Ascii}", "Mail for the domain comes to this server."));
        // RFC 7208 §3: "mx" names this server without repeating its addresses; "-all" because DMARC reads the rest from alignment.
        records.Add(new(domain.Ascii, "TXT", Hour, "v=spf1 mx -all", "SPF: only this server sends mail for the domain. Add others that do before the -all."));
        if (hostName != domain)
        {
            // RFC 7208 §2.4: bounces are checked by the HELO name.
            records.Add(new(hostName.Ascii, "TXT", Hour, "v=spf1 a -all", "SPF for the server's own name, which stands in for the sender of bounces."));
        }
        foreach (var key in dkimKeys)
        {
            records.Add(new($"{key.Selector}._domainkey.{domain.Ascii}", "TXT", Hour, key.RecordText,
                $"DKIM: receivers check our {(key.Algorithm == "rsa" ? "RSA" : "Ed25519")} signatures with this key."));
        }
        records.Add(new($"_dmarc.{domain.Ascii}", "TXT", Hour, $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain.Ascii}",
            "DMARC: mail in the domain's name that we did not send is suspect, and reports come to postmaster. Make it p=reject once the reports show nothing else of yours."));
        AddServices(records, domain, hostName);
        return records;
    }

    /// <summary>The records as lines of a zone file (RFC 1035 §5), each with its reason as a comment above.</summary>
    public static string ToZoneFile(IReadOnlyList<DnsRecordToPublish> records)
    {
        var zone = new StringBuilder();
        foreach (var record in records)
        {
            zone.Append("; ").Append(record.Why).Append('\n');
            // PTR lies in the provider's zone, so it cannot be a line of this one.
            if (record.Type == "PTR") zone.Append("; ");
            zone.Append(record.Name).Append(".\t").Append(record.Ttl).Append("\tIN\t").Append(record.Type).Append('\t').Append(ZoneValue(record)).Append('\n');
        }
        return zone.ToString();
    }

    /// <summary>The records in columns for reading; long values are not cut, because they are there to be copied.</summary>
    public static string ToTable(IReadOnlyList<DnsRecordToPublish> records)
    {
        var name = records.Count == 0 ? 0 : records.Max(record => record.Name.Length);
        var table = new StringBuilder();
        foreach (var record in records)
        {
            table.Append(record.Name.PadRight(name)).Append("  ").Append(record.Type.PadRight(4)).Append("  ").Append(record.Value).Append('\n')
                .Append(' ', name + 8).Append(record.Why).Append('\n');
        }
        return table.ToString();
    }

    private static void AddServices(List<DnsRecordToPublish> records, DomainName domain, DomainName hostName)
    {
        // RFC 6186 and RFC 8314 §5.1: how mail programs find the server from an address.
        (string Service, int Port, string What)[] services =
        [
            ("_submissions._tcp", 465, "sending mail"), ("_submission._tcp", 587, "sending mail with STARTTLS"),
            ("_imaps._tcp", 993, "reading mail"), ("_pop3s._tcp", 995, "fetching mail"),
        ];
        foreach (var (service, port, what) in services)
        {
            records.Add(new($"{service}.{domain.Ascii}", "SRV", Hour, $"0 1 {port} {hostName.Ascii}", $"Lets mail programs find the server for {what}."));
        }
    }

    private static string ZoneValue(DnsRecordToPublish record) => record.Type switch
    {
        "TXT" => Quoted(record.Value),
        "MX" or "SRV" or "PTR" => record.Value + ".",
        _ => record.Value,
    };

    // RFC 1035 §3.3.14: a character-string holds at most 255 octets; readers join them without a space.
    private static string Quoted(string text) =>
        string.Join(' ', text.Chunk(255).Select(part => "\"" + new string(part).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""));
}
