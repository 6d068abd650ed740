using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sternpost.Network.Tls;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Smtp.Client;

/// <summary>The way from a connected socket to a session that takes mail: greeting, EHLO, STARTTLS, AUTH.</summary>
internal sealed class SessionOpening(SmtpChannel channel, RemoteServer server, ClientOptions options)
{
    private static readonly ClientFailure NoTls = new("4.7.5", "offers no TLS, which is demanded for it") { Tls = TlsResultType.StartTlsNotSupported };

    /// <summary>What the server can do.</summary>
    internal ServerExtensions Extensions { get; private set; } = ServerExtensions.None;

    /// <summary>What TLS came to; null on cleartext.</summary>
    internal ConnectionProtection? Protection { get; private set; }

    /// <summary>True from the moment TLS was begun: what fails then may succeed in cleartext, where that is allowed.</summary>
    internal bool TlsBegun { get; private set; }

    /// <summary>The certificate that was turned down, in words; null where none was.</summary>
    internal ShownCertificate? TurnedDown { get; private set; }

    /// <summary>Why the certificate was turned down, or would have been.</summary>
    internal (TlsResultType Type, string Reason)? CertificateProblem { get; private set; }

    /// <summary>Null where all went well.</summary>
    /// <exception cref="SessionLostException">The connection ended on the way.</exception>
    internal async ValueTask<ClientFailure?> RunAsync(bool tlsAllowed)
    {
        if (server.Tls == OutboundTls.Implicit) await StartTlsAsync().ConfigureAwait(false);
        var greeting = await channel.ReadReplyAsync("the connection", options.Deadlines.Greeting).ConfigureAwait(false);
        // RFC 5321 §3.1: 554 turns mail away; RFC 7504 §3: 521 does for good.
        if (greeting.Code != 220) return Refusal(greeting, "greeted with");
        if (await HelloAsync().ConfigureAwait(false) is { } refused) return refused;
        if (Protection is null && server.Tls != OutboundTls.None && tlsAllowed && await UpgradeAsync().ConfigureAwait(false) is { } unprotected) return unprotected;
        return server.Credentials is null ? null : await AuthenticateAsync(server.Credentials).ConfigureAwait(false);
    }

    private async ValueTask<ClientFailure?> HelloAsync()
    {
        var reply = await CommandAsync($"EHLO {options.HelloName.Ascii}", "EHLO").ConfigureAwait(false);
        if (reply.IsPositive)
        {
            Extensions = ServerExtensions.Of(reply);
            return null;
        }
        // RFC 5321 §3.2: a server that does not know EHLO is asked with HELO.
        if (!reply.IsPermanent) return Refusal(reply, "answered EHLO with");
        reply = await CommandAsync($"HELO {options.HelloName.Ascii}", "HELO").ConfigureAwait(false);
        return reply.IsPositive ? null : Refusal(reply, "answered HELO with");
    }

    private async ValueTask<ClientFailure?> UpgradeAsync()
    {
        var demanded = server.Tls is OutboundTls.Required or OutboundTls.Verified or OutboundTls.Dane;
        if (!Extensions.StartTls) return demanded ? NoTls : null;
        var reply = await CommandAsync("STARTTLS", "STARTTLS").ConfigureAwait(false);
        if (reply.Code != 220)
        {
            if (reply.Code == 421) return Refusal(reply, "answered STARTTLS with");
            return demanded ? new ClientFailure("4.7.5", "cannot begin TLS, which is demanded for it", reply) { Tls = TlsResultType.StartTlsNotSupported } : null;
        }
        // A reply that is here before TLS is up was put there by somebody on the way: it must not be taken for one inside TLS.
        TlsBegun = true;
        if (channel.HasUnasked()) throw new SessionLostException("4.7.5", "went on talking in clear after agreeing to TLS");
        await StartTlsAsync().ConfigureAwait(false);
        // RFC 3207 §4.2: what was learnt before TLS is forgotten.
        Extensions = ServerExtensions.None;
        return await HelloAsync().ConfigureAwait(false);
    }

    private async ValueTask StartTlsAsync()
    {
        TlsBegun = true;
        var mustVerify = server.Tls is OutboundTls.Verified or OutboundTls.Implicit or OutboundTls.Dane;
        // RFC 7672 §8.1, RFC 8461 §4.1: a server with several certificates learns which one is wanted.
        var host = server.Dane?.Names[0].Ascii ?? server.Name.TrimEnd('.');
        var tls = await channel.StartTlsAsync(new TlsRequest(host, options.TrustedRoots, shown =>
        {
            CertificateProblem = server.Dane is { } dane ? DaneVerification.Problem(shown.Certificate, shown.Others, dane, channel.Time.GetUtcNow()) : Problem(shown);
            // RFC 7435: opportunistic security takes any certificate, because the alternative is none.
            if (!mustVerify || CertificateProblem is null) return true;
            if (shown.Certificate is { } certificate) TurnedDown = ShownCertificate.Of(certificate);
            return false;
        }), options.Deadlines.Handshake).ConfigureAwait(false);
        Protection = Facts(tls);
    }

    private static (TlsResultType, string)? Problem(ShownChain shown)
    {
        if (shown.Errors == SslPolicyErrors.None) return null;
        if (shown.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return (TlsResultType.ValidationFailure, "no certificate was shown");
        if (shown.Errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return shown.Statuses.Contains(X509ChainStatusFlags.NotTimeValid)
                ? (TlsResultType.CertificateExpired, "the certificate has expired or is not valid yet")
                : (TlsResultType.CertificateNotTrusted, "the certificate is not signed by a known authority");
        }
        return (TlsResultType.CertificateHostMismatch, "the certificate is for another name");
    }

    private ConnectionProtection Facts(TlsHandshake tls)
    {
        var certificate = tls.Certificate;
        return new ConnectionProtection(
            TlsNames.Version(tls.Protocol),
            tls.Cipher.ToString(),
            certificate?.Subject ?? "",
            certificate?.Issuer ?? "",
            certificate is null ? DateTimeOffset.MinValue : new DateTimeOffset(certificate.NotAfter),
            certificate?.GetCertHashString(HashAlgorithmName.SHA256) ?? "",
            CertificateProblem?.Reason)
        {
            IsByDane = server.Dane is not null && CertificateProblem is null,
            ProblemType = CertificateProblem?.Type,
        };
    }

    private async ValueTask<ClientFailure?> AuthenticateAsync(ClientCredentials credentials)
    {
        // RFC 4954 §4: a password in clear only where the layer below hides it.
        if (Protection is null) return new ClientFailure("4.7.5", "wants a password, which is not sent without TLS");
        SmtpReply reply;
        if (Extensions.AuthMechanisms.Contains("PLAIN"))
        {
            // RFC 4616 §2: authorization identity (empty), name, password.
            reply = await CommandAsync("AUTH PLAIN " + Base64("\0" + credentials.UserName + "\0" + credentials.Password), "AUTH").ConfigureAwait(false);
        }
        else if (Extensions.AuthMechanisms.Contains("LOGIN"))
        {
            reply = await CommandAsync("AUTH LOGIN", "AUTH").ConfigureAwait(false);
            if (reply.Code == 334) reply = await CommandAsync(Base64(credentials.UserName), "the user name").ConfigureAwait(false);
            if (reply.Code == 334) reply = await CommandAsync(Base64(credentials.Password), "the password").ConfigureAwait(false);
        }
        else
        {
            return new ClientFailure("4.7.0", "offers no way of signing in that this server knows (PLAIN, LOGIN)");
        }
        // Wrong credentials are the administrator's to mend, and the mail waits meanwhile: never permanent.
        return reply.Code == 235 ? null : new ClientFailure("4.7.8", $"did not accept the user name and password of {credentials.UserName}", reply);
    }

    private ValueTask<SmtpReply> CommandAsync(string line, string name)
    {
        Encoding.UTF8.GetBytes(line + "\r\n", channel.Output);
        return ReplyAsync();

        async ValueTask<SmtpReply> ReplyAsync()
        {
            await channel.FlushAsync(name, options.Deadlines.Command).ConfigureAwait(false);
            return await channel.ReadReplyAsync(name, options.Deadlines.Command).ConfigureAwait(false);
        }
    }

    private static ClientFailure Refusal(SmtpReply reply, string verb) =>
        new(reply.StatusOrDefault, $"{verb} {reply.Code} {reply.ToLine()}", reply, reply.IsPermanent);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
