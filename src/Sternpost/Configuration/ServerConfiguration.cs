using System.Net;
using System.Net.Sockets;
using Sternpost.Abuse.Limits;
using Sternpost.Behind;
using Sternpost.Dns;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Judges.Composites;
using Sternpost.Filter.Judges.LocalLists;
using Sternpost.Fronts.Consulted;
using Sternpost.Malware;
using Sternpost.Malware.Scanning;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.Routing;

namespace Sternpost.Configuration;

/// <summary>
/// Everything an administrator can set, typed. Defaults are not here but in <see cref="ConfigurationKeys"/>, which fills this;
/// only <see cref="ConfigurationFile"/> and the demo make one.
/// </summary>
internal sealed class ServerConfiguration
{
    public ServerSection Server { get; } = new();
    public ListenerSections Listeners { get; } = new();
    public TlsSection Tls { get; } = new();
    public AcmeSection Acme { get; } = new();
    public LimitsSection Limits { get; } = new();
    public FilterSection Filter { get; } = new();
    public MalwareSection Malware { get; } = new();
    public AttachmentsSection Attachments { get; } = new();
    public QuarantineSection Quarantine { get; } = new();
    public ContentFilterSection ContentFilter { get; } = new();
    public GatewaySection Gateway { get; } = new();
    public SendingSection Sending { get; } = new();
    public AbuseSection Abuse { get; } = new();
    public AlertsSection Alerts { get; } = new();
    public SitesSection Sites { get; } = new();
    public QueueSection Queue { get; } = new();
    public TransportSection Transport { get; } = new();
    public ReportsSection Reports { get; } = new();
    public WatchSection Watch { get; } = new();
    public DnsSection Dns { get; } = new();
    public StorageSection Storage { get; } = new();
    public LoggingSection Logging { get; } = new();
}

/// <summary>Who this server is.</summary>
internal sealed class ServerSection
{
    /// <summary>The name in greetings, Received lines and certificates; set once loaded.</summary>
    public DomainName Hostname { get; set; } = null!;

    /// <summary>Empty: those that the host name has in DNS.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; set; } = [];
}

/// <summary>Where a protocol listens.</summary>
internal sealed class ListenerSection
{
    public IReadOnlyList<IPAddress> Addresses { get; set; } = [];

    /// <summary>0 turns the listener off.</summary>
    public int Port { get; set; }

    /// <summary>The addresses with the port; none where the listener is off, and without <c>::</c> where this machine has no IPv6.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => Port == 0 ? [] : [.. Addresses.Where(address => Socket.OSSupportsIPv6 || !address.Equals(IPAddress.IPv6Any)).Select(address => new IPEndPoint(address, Port))];
}

/// <summary>All listeners.</summary>
internal sealed class ListenerSections
{
    public ListenerSection Mx { get; } = new();
    public ListenerSection Submission { get; } = new();
    public ListenerSection Submissions { get; } = new();
    public ListenerSection Imap { get; } = new();
    public ListenerSection Imaps { get; } = new();
    public ListenerSection Pop3 { get; } = new();
    public ListenerSection Pop3s { get; } = new();
    public ListenerSection ManageSieve { get; } = new();
    public ListenerSection Https { get; } = new();
    public ListenerSection Http { get; } = new();
    public ListenerSection Milter { get; } = new();
    public ListenerSection Spamd { get; } = new();
    public ListenerSection Rspamd { get; } = new();
    public ListenerSection ContentFilter { get; } = new();

    /// <summary>Each with its name in the configuration.</summary>
    public IEnumerable<(string Name, ListenerSection Listener)> All =>
    [
        ("mx", Mx), ("submission", Submission), ("submissions", Submissions), ("imap", Imap), ("imaps", Imaps),
        ("pop3", Pop3), ("pop3s", Pop3s), ("managesieve", ManageSieve), ("https", Https), ("http", Http),
        ("milter", Milter), ("spamd", Spamd), ("rspamd", Rspamd), ("content_filter", ContentFilter),
    ];
}

/// <summary>The certificate all listeners show.</summary>
internal sealed class TlsSection
{
    public string Certificate { get; set; } = "";
    public string Key { get; set; } = "";
}

/// <summary>Certificates by ACME.</summary>
internal sealed class AcmeSection
{
    /// <summary>Whether certificates are ordered: the authority's terms are accepted.</summary>
    public bool AcceptTerms { get; set; }
    public Uri Directory { get; set; } = null!;
    public IReadOnlyList<EmailAddress> Contact { get; set; } = [];

    /// <summary>Host names and addresses beside the server's own.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];

    /// <summary>Empty: all that can be answered.</summary>
    public IReadOnlyList<string> Challenges { get; set; } = [];
    public string Profile { get; set; } = "";

    /// <summary>Empty: those this computer believes.</summary>
    public string AuthorityFile { get; set; } = "";
    public string KeyId { get; set; } = "";
    public Secret? MacKey { get; set; }
}

/// <summary>What one peer may take.</summary>
internal sealed class LimitsSection
{
    public long MessageSize { get; set; }
    public int Recipients { get; set; }
    public int Connections { get; set; }
    public int ConnectionsPerAddress { get; set; }
    public int ConnectionsPerNetwork { get; set; }
    public int ConnectionsPerMinute { get; set; }
    public int MessagesPerConnection { get; set; }
    public int ErrorsPerConnection { get; set; }
    public IReadOnlyList<IPNetwork> Exempt { get; set; } = [];
    public IReadOnlyList<IPNetwork> ImportFrom { get; set; } = [];
    public IReadOnlyList<IPNetwork> ProxyFrom { get; set; } = [];
}

/// <summary>The spam filter.</summary>
internal sealed class FilterSection
{
    public double JunkAt { get; set; }
    public double RejectAt { get; set; }

    /// <summary>Where false, what would be refused goes to Junk.</summary>
    public bool Refuse { get; set; }
    public IReadOnlyList<(string Symbol, double Weight)> Weights { get; set; } = [];
    public TimeSpan KeepFindings { get; set; }
    public IReadOnlyList<EmailAddress> Traps { get; set; } = [];
    public bool Greylist { get; set; }
    public TimeSpan GreylistDelay { get; set; }
    public bool AfterDelivery { get; set; }

    /// <summary>0 turns the shield off.</summary>
    public int MailBomb { get; set; }
    public IReadOnlyList<DomainName> AddressLists { get; set; } = [];
    public IReadOnlyList<DomainName> DomainLists { get; set; } = [];
    public IReadOnlyList<DomainName> HashLists { get; set; } = [];

    /// <summary>File with the keys of list vendors; empty where there are none.</summary>
    public string ListKeysFile { get; set; } = "";
    public LocalList Allow { get; set; } = LocalList.Empty;
    public LocalList Deny { get; set; } = LocalList.Empty;
    public IReadOnlyList<Composite> Composites { get; set; } = [];
    public IReadOnlyList<DomainName> TrustedForwarders { get; set; } = [];
    public IReadOnlyList<DomainName> TrustedSealers { get; set; } = [];

    /// <summary>Whether DKIM2 is verified.</summary>
    public bool Dkim2 { get; set; }
    public string Model { get; set; } = "";
    public IReadOnlyList<string> SpamAssassinRules { get; set; } = [];
    public double SpamAssassinWeight { get; set; }
    public TimeSpan Deadline { get; set; }
    public IReadOnlyList<ConsultedFilter> Consult { get; set; } = [];
}

/// <summary>The virus scanner.</summary>
internal sealed class MalwareSection
{
    public IReadOnlyList<ScannerAddress> Scanners { get; set; } = [];
    public string Found { get; set; } = "";
    public string Unavailable { get; set; } = "";
    public string TooLarge { get; set; } = "";
    public TimeSpan Timeout { get; set; }
    public long MaxSize { get; set; }
}

/// <summary>Dangerous attachments; what is said of none weighs in the score.</summary>
internal sealed class AttachmentsSection
{
    public Dictionary<DangerKind, AttachmentAction> Actions { get; } = [];

    /// <summary>File of SHA-256 hashes; empty for none.</summary>
    public string Blocklist { get; set; } = "";
}

/// <summary>Held mail.</summary>
internal sealed class QuarantineSection
{
    public TimeSpan Keep { get; set; }

    /// <summary>Zero writes no digests.</summary>
    public TimeSpan Digest { get; set; }
    public bool UsersRelease { get; set; }
    public LocalList UsersReleaseExcept { get; set; } = LocalList.Empty;
}

/// <summary>The servers this one stands in front of.</summary>
internal sealed class GatewaySection
{
    public IReadOnlyList<(DomainName Domain, StaticRoute Route)> Domains { get; set; } = [];
    public string Verify { get; set; } = "";
    public string RecipientsFile { get; set; } = "";
    public IReadOnlyList<IPNetwork> RelayFrom { get; set; } = [];
    public int RelayPerHour { get; set; }

    /// <summary>Authorities trusted beside the system's for servers behind; empty for none.</summary>
    public string CaFile { get; set; } = "";
    public IReadOnlyList<LdapServer> LdapServers { get; set; } = [];
    public bool LdapStartTls { get; set; }
    public string LdapBase { get; set; } = "";
    public LdapFilter LdapFilter { get; set; } = LdapFilter.Parse("(mail={address})")!;
    public string LdapBindName { get; set; } = "";
    public Secret? LdapPassword { get; set; }
    public TimeSpan LdapTimeout { get; set; }
    public IReadOnlyList<(DomainName Domain, JunkServer Server)> JunkImap { get; set; } = [];
    public string JunkLoginsFile { get; set; } = "";
    public string JunkFolder { get; set; } = "";
    public TimeSpan JunkEvery { get; set; }
}

/// <summary>The filter as another server's content filter.</summary>
internal sealed class ContentFilterSection
{
    public IPEndPoint NextHop { get; set; } = new(IPAddress.Loopback, 10025);

    /// <summary>Whether what must be refused is refused to the server in front, instead of marked.</summary>
    public bool Refuse { get; set; }
}

/// <summary>What accounts and domains may send; 0 means no limit.</summary>
internal sealed class SendingSection
{
    /// <summary>How long a DKIM key signs; zero for ever.</summary>
    public TimeSpan DkimRotateAfter { get; set; }
    public int AccountPerHour { get; set; }
    public int AccountPerDay { get; set; }
    public int DomainPerHour { get; set; }
    public int DomainPerDay { get; set; }

    /// <summary>Limits that differ from the standard ones, for every layer of a kind.</summary>
    public IReadOnlyList<LimitRule> Limits { get; set; } = [];
}

/// <summary>What is done where somebody else seems to use an account.</summary>
internal sealed class AbuseSection
{
    /// <summary>Whether unusual mail is held.</summary>
    public bool HoldUnusual { get; set; }
    public TimeSpan Silence { get; set; }

    /// <summary>Whether accounts are contained without being asked.</summary>
    public bool Contain { get; set; }
    public IReadOnlyList<DomainName> SignInLists { get; set; } = [];
}

/// <summary>How the administrator is told what cannot wait.</summary>
internal sealed class AlertsSection
{
    public IReadOnlyList<EmailAddress> Mail { get; set; } = [];
    public Uri? Webhook { get; set; }
    public Secret? WebhookToken { get; set; }
    public Uri? Ntfy { get; set; }
    public Secret? NtfyToken { get; set; }

    /// <summary>A host with a port, or the path of a socket; empty for none.</summary>
    public string Syslog { get; set; } = "";
}

/// <summary>Programs of this computer that send.</summary>
internal sealed class SitesSection
{
    /// <summary>Path of the socket; empty for none.</summary>
    public string Socket { get; set; } = "";

    /// <summary>The folder in which their mail waits while this server is down; empty for none.</summary>
    public string Spool { get; set; } = "";
}

/// <summary>The outbound queue.</summary>
internal sealed class QueueSection
{
    public IReadOnlyList<TimeSpan> Retry { get; set; } = [];
    public TimeSpan WarnAfter { get; set; }
    public TimeSpan GiveUpAfter { get; set; }
    public int Concurrency { get; set; }
    public int ConcurrencyPerDestination { get; set; }
    public DomainName? Smarthost { get; set; }
    public int SmarthostPort { get; set; }
    public string SmarthostTls { get; set; } = "";
    public string SmarthostUser { get; set; } = "";
    public Secret? SmarthostPassword { get; set; }
    public IReadOnlyDictionary<DomainName, StaticRoute> Routes { get; set; } = new Dictionary<DomainName, StaticRoute>();
    public StaticRoute? FallbackRelay { get; set; }
    public IReadOnlyList<IPAddress> SourceAddresses { get; set; } = [];
    public IReadOnlyList<IPAddress> WarmingAddresses { get; set; } = [];
    public IReadOnlyList<IPAddress> RiskyAddresses { get; set; } = [];
    public StaticRoute? RiskyRelay { get; set; }
    public TimeSpan NewSenderFor { get; set; }
    public double ForwardBelow { get; set; }
    public int SuppressAfter { get; set; }
    public TimeSpan SuppressFor { get; set; }
    public string BounceTags { get; set; } = "";
    public bool KeepConnections { get; set; }
    public IReadOnlyList<DomainName> NoBounceTagsTo { get; set; } = [];
}

/// <summary>TLS between mail servers: what destinations ask of us, and what we ask of those who write to us.</summary>
internal sealed class TransportSection
{
    public bool ObeyMtaSts { get; set; }
    public bool ObeyDane { get; set; }
    public bool Report { get; set; }

    /// <summary>Mode of the MTA-STS policy served for our domains.</summary>
    public string PolicyMode { get; set; } = "";
    public TimeSpan PolicyMaxAge { get; set; }
}

/// <summary>Reports received and sent.</summary>
internal sealed class ReportsSection
{
    /// <summary>The local-part that our records publish.</summary>
    public string Mailbox { get; set; } = "";
    public TimeSpan Keep { get; set; }
    public bool SendDmarc { get; set; }
    public string DmarcSchema { get; set; } = "";
}

/// <summary>Looking at this server as others see it.</summary>
internal sealed class WatchSection
{
    /// <summary>Zero turns it off.</summary>
    public TimeSpan Every { get; set; }
}

/// <summary>Name resolution.</summary>
internal sealed class DnsSection
{
    /// <summary>Empty: those of the operating system.</summary>
    public IReadOnlyList<IPEndPoint> Resolvers { get; set; } = [];

    /// <summary>Resolvers whose word on DNSSEC is believed, beside those on loopback.</summary>
    public IReadOnlyList<IPAddress> Trusted { get; set; } = [];
    public TimeSpan Timeout { get; set; }
    public DnsUpdateSection Update { get; } = new();
}

/// <summary>Where and by which key zones are changed.</summary>
internal sealed class DnsUpdateSection
{
    /// <summary>Null: zones are left to the administrator.</summary>
    public IPEndPoint? Server { get; set; }
    public DomainName? Key { get; set; }
    public string Algorithm { get; set; } = "";
    public Secret? Secret { get; set; }
}

/// <summary>Where mail is kept.</summary>
internal sealed class StorageSection
{
    /// <summary>Octets a new account may hold; 0 means no limit.</summary>
    public long Quota { get; set; }
    public TimeSpan KeepTraces { get; set; }
}

/// <summary>What is written to the log.</summary>
internal sealed class LoggingSection
{
    public string Level { get; set; } = "";
}
