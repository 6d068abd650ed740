using System.Net;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>
/// A session with another mail server, good for several messages one after another (RFC 5321 §3). What the server does wrong,
/// or fails to do in time, is a result like any other; nothing it can send makes this throw. Not safe for concurrent use.
/// </summary>
public sealed class SmtpClientConnection : IAsyncDisposable
{
    private readonly SmtpChannel channel;
    private readonly ServerExtensions extensions;
    private readonly ClientOptions options;
    private bool needsReset;
    private bool closing;
    private bool disposed;

    private SmtpClientConnection(SmtpChannel channel, SessionOpening session, RemoteServer server, ClientOptions options, string? cleartextReason)
    {
        this.channel = channel;
        this.options = options;
        extensions = session.Extensions;
        Server = server;
        Protection = session.Protection;
        CleartextReason = cleartextReason;
    }

    /// <summary>Who is at the other end.</summary>
    public RemoteServer Server { get; }

    /// <summary>What TLS came to; null on cleartext.</summary>
    public ConnectionProtection? Protection { get; }

    /// <summary>Why the session is in cleartext although TLS was tried; null where it was not tried or came up.</summary>
    public string? CleartextReason { get; }

    /// <summary>The server takes REQUIRETLS, which it may offer inside TLS only (RFC 8689 §2).</summary>
    public bool OffersRequireTls => Protection is not null && extensions.RequireTls;

    /// <summary>Our own address on it.</summary>
    public IPAddress? LocalAddress => channel.LocalAddress;

    /// <summary>The server takes 8-bit content (RFC 6152).</summary>
    public bool TakesEightBit => extensions.EightBitMime;

    /// <summary>Whether a message marked REQUIRETLS may go this way (RFC 8689 §4.2.1): the right server, proved, and one that does the same on its side.</summary>
    public bool MeetsRequireTls => Server.IsNameProved && Protection is { IsVerified: true } && OffersRequireTls;

    /// <summary>Messages handed over or tried so far.</summary>
    public int Messages { get; private set; }

    /// <summary>Whether another message may be sent. False after the connection broke, the server said it closes, or it has taken as many as it said it would.</summary>
    public bool IsUsable => !disposed && !closing && !channel.IsLost && !(Messages >= extensions.MaxMessages);

    /// <summary>
    /// Connects and makes the session ready: greeting, EHLO, TLS by <see cref="RemoteServer.Tls"/>, AUTH. Opportunistic TLS that
    /// fails is followed by a second connection in cleartext.
    /// </summary>
    /// <param name="server">Whom to connect to.</param>
    /// <param name="options">Who we are.</param>
    /// <param name="time">The clock of the deadlines.</param>
    /// <param name="cancellation">Ends the connection at whatever point it is, now and later.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was raised.</exception>
    public static async Task<ClientOpening> OpenAsync(RemoteServer server, ClientOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var (opening, tlsFailure) = await OpenOnceAsync(server, options, tlsAllowed: true, null, time, cancellation).ConfigureAwait(false);
        if (tlsFailure is null || server.Tls != OutboundTls.Opportunistic) return opening;
        (opening, _) = await OpenOnceAsync(server, options, tlsAllowed: false, tlsFailure, time, cancellation).ConfigureAwait(false);
        return opening;
    }

    /// <summary>Hands over one message; answers a result for each recipient, in their order.</summary>
    /// <exception cref="InvalidOperationException">The connection is not <see cref="IsUsable"/>.</exception>
    /// <exception cref="OperationCanceledException">The token given to <see cref="OpenAsync"/> was raised; nothing is known of the message then.</exception>
    public async Task<IReadOnlyList<RecipientResult>> SendAsync(OutgoingMessage message, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        if (!IsUsable) throw new InvalidOperationException("The connection takes no more messages.");
        Messages++;
        var transaction = new MailTransaction(channel, extensions, options.Deadlines, message, recipients) { NeedsReset = needsReset };
        var results = await transaction.RunAsync().ConfigureAwait(false);
        needsReset = transaction.NeedsReset;
        closing |= transaction.IsClosing;
        return results;
    }

    /// <summary>Asks whether a recipient would be taken, by MAIL with the null reverse-path and RCPT, without a message; null where the server was lost or took no MAIL.</summary>
    public async Task<SmtpReply?> AskRecipientAsync(EmailAddress recipient)
    {
        if (!IsUsable) return null;
        try
        {
            needsReset = true;
            Encoding.UTF8.GetBytes("MAIL FROM:<>\r\n", channel.Output);
            await channel.FlushAsync("MAIL", options.Deadlines.Command).ConfigureAwait(false);
            var mail = await channel.ReadReplyAsync("MAIL", options.Deadlines.Command).ConfigureAwait(false);
            closing |= mail.Code == 421;
            if (!mail.IsPositive) return null;
            Encoding.UTF8.GetBytes(EnvelopeCommands.Recipient(new EnvelopeRecipient(recipient), ServerExtensions.None), channel.Output);
            await channel.FlushAsync("RCPT", options.Deadlines.Command).ConfigureAwait(false);
            var reply = await channel.ReadReplyAsync("RCPT", options.Deadlines.Command).ConfigureAwait(false);
            closing |= reply.Code == 421;
            return reply;
        }
        catch (SessionLostException)
        {
            return null;
        }
    }

    /// <summary>Asks the server whether it is there still (NOOP), after the connection has lain idle; where it is not, the connection is of no more use.</summary>
    public async Task<bool> IsAliveAsync()
    {
        if (!IsUsable) return false;
        try
        {
            Encoding.UTF8.GetBytes("NOOP\r\n", channel.Output);
            await channel.FlushAsync("NOOP", options.Deadlines.Quit).ConfigureAwait(false);
            // RFC 5321 §3.8: a server that has said 421 meanwhile has said goodbye.
            var reply = await channel.ReadReplyAsync("NOOP", options.Deadlines.Quit).ConfigureAwait(false);
            closing |= !reply.IsPositive;
            return reply.IsPositive;
        }
        catch (SessionLostException)
        {
            return false;
        }
    }

    /// <summary>Says QUIT where the server still listens, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        try
        {
            if (!closing && !channel.IsLost) await QuitAsync(channel, options.Deadlines.Quit).ConfigureAwait(false);
        }
        finally
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<(ClientOpening Opening, string? TlsFailure)> OpenOnceAsync(
        RemoteServer server, ClientOptions options, bool tlsAllowed, string? cleartextReason, TimeProvider time, CancellationToken cancellation)
    {
        var (channel, reason) = await SmtpChannel.ConnectAsync(server, options, time, cancellation).ConfigureAwait(false);
        // RFC 3463 X.4.1: no answer from host.
        if (channel is null) return (Failed(new ClientFailure("4.4.1", reason)), null);
        var session = new SessionOpening(channel, server, options);
        try
        {
            if (await session.RunAsync(tlsAllowed).ConfigureAwait(false) is not { } refusal)
                return (new ClientOpening.Opened(new SmtpClientConnection(channel, session, server, options, cleartextReason)), null);
            if (!channel.IsLost) await QuitAsync(channel, options.Deadlines.Quit).ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
            return (Failed(refusal with { LocalAddress = channel.LocalAddress }), null);
        }
        catch (SessionLostException lost)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            return (Failed(Lost(lost, session) with { LocalAddress = channel.LocalAddress }), session.TlsBegun ? lost.Message : null);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The library says only that our own check said no; what it found is more use.
    private static ClientFailure Lost(SessionLostException lost, SessionOpening session) => session switch
    {
        { TurnedDown: { } certificate, CertificateProblem: var (type, reason) } =>
            new ClientFailure("4.7.5", "does not prove that it is that server: " + reason) { Tls = type, Certificate = certificate },
        { TlsBegun: true, Protection: null } => new ClientFailure(lost.Status, lost.Message) { Tls = TlsResultType.ValidationFailure },
        _ => new ClientFailure(lost.Status, lost.Message),
    };

    private static async ValueTask QuitAsync(SmtpChannel channel, TimeSpan within)
    {
        try
        {
            Encoding.UTF8.GetBytes("QUIT\r\n", channel.Output);
            await channel.FlushAsync("QUIT", within).ConfigureAwait(false);
            await channel.ReadReplyAsync("QUIT", within).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is SessionLostException or OperationCanceledException)
        {
            // RFC 5321 §4.1.1.10 wants a reply; everything is settled already, so its absence means nothing.
        }
    }

    private static ClientOpening.Failed Failed(ClientFailure failure) => new(failure);
}
