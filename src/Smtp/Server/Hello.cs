using System.Text;
using Sternpost.Accounts.Sasl;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>EHLO and HELO (RFC 5321 §4.1.1.1): the client says who it is, the server what it can do.</summary>
internal static class Hello
{
    internal static Reply Helo(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        var hello = HelloArgument.Parse(argument);
        if (hello.IsRefused) return hello.Refusal;
        session.Begin(hello.Value, esmtp: false);
        return Replies.Hello(session.Options.HostName, hello.Value.Text);
    }

    internal static Reply Ehlo(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        var hello = HelloArgument.Parse(argument);
        if (hello.IsRefused) return hello.Refusal;
        session.Begin(hello.Value, esmtp: true);
        return new Reply(250, "", $"{session.Options.HostName} greets {hello.Value.Text}\n{Extensions(session)}");
    }

    // RFC 2033 §4.1: as EHLO, and from here on each recipient has a reply of its own to the message.
    internal static Reply Lhlo(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        session.IsLmtp = true;
        return Ehlo(session, argument);
    }

    // Each with the RFC that defines it.
    private static string Extensions(SmtpSession session)
    {
        var (options, connection) = (session.Options, session.Connection);
        var lines = new StringBuilder(256);
        lines.Append("PIPELINING\n"); // RFC 2920
        lines.Append("SIZE ").Append(options.MessageSize).Append('\n'); // RFC 1870
        lines.Append("8BITMIME\n"); // RFC 6152
        lines.Append("SMTPUTF8\n"); // RFC 6531
        // RFC 3030, without BINARYMIME: the queue could not pass such a message on to a server that lacks it.
        if (!session.Policy.IsContentFilter) lines.Append("CHUNKING\n");
        else lines.Append("XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n");
        lines.Append("DSN\n"); // RFC 3461
        lines.Append("ENHANCEDSTATUSCODES\n"); // RFC 2034
        // RFC 3207 §4.2: not offered again once TLS is up.
        // RFC 8689 §2: REQUIRETLS is offered inside TLS alone.
        // A socket of this computer has nobody on the way.
        if (connection.Peer is null) lines.Append(connection.IsTls ? "REQUIRETLS\n" : "STARTTLS\n");
        // RFC 4954 §4: no mechanism is offered where its secrets could be read on the way, nor after signing in.
        if (session.Policy.TakesUsers && connection.IsTls && session.Account is null)
            lines.Append("AUTH ").AppendJoin(' ', SaslServer.Mechanisms(connection.TlsServerEndPoint is not null)).Append('\n');
        // Of this server alone, for sites and programs: a message handed over twice under one key is kept once, and where it comes from.
        if (Origin.IsOffered(session)) lines.Append("XONCE\nXORIGIN\n");
        // RFC 9422.
        lines.Append("LIMITS MAILMAX=").Append(options.MessagesPerConnection).Append(" RCPTMAX=").Append(options.Recipients);
        return lines.ToString();
    }
}
