using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;
using Sternpost.Queue.Routing;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue;

/// <summary>What is done with tags on reverse-paths.</summary>
public enum BounceTagging
{
    /// <summary>Nothing.</summary>
    Off,
    /// <summary>Mail leaves with a tag.</summary>
    Tag,
    /// <summary>And a bounce without one is refused.</summary>
    Refuse,
}

/// <summary>How mail leaves this server.</summary>
public sealed record QueueOptions
{
    /// <summary>Our name in EHLO and in notifications; it should be the one reverse DNS gives.</summary>
    public required DomainName HostName { get; init; }

    /// <summary>How long to wait after each failed attempt; the last is repeated. Default 5, 15 and 30 minutes, 1, 2, then 4 hours.</summary>
    public IReadOnlyList<TimeSpan> RetryDelays { get; init; } =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4)];

    /// <summary>After how long mail is returned as undeliverable. Default 5 days (RFC 5321 §4.5.4.1 asks for 4 to 5).</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>After how long the sender is told of a delay, once; zero for never. Default 4 hours.</summary>
    public TimeSpan WarnAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Connections to one destination at a time. Default 5.</summary>
    public int ConnectionsPerDestination { get; init; } = 5;

    /// <summary>Connections in all. Default 50.</summary>
    public int Connections { get; init; } = 50;

    /// <summary>Recipients in one SMTP transaction. Default 100, which every server must take (RFC 5321 §4.5.3.1.8).</summary>
    public int RecipientsPerTransaction { get; init; } = 100;

    /// <summary>Messages sent over one connection before it is closed. Default 100.</summary>
    public int MessagesPerConnection { get; init; } = 100;

    /// <summary>How long a connection is kept when there is nothing more to send, in case more comes; zero closes it at once. Default 5 seconds.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a destination that could not be reached is left alone, even by new mail. Default 1 minute.</summary>
    public TimeSpan RestAfterFailure { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the database is looked at for what commands of other processes changed. Default 5 seconds.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long deliveries under way may finish when the server stops. Default 20 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The program and arguments that run a <see cref="Smtp.Client.Wires.WireKeeper"/>; empty to hold connections in this process.</summary>
    public IReadOnlyList<string> WireKeeper { get; init; } = [];

    /// <summary>The port of other mail servers. Default 25.</summary>
    public int Port { get; init; } = 25;

    /// <summary>Where everything outside goes, instead of to the recipients' own servers; null for direct delivery.</summary>
    public Smarthost? Smarthost { get; init; }

    /// <summary>Destinations that are not looked up in DNS; they go before <see cref="Smarthost"/>.</summary>
    public IReadOnlyDictionary<DomainName, StaticRoute> Routes { get; init; } = new Dictionary<DomainName, StaticRoute>();

    /// <summary>Never connect beyond this computer, nor ask DNS where to; mail for anywhere else is returned. For the demonstration. Default false.</summary>
    public bool LoopbackOnly { get; init; }

    /// <summary>
    /// Whether servers that DNS gives loopback addresses or addresses of this computer are others, as where several servers run on
    /// one computer. Otherwise such an address means that the mail would come back. Default false.
    /// </summary>
    public bool LoopbackDestinations { get; init; }

    /// <summary>Octets of message content in memory at a time, over all deliveries; a single larger message goes alone. Default 256 MB.</summary>
    public long ContentInMemory { get; init; } = 256L << 20;

    /// <summary>The authorities that certificates of other servers and of policy hosts are verified by; null for those of the operating system.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Whether TLSA records of destinations decide how their servers prove themselves (RFC 7672); of use only with a resolver that validates. Default true.</summary>
    public bool Dane { get; init; } = true;

    /// <summary>Whether MTA-STS policies of destinations are fetched and obeyed (RFC 8461). Default true.</summary>
    public bool MtaSts { get; init; } = true;

    /// <summary>The port of policy hosts. Default 443.</summary>
    public int PolicyPort { get; init; } = 443;

    /// <summary>How long fetching a policy may take; deliveries to its domain wait for it. Default 30 seconds.</summary>
    public TimeSpan PolicyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether what TLS came to is counted, and reported daily to the destinations that ask for it (RFC 8460). Default false.</summary>
    public bool TlsReports { get; init; }

    /// <summary>Takes what could not be handed to the servers of a destination for now; null lets it wait.</summary>
    public StaticRoute? FallbackRelay { get; init; }

    /// <summary>Addresses of this computer that mail leaves by, one for each connection; empty lets the system choose.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];

    /// <summary>Source addresses that are new at sending mail: they carry 50 messages on their first day and twice as many each day after, the others the rest.</summary>
    public IReadOnlyList<IPAddress> WarmingAddresses { get; init; } = [];

    /// <summary>Source addresses of risky mail: what aliases pass on, notifications, and mail of new accounts; empty sends it like the rest.</summary>
    public IReadOnlyList<IPAddress> RiskySourceAddresses { get; init; } = [];

    /// <summary>A relay that takes risky mail instead; null sends it like the rest.</summary>
    public StaticRoute? RiskyRelay { get; init; }

    /// <summary>How long an account counts as new. Default 14 days.</summary>
    public TimeSpan NewSenderFor { get; init; } = TimeSpan.FromDays(14);

    /// <summary>From this score on an alias does not pass a message on. Default 1.5, half of what makes it junk.</summary>
    public double ForwardBelow { get; init; } = 1.5;

    /// <summary>After how many hard bounces, an hour apart, an address is not written to; 0 for never. Default 2.</summary>
    public int SuppressAfter { get; init; } = 2;

    /// <summary>For how long. Default 30 days.</summary>
    public TimeSpan SuppressFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Whether the reverse-paths of our users' mail are tagged, and bounces without a tag refused (BATV). Default neither.</summary>
    public BounceTagging BounceTags { get; init; }

    /// <summary>Domains that mail goes to without a tag, because they know senders by their reverse-path: some mailing lists do.</summary>
    public IReadOnlyList<DomainName> NoBounceTagsTo { get; init; } = [];

    /// <summary>Patience with other servers.</summary>
    public ClientDeadlines Deadlines { get; init; } = new();
}
