using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.Filter.Lessons;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Queue.Gateway;

namespace Sternpost.Behind;

/// <summary>A server with mailboxes to learn from.</summary>
/// <param name="Host">Its name, which its certificate must be for.</param>
/// <param name="Port">Its port.</param>
/// <param name="StartsTls">The connection begins in clear and turns to TLS; otherwise it is TLS from the start.</param>
internal sealed record JunkServer(string Host, int Port, bool StartsTls);

/// <summary>What the administrator chose about learning from mailboxes behind the gateway.</summary>
internal sealed record JunkWatchOptions
{
    /// <summary>The server of each domain.</summary>
    public required IReadOnlyDictionary<DomainName, JunkServer> Servers { get; init; }

    /// <summary>The file of logins, read again in each round.</summary>
    public required string LoginsFile { get; init; }

    /// <summary>Name of the folder; empty for the one that the server says is for junk.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Time between two rounds. Default 10 minutes.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Certificate authorities that are trusted beside the system's; null for none.</summary>
    public X509Certificate2Collection? Roots { get; init; }
}

/// <summary>
/// Looks regularly into the Junk folders of mailboxes on other servers, one after the other, and teaches the filter what their users say by moving
/// mail. Runs from <see cref="Start"/> until disposed. A mailbox that cannot be read is tried ever more rarely, so that no account is locked.
/// </summary>
internal sealed partial class JunkWatch(JunkWatchOptions options, WatchedMailboxes book, PassedMail passed, AccountLessons lessons, TimeProvider time, ILogger<JunkWatch> log) : IAsyncDisposable
{
    private static readonly TimeSpan MostOfOne = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<long, (int Failures, DateTimeOffset Next)> failing = [];
    private Task running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (; ; await Task.Delay(options.Every, time, stopping.Token))
            {
                try
                {
                    await RoundAsync(stopping.Token);
                }
                catch (Exception failed) when (failed is DbException or IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    LogFailed(failed.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RoundAsync(CancellationToken cancellation)
    {
        var logins = ImapLogins.Read(await File.ReadAllLinesAsync(options.LoginsFile, cancellation));
        foreach (var address in logins.Named.Where(address => options.Servers.ContainsKey(address.Domain))) await book.AddAsync(address, cancellation);
        foreach (var mailbox in await book.ListAsync(cancellation))
        {
            if (failing.TryGetValue(mailbox.Id, out var failure) && failure.Next > time.GetUtcNow()) continue;
            if (!EmailAddress.TryParse(mailbox.Address, out var address) || !options.Servers.TryGetValue(address.Domain, out var server) || logins.Of(address) is not { } login) continue;
            await VisitAsync(mailbox, server, login, cancellation);
        }
        await book.ExpireAsync(cancellation);
    }

    private async Task VisitAsync(WatchedMailbox mailbox, JunkServer server, ImapLogin login, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(MostOfOne);
        var problem = "";
        try
        {
            // Many certificates say nothing of revocation that can be asked, and .NET would take none of those.
            using var client = new ImapClient { CheckCertificateRevocation = false };
            if (options.Roots is { } roots) client.ServerCertificateValidationCallback = (_, certificate, _, errors) => PrivateRoots.Accept(roots, certificate, errors);
            await client.ConnectAsync(server.Host, server.Port, server.StartsTls ? SecureSocketOptions.StartTls : SecureSocketOptions.SslOnConnect, patience.Token);
            await client.AuthenticateAsync(login.User, login.Password, patience.Token);
            var visit = new JunkVisit(client, mailbox, options.Folder, book, passed, lessons, time);
            await visit.LookAsync(patience.Token);
            if (visit.Taught is ( > 0, _) or (_, > 0)) LogTaught(mailbox.Address, visit.Taught.Spam, visit.Taught.Ham);
            await client.DisconnectAsync(quit: true, patience.Token);
            failing.Remove(mailbox.Id);
        }
        catch (Exception failed) when (failed is SocketException or IOException or SslHandshakeException or MailKit.Security.AuthenticationException or ProtocolException or CommandException or NotSupportedException or InvalidDataException or InvalidOperationException
            || (failed is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            problem = failed switch
            {
                MailKit.Security.AuthenticationException => $"{server.Host} refuses the login {login.User}.",
                SslHandshakeException => $"{server.Host} shows a certificate that cannot be trusted, so nothing was sent to it. Use the name it is for, or name its authority in gateway.ca_file.",
                OperationCanceledException => $"{server.Host} did not answer in time.",
                _ => failed.Message,
            };
            var failures = failing.GetValueOrDefault(mailbox.Id).Failures + 1;
            var wait = TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, options.Every.Ticks * (1L << Math.Min(failures, 12))));
            failing[mailbox.Id] = (failures, time.GetUtcNow() + wait);
            LogUnreadable(mailbox.Address, problem, wait);
        }
        await book.LookedAsync(mailbox.Id, problem, cancellation);
    }

    [LoggerMessage(1760, LogLevel.Information, "The user of {Mailbox} taught {Spam} messages as spam and {Ham} as wanted by moving them")]
    private partial void LogTaught(string mailbox, int spam, int ham);

    [LoggerMessage(1761, LogLevel.Warning, "The Junk folder of {Mailbox} could not be read; it is tried again in {Wait}: {Problem}")]
    private partial void LogUnreadable(string mailbox, string problem, TimeSpan wait);

    [LoggerMessage(1762, LogLevel.Error, "Nothing was learned from the mailboxes behind: {Problem}")]
    private partial void LogFailed(string problem);
}
