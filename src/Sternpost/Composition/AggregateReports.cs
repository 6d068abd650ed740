using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Received;
using Sternpost.Reports.Sent;
using Sternpost.Storage;

namespace Sternpost.Composition;

/// <summary>The reports this server sends about others' domains, where it may: not from names that are nobody's, and never from the demo.</summary>
internal static class AggregateReports
{
    // RFC 6761, RFC 6762, RFC 8375 and the name set aside for networks of one's own.
    private static readonly DomainName[] NobodysNames =
        [.. ((string[])["test", "example", "invalid", "localhost", "local", "internal", "home.arpa", "example.com", "example.net", "example.org"]).Select(DomainName.Parse)];

    /// <summary>True where the host name is one that others can answer to.</summary>
    public static bool MaySend(ServerConfiguration configuration, bool loopbackOnly) =>
        !loopbackOnly && configuration.Reports.SendDmarc && configuration.Server.Hostname.Parent is not null && !NobodysNames.Any(configuration.Server.Hostname.IsWithin);

    /// <summary>What sends them; null where nothing may be sent.</summary>
    public static AggregateSender? Sender(
        ServerConfiguration configuration, bool loopbackOnly, Database database, AccountDirectory directory, ReceivedReports received, IDnsResolver resolver, ServerMail mail, TimeProvider time, ILoggerFactory loggers)
    {
        if (!MaySend(configuration, loopbackOnly)) return null;
        var version = typeof(AggregateReports).Assembly.GetName().Version?.ToString(3);
        var options = new AggregateSenderOptions(configuration.Server.Hostname, configuration.Reports.DmarcSchema == "rfc7489" ? AggregateSchema.Rfc7489 : AggregateSchema.Rfc9990, $"Sternpost {version}");
        return new AggregateSender(
            database, received, resolver, (to, content, alongside, cancellation) => mail.SendAsync(to, content, TransportNeed.Usual, alongside, cancellation),
            cancellation => AuthorAsync(configuration, directory, cancellation), options, time, loggers.CreateLogger<AggregateSender>());
    }

    // The domain that the host lies in, because its key signs and its name is the one people know; else the first.
    private static async ValueTask<ReportAuthor?> AuthorAsync(ServerConfiguration configuration, AccountDirectory directory, CancellationToken cancellation)
    {
        IReadOnlyList<DomainName> domains = [.. (await directory.DomainsAsync(cancellation)).Select(domain => domain.Name)];
        if (domains.Count == 0) return null;
        var domain = domains.FirstOrDefault(configuration.Server.Hostname.IsWithin) ?? domains[0];
        return new ReportAuthor(EmailAddress.Parse($"{configuration.Reports.Mailbox}@{domain.Ascii}"), domains);
    }
}
