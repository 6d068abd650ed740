using System.Net.Security;
using System.Net.Sockets;
using Sternpost.Messages.Addresses;
using Sternpost.Network;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>A connection to a directory server, signed in, for one question at a time. After any exception it is of no use any more.</summary>
internal sealed class LdapSession : IAsyncDisposable
{
    // RFC 4511 Appendix A.1.
    private const int Success = 0, SizeLimitExceeded = 4;

    // One entry, its end, and what AD likes to refer to.
    private const int MostReplies = 100;

    private readonly TcpClient client;
    private readonly byte[] buffer = new byte[LdapReply.MaxLength + 16];
    private Stream stream;
    private int have;
    private int lastId;

    private LdapSession(TcpClient client)
    {
        this.client = client;
        stream = client.GetStream();
    }

    /// <summary>Connects, secures and signs in.</summary>
    /// <exception cref="LdapException">The server refuses.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    internal static async ValueTask<LdapSession> OpenAsync(LdapServer server, LdapOptions options, CancellationToken cancellation)
    {
        var client = new TcpClient { NoDelay = true };
        LdapSession? session = null;
        try
        {
            await client.ConnectAsync(server.Host, server.Port, cancellation).ConfigureAwait(false);
            session = new LdapSession(client);
            if (!server.IsTls && options.StartTls) (await session.AskAsync(LdapRequests.StartTls, LdapReplyKind.Extended, cancellation).ConfigureAwait(false)).Expect("does not start TLS");
            if (server.IsTls || options.StartTls) await session.SecureAsync(server, options, cancellation).ConfigureAwait(false);
            if (options.BindName.Length > 0) (await session.AskAsync(id => LdapRequests.Bind(id, options.BindName, options.Password()), LdapReplyKind.Bound, cancellation).ConfigureAwait(false)).Expect("refuses the login");
            return session;
        }
        catch
        {
            if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
            client.Dispose();
            throw;
        }
    }

    /// <summary>Whether the filter finds anybody.</summary>
    internal async ValueTask<bool> HasAsync(LdapOptions options, EmailAddress recipient, CancellationToken cancellation)
    {
        var id = ++lastId;
        await stream.WriteAsync(LdapRequests.Search(id, options.Base, options.Filter, recipient, options.Timeout), cancellation).ConfigureAwait(false);
        var found = false;
        for (var i = 0; i < MostReplies; i++)
        {
            var reply = await ReadAsync(id, cancellation).ConfigureAwait(false);
            if (reply.Kind == LdapReplyKind.Entry) found = true;
            if (reply.Kind != LdapReplyKind.Done) continue;
            if (reply.Code != SizeLimitExceeded) reply.Expect("does not search");
            return found || reply.Code == SizeLimitExceeded;
        }
        throw new LdapException("The server does not come to an end.");
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        client.Dispose();
    }

    private async ValueTask SecureAsync(LdapServer server, LdapOptions options, CancellationToken cancellation)
    {
        // What came in clear behind the answer is nobody's word (RFC 4511 §4.14.2).
        if (have > 0) throw new LdapException("The server said more before TLS than it was asked.");
        var secured = new SslStream(stream);
        stream = secured;
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = server.Host,
                RemoteCertificateValidationCallback = options.Roots is { } roots ? (_, certificate, _, errors) => PrivateRoots.Accept(roots, certificate, errors) : null,
            },
            cancellation).ConfigureAwait(false);
    }

    private async ValueTask<LdapReply> AskAsync(Func<int, byte[]> request, LdapReplyKind kind, CancellationToken cancellation)
    {
        var id = ++lastId;
        await stream.WriteAsync(request(id), cancellation).ConfigureAwait(false);
        var reply = await ReadAsync(id, cancellation).ConfigureAwait(false);
        return reply.Kind == kind ? reply : throw new LdapException("The server answers what it was not asked.");
    }

    private async ValueTask<LdapReply> ReadAsync(int id, CancellationToken cancellation)
    {
        while (true)
        {
            var length = LdapReply.LengthOf(buffer.AsSpan(0, have));
            if (length < 0) throw new LdapException("The server does not speak LDAP.");
            if (length > 0 && length <= have)
            {
                var reply = LdapReply.Parse(buffer.AsMemory(0, length)) ?? throw new LdapException("The server does not speak LDAP.");
                buffer.AsSpan(length..have).CopyTo(buffer);
                have -= length;
                // RFC 4511 §4.4.1: a notice of disconnection answers nothing.
                if (reply.Id == 0) throw new LdapException($"The server ends the connection. {reply.Text}");
                if (reply.Id == id) return reply;
                continue;
            }
            var read = await stream.ReadAsync(buffer.AsMemory(have), cancellation).ConfigureAwait(false);
            if (read == 0) throw new IOException("The server has closed the connection.");
            have += read;
        }
    }
}

/// <summary>A directory server that does not do what it is asked.</summary>
internal sealed class LdapException(string message) : Exception(message);

/// <summary>Results as they must be.</summary>
internal static class LdapResults
{
    /// <exception cref="LdapException">It is no success.</exception>
    internal static void Expect(this LdapReply reply, string failure)
    {
        if (reply.Code != 0) throw new LdapException($"The server {failure} (result {reply.Code}{(reply.Text.Length > 0 ? ": " + reply.Text : "")}).");
    }
}
