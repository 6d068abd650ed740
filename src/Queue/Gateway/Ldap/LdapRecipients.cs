using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>Asks directory servers whether somebody exists. Connections are kept for the next question; where one server fails the next is asked.</summary>
internal sealed partial class LdapRecipients(LdapOptions options, ILogger log) : IAsyncDisposable
{
    // A flood of guesses must not become a flood of connections.
    private readonly SemaphoreSlim places = new(8);
    private readonly ConcurrentBag<(LdapServer Server, LdapSession Session)> idle = [];
    private int first;

    /// <summary>Null where no server said anything that counts.</summary>
    internal async ValueTask<bool?> FindAsync(EmailAddress recipient, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // A kept connection may have been closed by the server since; that says nothing against the server.
            while (idle.TryTake(out var kept))
            {
                if (await AskAsync(kept.Server, kept.Session, recipient, isKept: true, cancellation).ConfigureAwait(false) is { } answer) return answer;
            }
            for (var i = 0; i < options.Servers.Count; i++)
            {
                var at = (Volatile.Read(ref first) + i) % options.Servers.Count;
                if (await AskAsync(options.Servers[at], null, recipient, isKept: false, cancellation).ConfigureAwait(false) is not { } answer) continue;
                Volatile.Write(ref first, at);
                return answer;
            }
            return null;
        }
        finally
        {
            places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var kept)) await kept.Session.DisposeAsync().ConfigureAwait(false);
        places.Dispose();
    }

    private async ValueTask<bool?> AskAsync(LdapServer server, LdapSession? session, EmailAddress recipient, bool isKept, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Timeout);
        try
        {
            session ??= await LdapSession.OpenAsync(server, options, patience.Token).ConfigureAwait(false);
            var answer = await session.HasAsync(options, recipient, patience.Token).ConfigureAwait(false);
            idle.Add((server, session));
            return answer;
        }
        catch (Exception failed) when (failed is LdapException or IOException or SocketException or AuthenticationException or InvalidOperationException || (failed is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
            if (!isKept) LogFailed(server.Host, server.Port, failed is OperationCanceledException ? $"It did not answer within {options.Timeout}." : failed.Message);
            return null;
        }
        catch
        {
            if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    [LoggerMessage(4203, LogLevel.Warning, "The directory {Host}:{Port} did not say whether a recipient exists: {Problem}")]
    private partial void LogFailed(string host, int port, string problem);
}
