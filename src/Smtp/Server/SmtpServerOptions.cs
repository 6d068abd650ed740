using Sternpost.Dns;

namespace Sternpost.Smtp.Server;

/// <summary>What the SMTP server is called and what it lets one client take. The defaults suit a server on the Internet.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>The default of <see cref="GreetingDelay"/>.</summary>
    public static readonly TimeSpan DefaultGreetingDelay = TimeSpan.FromSeconds(1);

    /// <summary>The server's full name: in the greeting, in Received lines, and as the authserv-id of Authentication-Results.</summary>
    public required DomainName HostName { get; init; }

    /// <summary>Octets of the largest message, as SIZE announces it (RFC 1870). Default 50 MB.</summary>
    public long MessageSize { get; init; } = 50L * 1024 * 1024;

    /// <summary>Recipients of one transaction; at least 100 (RFC 5321 §4.5.3.1.8). Default 100.</summary>
    public int Recipients { get; init; } = 100;

    /// <summary>Messages on one connection before the client is asked to open another. Default 1000.</summary>
    public int MessagesPerConnection { get; init; } = 1000;

    /// <summary>Errors on one connection before it is closed; from half of them on each reply is slower. A message accepted forgives them. Default 10.</summary>
    public int ErrorsPerConnection { get; init; } = 10;

    /// <summary>Recipients that do not exist on one connection before it is closed: who asks for so many is looking for addresses. Never forgiven. Default 25.</summary>
    public int UnknownRecipientsPerConnection { get; init; } = 25;

    /// <summary>Commands in a row that lead to no message (NOOP, RSET, EHLO, VRFY, HELP…) before the connection is closed. Default 100.</summary>
    public int IdleCommands { get; init; } = 100;

    /// <summary>
    /// Sessions of one peer at the MX port (an IPv6 /64 counts as one) that may end by the limits above in an hour; then it is asked to
    /// come back in the next. Four times as many for its network (IPv4 /24, IPv6 /48). Not for loopback and private addresses, nor for
    /// peers that lately sent wanted mail. Default 5; zero turns it off.
    /// </summary>
    public int EndedSessionsPerHour { get; init; } = 5;

    /// <summary>
    /// How long a client at the MX port that is not known to have sent wanted mail waits for the greeting. Who talks before it has
    /// broken the protocol, which is noted. Never for loopback and private addresses. Default 1 s; zero turns it off.
    /// </summary>
    public TimeSpan GreetingDelay { get; init; } = DefaultGreetingDelay;

    /// <summary>How much longer each error beyond half of those allowed takes to be answered, up to five times this. Default 1 s.</summary>
    public TimeSpan ErrorDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Waiting for a command (RFC 5321 §4.5.3.2.7: at least five minutes). Default 5 min.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Waiting for more of a message (RFC 5321 §4.5.3.2.5). Default 3 min.</summary>
    public TimeSpan DataBlockTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A whole message must arrive within this and the time its octets take at <see cref="DataRate"/>. Default 10 min (RFC 5321 §4.5.3.2.6).</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Octets in a second below which a client is too slow once <see cref="DataTimeout"/> has passed. Default 4096.</summary>
    public int DataRate { get; init; } = 4096;

    /// <summary>A client must take a reply within this. Default 5 min.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long reverse DNS may take before a message is judged without it. Default 5 s.</summary>
    public TimeSpan ReverseDnsTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Octets of the longest header section. Default 512 KB: twice the longest seen in real mail.</summary>
    public int HeaderSection { get; init; } = 512 * 1024;

    /// <summary>Octets of the longest line of a message. RFC 5322 allows 998, real mail holds hundreds of thousands. Default 1 MB.</summary>
    public int TextLine { get; init; } = 1024 * 1024;

    /// <summary>
    /// Octets that all messages now arriving may take in memory together, the first 64 KB of each not counted. Who finds no room is
    /// asked to come back. Default a quarter of the memory the process may use, at least 256 MB.
    /// </summary>
    public long ArrivingMessages { get; init; } = Math.Max(256L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
}
