using System.Security.Cryptography.X509Certificates;
using Sternpost.Abuse.Limits;
using Sternpost.Behind;
using Sternpost.Commands;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Fronts;
using Sternpost.Imap;
using Sternpost.Jmap;
using Sternpost.Network;
using Sternpost.Queue;
using Sternpost.Queue.Gateway;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.Routing;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Reports;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Policy.ContentFilter;
using Sternpost.Smtp.Server;

namespace Sternpost.Composition;

/// <summary>What the configuration says, in the words of each room. The filter's are in <see cref="FilterComposition"/>.</summary>
internal static class Settings
{
    public static DnsResolverOptions Dns(ServerConfiguration configuration) => new()
    {
        Servers = configuration.Dns.Resolvers,
        TrustedServers = configuration.Dns.Trusted,
        Timeout = configuration.Dns.Timeout,
    };

    public static ConnectionLimits Connections(ServerConfiguration configuration) => new()
    {
        Total = configuration.Limits.Connections,
        PerAddress = configuration.Limits.ConnectionsPerAddress,
        PerNetwork = configuration.Limits.ConnectionsPerNetwork,
        PerAddressPerMinute = configuration.Limits.ConnectionsPerMinute,
        Exempt = configuration.Limits.Exempt,
    };

    /// <param name="configuration">The configuration.</param>
    /// <param name="loopbackOnly">Clients from outside are played by this computer, so there is nobody to wait for.</param>
    public static SmtpServerOptions Smtp(ServerConfiguration configuration, bool loopbackOnly) => new()
    {
        HostName = configuration.Server.Hostname,
        MessageSize = configuration.Limits.MessageSize,
        Recipients = configuration.Limits.Recipients,
        MessagesPerConnection = configuration.Limits.MessagesPerConnection,
        ErrorsPerConnection = configuration.Limits.ErrorsPerConnection,
        GreetingDelay = loopbackOnly ? TimeSpan.Zero : SmtpServerOptions.DefaultGreetingDelay,
    };

    public static ImapOptions Imap(ServerConfiguration configuration) => new()
    {
        HostName = configuration.Server.Hostname.Ascii,
        AppendLimit = configuration.Limits.MessageSize,
    };

    /// <param name="configuration">The configuration.</param>
    /// <param name="loopbackOnly">Push goes to this computer too, where its receivers are played.</param>
    public static JmapOptions Jmap(ServerConfiguration configuration, bool loopbackOnly) => new()
    {
        HostName = configuration.Server.Hostname.Ascii,
        MaxSizeUpload = configuration.Limits.MessageSize,
        PushToLoopback = loopbackOnly,
    };

    public static FrontOptions Fronts(ServerConfiguration configuration) => new()
    {
        HostName = configuration.Server.Hostname,
        JunkThreshold = configuration.Filter.JunkAt,
        RejectThreshold = configuration.Filter.RejectAt,
        MaxMessage = (int)Math.Min(configuration.Limits.MessageSize, int.MaxValue / 2),
    };

    /// <param name="configuration">The configuration.</param>
    /// <param name="mark">Writes the verdict into a message.</param>
    public static ContentFilterOptions ContentFilter(ServerConfiguration configuration, Func<ReadOnlyMemory<byte>, Judgement, byte[]> mark) => new()
    {
        // Its clients are ours, the next hop too: TLS where it is offered, and no certificate is asked of an address.
        NextHop = new RemoteServer(configuration.ContentFilter.NextHop.ToString(), configuration.ContentFilter.NextHop),
        Mark = mark,
        Refuse = configuration.ContentFilter.Refuse,
    };

    public static SendingLimitOptions Sending(ServerConfiguration configuration) => new()
    {
        AccountPerHour = configuration.Sending.AccountPerHour,
        AccountPerDay = configuration.Sending.AccountPerDay,
        DomainPerHour = configuration.Sending.DomainPerHour,
        DomainPerDay = configuration.Sending.DomainPerDay,
        Rules = [.. SendingLimitOptions.StandardRules.Select(rule => LimitRule.Parse(rule, out _)!), .. configuration.Sending.Limits],
    };

    public static ReportOptions Reports(ServerConfiguration configuration) => new()
    {
        LocalParts = [configuration.Reports.Mailbox, .. new ReportOptions().LocalParts],
        Keep = configuration.Reports.Keep,
    };

    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">What relative paths of secrets start from.</param>
    /// <param name="loopbackOnly">Never beyond this computer.</param>
    public static QueueOptions Queue(ServerConfiguration configuration, string folder, bool loopbackOnly) => new()
    {
        HostName = configuration.Server.Hostname,
        RetryDelays = configuration.Queue.Retry,
        WarnAfter = configuration.Queue.WarnAfter,
        GiveUpAfter = configuration.Queue.GiveUpAfter,
        Connections = configuration.Queue.Concurrency,
        ConnectionsPerDestination = configuration.Queue.ConcurrencyPerDestination,
        Smarthost = Relay(configuration.Queue, folder),
        Routes = new Dictionary<DomainName, StaticRoute>(configuration.Queue.Routes.Concat(GatewayRoutes(configuration).Where(route => !configuration.Queue.Routes.ContainsKey(route.Key)))),
        FallbackRelay = configuration.Queue.FallbackRelay,
        SourceAddresses = configuration.Queue.SourceAddresses,
        WarmingAddresses = configuration.Queue.WarmingAddresses,
        RiskySourceAddresses = configuration.Queue.RiskyAddresses,
        RiskyRelay = configuration.Queue.RiskyRelay,
        NewSenderFor = configuration.Queue.NewSenderFor,
        ForwardBelow = configuration.Queue.ForwardBelow,
        SuppressAfter = configuration.Queue.SuppressAfter,
        SuppressFor = configuration.Queue.SuppressFor,
        BounceTags = configuration.Queue.BounceTags switch { "tag" => BounceTagging.Tag, "refuse" => BounceTagging.Refuse, _ => BounceTagging.Off },
        NoBounceTagsTo = configuration.Queue.NoBounceTagsTo,
        LoopbackOnly = loopbackOnly,
        WireKeeper = configuration.Queue.KeepConnections && !loopbackOnly ? WireKeeperProgram.Command : [],
        MtaSts = configuration.Transport.ObeyMtaSts,
        Dane = configuration.Transport.ObeyDane,
        TlsReports = configuration.Transport.Report && !loopbackOnly,
    };

    /// <summary>The gateway; null where no domain is behind it and nobody sends through it.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">What relative paths of secrets start from.</param>
    /// <exception cref="OperationFailedException">Something that its way of verifying needs is not named, or a file cannot be used.</exception>
    public static GatewayOptions? Gateway(ServerConfiguration configuration, string folder) => configuration.Gateway is { Domains.Count: 0, RelayFrom.Count: 0 } ? null : new()
    {
        Domains = GatewayRoutes(configuration),
        Verification = Enum.Parse<RecipientVerification>(configuration.Gateway.Verify, ignoreCase: true),
        RecipientsFile = configuration.Gateway.RecipientsFile,
        RelayFrom = configuration.Gateway.RelayFrom,
        RelayPerHour = configuration.Gateway.RelayPerHour,
        Ldap = configuration.Gateway.Verify == "ldap" ? Ldap(configuration, folder) : null,
    };

    private static LdapOptions Ldap(ServerConfiguration configuration, string folder)
    {
        var gateway = configuration.Gateway;
        if (gateway.LdapServers.Count == 0 || gateway.LdapBase.Length == 0) throw new OperationFailedException("gateway.verify = \"ldap\" needs gateway.ldap_servers and gateway.ldap_base.");
        return new LdapOptions
        {
            Servers = gateway.LdapServers,
            Base = gateway.LdapBase,
            Filter = gateway.LdapFilter,
            BindName = gateway.LdapBindName,
            Password = () => gateway.LdapPassword?.Reveal(folder) ?? "",
            StartTls = gateway.LdapStartTls,
            Timeout = gateway.LdapTimeout,
            Roots = Roots(configuration),
        };
    }

    /// <summary>Where to learn from Junk folders behind the gateway; null where nowhere.</summary>
    /// <exception cref="OperationFailedException">The file of authorities cannot be used, or no logins are named.</exception>
    public static JunkWatchOptions? JunkWatch(ServerConfiguration configuration) => configuration.Gateway.JunkImap.Count == 0 ? null : new()
    {
        Servers = configuration.Gateway.JunkImap.GroupBy(one => one.Domain).ToDictionary(group => group.Key, group => group.Last().Server),
        LoginsFile = configuration.Gateway.JunkLoginsFile.Length > 0 ? configuration.Gateway.JunkLoginsFile : throw new OperationFailedException("gateway.junk_imap needs gateway.junk_logins_file: a file that says how to sign in there."),
        Folder = configuration.Gateway.JunkFolder,
        Every = configuration.Gateway.JunkEvery < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : configuration.Gateway.JunkEvery,
        Roots = Roots(configuration),
    };

    private static X509Certificate2Collection? Roots(ServerConfiguration configuration)
    {
        if (configuration.Gateway.CaFile.Length == 0) return null;
        try
        {
            return PrivateRoots.Read(configuration.Gateway.CaFile);
        }
        catch (InvalidDataException unusable)
        {
            throw new OperationFailedException($"gateway.ca_file: {unusable.Message}");
        }
    }

    private static Dictionary<DomainName, StaticRoute> GatewayRoutes(ServerConfiguration configuration)
    {
        var routes = new Dictionary<DomainName, StaticRoute>();
        foreach (var (domain, route) in configuration.Gateway.Domains) routes[domain] = route;
        return routes;
    }

    /// <summary>The MTA-STS policy that is served for each of our domains.</summary>
    public static string OwnPolicy(ServerConfiguration configuration) => StsPolicy.Write(
        configuration.Transport.PolicyMode switch { "enforce" => StsMode.Enforce, "none" => StsMode.None, _ => StsMode.Testing },
        configuration.Server.Hostname, configuration.Transport.PolicyMaxAge);

    private static Smarthost? Relay(QueueSection queue, string folder)
    {
        if (queue.Smarthost is not { } host) return null;
        var tls = queue.SmarthostTls switch
        {
            "implicit" => OutboundTls.Implicit,
            "none" => OutboundTls.None,
            _ => OutboundTls.Verified,
        };
        var credentials = queue.SmarthostUser.Length == 0 ? null : new ClientCredentials(queue.SmarthostUser, queue.SmarthostPassword!.Reveal(folder));
        return new Smarthost(host.Ascii, queue.SmarthostPort, tls, credentials);
    }
}
