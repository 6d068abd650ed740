using System.Net.Sockets;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>The records a domain needs so that its mail arrives, leaves and is believed.</summary>
public static class DnsRecords
{
    private const int Hour = 3600;

    /// <summary>All records for a domain, those first on which most depends.</summary>
    public static IReadOnlyList<DnsRecordToPublish> For(PublishedFacts facts)
    {
        var records = new List<DnsRecordToPublish>();
        AddServer(records, facts);
        AddMail(records, facts);
        AddTransport(records, facts);
        AddServices(records, facts);
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

    /// <summary>
    /// The records as the fields of a provider's web form: the host without the domain (@ for the domain itself), and the number that comes
    /// first in MX and SRV as a field of its own. Long values are not cut, because they are there to be copied.
    /// </summary>
    public static string ToTable(IReadOnlyList<DnsRecordToPublish> records, DomainName domain)
    {
        var rows = records.Select(record => (Record: record, Host: Host(record.Name, domain), Fields: FormFields(record))).ToList();
        var width = rows.Count == 0 ? 4 : Math.Max(4, rows.Max(row => row.Host.Length));
        var table = new StringBuilder();
        table.Append("HOST".PadRight(width)).Append("  TYPE   TTL   PRIO  VALUE\n");
        foreach (var (record, host, (priority, value)) in rows)
        {
            table.Append(host.PadRight(width)).Append("  ").Append(record.Type.PadRight(5)).Append("  ").Append(record.Ttl).Append("  ").Append(priority.PadRight(4)).Append("  ").Append(value).Append('\n')
                .Append(' ', width + 2).Append(record.Why).Append('\n');
        }
        return table.ToString();
    }

    private static void AddServer(List<DnsRecordToPublish> records, PublishedFacts facts)
    {
        foreach (var address in facts.Addresses)
        {
            var six = address.AddressFamily == AddressFamily.InterNetworkV6;
            records.Add(new(facts.HostName.Ascii, six ? "AAAA" : "A", Hour, address.ToString(), "Where this server is.")
            {
                Importance = RecordImportance.Essential,
                Without = "Nobody finds the server, and what it sends is refused because its name leads nowhere.",
            });
            records.Add(new(ReverseName.Of(address).Ascii, "PTR", Hour, facts.HostName.Ascii,
                "The way back from the address to the name. Whoever gave you the address sets it, not your domain's DNS; many servers refuse mail without it.")
            {
                Importance = RecordImportance.Essential,
                Without = "Large receivers refuse mail from an address without a name, or file it as junk.",
            });
        }
    }

    private static void AddMail(List<DnsRecordToPublish> records, PublishedFacts facts)
    {
        var (domain, hostName) = (facts.Domain, facts.HostName);
        records.Add(new(domain.Ascii, "MX", Hour, $"10 {hostName.Ascii}", "Mail for the domain comes to this server.")
        {
            Importance = RecordImportance.Essential,
            Without = "Mail for the domain goes to the computer that its web site is on, or comes back.",
        });
        // RFC 7208 §3: "mx" names this server without repeating its addresses; "-all" because DMARC reads the rest from alignment.
        records.Add(new(domain.Ascii, "TXT", Hour, "v=spf1 mx -all", "SPF: only this server sends mail for the domain. Add others that do before the -all.")
        {
            Importance = RecordImportance.Essential,
            Without = "Nothing says who may send for the domain, and large receivers refuse its mail.",
        });
        if (hostName != domain)
        {
            // RFC 7208 §2.4: bounces are checked by the HELO name.
            records.Add(new(hostName.Ascii, "TXT", Hour, "v=spf1 a -all", "SPF for the server's own name, which stands in for the sender of bounces.")
            {
                Without = "Bounces and reports of this server are not proved, and some receivers drop them.",
            });
        }
        foreach (var key in facts.DkimKeys)
        {
            var kind = key.Algorithm == "rsa" ? "RSA" : "Ed25519";
            var (why, without) = key.Use switch
            {
                KeyUse.Next => ($"DKIM: the next {kind} key. It signs once it has been seen here for some days, and the old one then stays until mail that it signed has arrived.", "The old key goes on signing; keys that are never changed are worth more to a thief."),
                KeyUse.Retired => ($"DKIM: the {kind} key before. It signs no more, but mail that it signed may still be on its way.", "Mail signed some days ago cannot be checked any more."),
                KeyUse.Revoked => ("DKIM: this key is revoked; nothing is signed with it. The record may go when it is no longer shown here.", "An old key stays valid for whoever may have got hold of it."),
                _ => ($"DKIM: receivers check our {kind} signatures with this key.", "Our signatures cannot be checked, so the mail counts as unsigned, and what is forwarded fails DMARC."),
            };
            records.Add(new($"{key.Selector}._domainkey.{domain.Ascii}", "TXT", Hour, key.RecordText, why)
            {
                // RFC 8463 §5: every receiver knows RSA, not every one Ed25519.
                Importance = key.Use switch
                {
                    KeyUse.Signing when key.Algorithm == "rsa" => RecordImportance.Essential,
                    KeyUse.Revoked => RecordImportance.Optional,
                    _ => RecordImportance.Recommended,
                },
                Without = without,
            });
        }
        records.Add(new($"_dmarc.{domain.Ascii}", "TXT", Hour, $"v=DMARC1; p=quarantine; rua=mailto:{facts.ReportMailbox}@{domain.Ascii}",
            "DMARC: mail in the domain's name that we did not send is suspect, and reports come here. 'sternpost report show' reads them and says when p=reject is safe.")
        {
            Importance = RecordImportance.Essential,
            Without = "Anybody may write in the domain's name, you hear nothing of it, and large receivers trust the domain less.",
        });
    }

    private static void AddTransport(List<DnsRecordToPublish> records, PublishedFacts facts)
    {
        var (domain, hostName) = (facts.Domain, facts.HostName);
        if (facts.StsRecord is { } sts)
        {
            // RFC 8461 §3.
            records.Add(new($"_mta-sts.{domain.Ascii}", "TXT", Hour, sts, "MTA-STS: senders that look for it write to us over verified TLS only. Its id changes with the policy; publish it anew then.")
            {
                Without = "Whoever sits between a sender and this server can strip TLS and read the mail.",
            });
            records.Add(new($"mta-sts.{domain.Ascii}", "CNAME", Hour, hostName.Ascii, "Where senders fetch the MTA-STS policy from; the certificate must hold this name too.")
            {
                Without = "The MTA-STS policy cannot be fetched, so it protects nothing.",
            });
        }
        // RFC 8460 §3.
        records.Add(new($"_smtp._tls.{domain.Ascii}", "TXT", Hour, $"v=TLSRPTv1; rua=mailto:{facts.ReportMailbox}@{domain.Ascii}", "TLS reports: other servers say here how TLS with this one came out.")
        {
            Without = "You do not hear of it when others cannot reach this server over TLS.",
        });
        if (facts.Tlsa is { } tlsa)
        {
            // RFC 7672 §3.1.1: 3 1 1, the server's own key.
            records.Add(new($"_25._tcp.{hostName.Ascii}", "TLSA", Hour, tlsa, "DANE: pins the server's key. Only where the zone is signed (DNSSEC); publish the next key before you change the certificate's.")
            {
                Importance = RecordImportance.Optional,
                Without = "Senders that honour DANE fall back to MTA-STS or unverified TLS.",
            });
        }
        if (facts.CertificateAuthority is { } authority)
        {
            records.Add(new(hostName.Ascii, "CAA", Hour, $"0 issue \"{authority}\"", "CAA: only this authority may issue certificates for the server.")
            {
                Importance = RecordImportance.Optional,
                Without = "Any certificate authority may issue a certificate for the server.",
            });
        }
    }

    private static void AddServices(List<DnsRecordToPublish> records, PublishedFacts facts)
    {
        // RFC 6186 and RFC 8314 §5.1: how mail programs find the server from an address.
        (string Service, int Port, string What)[] services =
        [
            ("_submissions._tcp", 465, "sending mail"), ("_submission._tcp", 587, "sending mail with STARTTLS"),
            ("_imaps._tcp", 993, "reading mail"), ("_pop3s._tcp", 995, "fetching mail"),
            // RFC 5804 §1.8.
            ("_sieve._tcp", 4190, "sorting mail by rules"),
        ];
        foreach (var (service, port, what) in services)
        {
            records.Add(new($"{service}.{facts.Domain.Ascii}", "SRV", Hour, $"0 1 {port} {facts.HostName.Ascii}", $"Lets mail programs find the server for {what}.")
            {
                Importance = RecordImportance.Optional,
                Without = "Some mail programs must be told the server by hand.",
            });
        }
        records.Add(new($"autoconfig.{facts.Domain.Ascii}", "CNAME", Hour, facts.HostName.Ascii, "Where Thunderbird and its kin fetch the settings of an address; the certificate must hold this name too.")
        {
            Importance = RecordImportance.Optional,
            Without = "Those programs guess the server or ask for it.",
        });
    }

    private static string Host(string name, DomainName domain) =>
        name == domain.Ascii ? "@" : name.EndsWith("." + domain.Ascii, StringComparison.Ordinal) ? name[..^(domain.Ascii.Length + 1)] : name + ".";

    private static (string Priority, string Value) FormFields(DnsRecordToPublish record)
    {
        if (record.Type is not ("MX" or "SRV")) return ("", record.Value);
        var space = record.Value.IndexOf(' ', StringComparison.Ordinal);
        return (record.Value[..space], record.Value[(space + 1)..]);
    }

    private static string ZoneValue(DnsRecordToPublish record) => record.Type switch
    {
        "TXT" => Quoted(record.Value),
        "MX" or "SRV" or "PTR" or "CNAME" => record.Value + ".",
        _ => record.Value,
    };

    // RFC 1035 §3.3.14: a character-string holds at most 255 octets; readers join them without a space.
    private static string Quoted(string text) =>
        string.Join(' ', text.Chunk(255).Select(part => "\"" + new string(part).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""));
}
