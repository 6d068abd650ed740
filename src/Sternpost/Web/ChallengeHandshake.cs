using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Sternpost.Acme;
using Sternpost.Certificates;
using Sternpost.Network;
using Sternpost.Network.Tls;

namespace Sternpost.Web;

/// <summary>
/// Answers authorities that look at the HTTPS port by TLS alone (RFC 8737), in front of HTTP: their handshake is told by the protocol it offers, and ends
/// with it. While no authority looks, connections pass untouched.
/// </summary>
internal sealed class ChallengeHandshake(ChallengeBoard board)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly SslApplicationProtocol Protocol = new(TlsAlpnChallenge.Protocol);

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (!board.HasCertificates)
        {
            await next(connection);
            return;
        }
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(Patience);
        try
        {
            if (!await IsChallengeAsync(connection, late.Token)) late.CancelAfter(Timeout.InfiniteTimeSpan);
            else
            {
                await AnswerAsync(connection, late.Token);
                return;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or AuthenticationException or ConnectionResetException or InvalidOperationException)
        {
            // Whoever asked says himself that he got nothing.
            connection.Abort();
            return;
        }
        await next(connection);
    };

    private static async Task<bool> IsChallengeAsync(ConnectionContext connection, CancellationToken cancellation)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var known = ClientHello.TryReadProtocols(read.Buffer.ToArray(), out var protocols);
            if (known || read.IsCompleted || read.Buffer.Length > 2 * ClientHello.MaxOctets)
            {
                // Nothing is taken: whoever goes on with it reads from the beginning.
                input.AdvanceTo(read.Buffer.Start);
                return protocols.Contains(TlsAlpnChallenge.Protocol);
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async Task AnswerAsync(ConnectionContext connection, CancellationToken cancellation)
    {
        await using var tls = new SslStream(new DuplexPipeStream(connection.Transport.Input, connection.Transport.Output), leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) => board.Certificate(hello.ServerName) is { } certificate
                ? ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                    ApplicationProtocols = [Protocol],
                    // RFC 8737 §3: 1.2 or better.
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                })
                : throw new AuthenticationException("No challenge of this name."),
            null, cancellation);
        // RFC 8737 §3: the handshake is all.
        await tls.ShutdownAsync();
    }
}
