using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Gateway.Ldap;
using Sternpost.Queue.Routing;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Policy.Mx;

namespace Sternpost.Queue.Gateway;

/// <summary>
/// Stands before other servers: says which of their recipients exist, so that nothing is accepted that would be bounced later, and lets
/// their own mail out within a limit. The mail itself goes through the queue, by the routes of <see cref="GatewayOptions.Domains"/>.
/// </summary>
public sealed partial class MailGateway(GatewayOptions options, QueueOptions queue, TimeProvider time, ILogger<MailGateway> log) : IGateway, IAsyncDisposable
{
    private const int MaxKept = 100_000;

    // A client waits for the reply to RCPT (RFC 5321 §4.5.3.2.3: five minutes), and a spammer's would otherwise hold a connection for each guess.
    private static readonly ClientDeadlines Patience = new()
    {
        Connect = TimeSpan.FromSeconds(5),
        Greeting = TimeSpan.FromSeconds(20),
        Command = TimeSpan.FromSeconds(20),
        Handshake = TimeSpan.FromSeconds(10),
        Transaction = TimeSpan.FromSeconds(40),
    };

    private readonly ConcurrentDictionary<string, (bool Exists, DateTimeOffset At)> known = new();
    private readonly ConcurrentDictionary<IPAddress, (long Hour, int Count)> sent = new();
    private readonly SemaphoreSlim callouts = new(10);
    private readonly LdapRecipients? directory = options is { Verification: RecipientVerification.Ldap, Ldap: { } ldap } ? new LdapRecipients(ldap, log) : null;
    private readonly RecipientsFile? file = options.Verification == RecipientVerification.List ? new RecipientsFile(options.RecipientsFile) : null;

    /// <inheritdoc/>
    public async ValueTask<GatewayAnswer> AskAsync(EmailAddress recipient, CancellationToken cancellation)
    {
        if (!options.Domains.TryGetValue(recipient.Domain, out var route)) return GatewayAnswer.NotOurs;
        if (options.Verification == RecipientVerification.None) return GatewayAnswer.Taken;
        if (file is not null)
        {
            if (file.Contains(recipient) is { } listed) return listed ? GatewayAnswer.Taken : GatewayAnswer.Unknown;
            LogNoList(options.RecipientsFile);
            return GatewayAnswer.Later;
        }
        var now = time.GetUtcNow();
        var has = known.TryGetValue(recipient.Key, out var kept);
        if (has && now - kept.At < (kept.Exists ? options.KeepKnown : options.KeepUnknown)) return kept.Exists ? GatewayAnswer.Taken : GatewayAnswer.Unknown;
        switch (directory is not null ? await directory.FindAsync(recipient, cancellation).ConfigureAwait(false) : await CallOutAsync(route, recipient, cancellation).ConfigureAwait(false))
        {
            case true:
                Keep(recipient.Key, exists: true);
                return GatewayAnswer.Taken;
            case false:
                Keep(recipient.Key, exists: false);
                return GatewayAnswer.Unknown;
            default:
                // The queue holds what comes for whom it has seen before; a stranger's mail waits at its sender.
                return has && kept.Exists && now - kept.At < options.KeepStale ? GatewayAnswer.Taken : GatewayAnswer.Later;
        }
    }

    /// <inheritdoc/>
    public bool IsBehind(IPAddress client) => options.RelayFrom.Any(network => network.Contains(client));

    /// <inheritdoc/>
    public string? Count(IPAddress client)
    {
        if (options.RelayPerHour == 0) return null;
        var hour = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
        var (_, count) = sent.AddOrUpdate(client, (hour, 1), (_, old) => old.Hour == hour ? (hour, old.Count + 1) : (hour, 1));
        return count <= options.RelayPerHour ? null : $"This server has written to {options.RelayPerHour} recipients within the hour, which is its limit; the rest goes later";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        callouts.Dispose();
        if (directory is not null) await directory.DisposeAsync().ConfigureAwait(false);
    }

    // Null where nobody said anything that counts.
    private async ValueTask<bool?> CallOutAsync(StaticRoute route, EmailAddress recipient, CancellationToken cancellation)
    {
        await callouts.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            foreach (var address in await AddressesAsync(route.Host, cancellation).ConfigureAwait(false))
            {
                var server = new RemoteServer(route.Host, new IPEndPoint(address, route.Port), route.Tls);
                var opening = await SmtpClientConnection.OpenAsync(server, new ClientOptions { HelloName = queue.HostName, Deadlines = Patience, TrustedRoots = queue.TrustedRoots }, time, cancellation).ConfigureAwait(false);
                if (opening is not ClientOpening.Opened opened) continue;
                await using var connection = opened.Connection;
                if (await connection.AskRecipientAsync(recipient).ConfigureAwait(false) is not { } reply) continue;
                LogAsked(route.Host, recipient, reply.Code);
                if (reply.IsPositive) return true;
                // 550, 551 and 553 speak of the mailbox (RFC 5321 §4.2.3); other refusals may be of us.
                if (reply.Code is 550 or 551 or 553 && reply.Status is null or "5.1.0" or "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10" or "5.2.1") return false;
                return null;
            }
            return null;
        }
        finally
        {
            callouts.Release();
        }
    }

    private static async ValueTask<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address)) return [address];
        try
        {
            return await System.Net.Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return [];
        }
    }

    private void Keep(string key, bool exists)
    {
        if (known.Count >= MaxKept) known.Clear();
        known[key] = (exists, time.GetUtcNow());
    }

    [LoggerMessage(4201, LogLevel.Debug, "{Host} was asked about {Recipient} and answered {Code}")]
    private partial void LogAsked(string host, EmailAddress recipient, int code);

    [LoggerMessage(4202, LogLevel.Error, "The list of recipients {File} cannot be read; mail for the domains behind waits at its senders")]
    private partial void LogNoList(string file);
}
