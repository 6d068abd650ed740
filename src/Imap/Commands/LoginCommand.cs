using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>LOGIN (RFC 9051 §6.2.3): name and password in clear, so under TLS only.</summary>
internal sealed class LoginCommand(string name, string password) : ImapCommand
{
    // login = "LOGIN" SP userid SP password; both are astrings (§9).
    internal static ImapCommand? Parse(ref ImapScanner scanner) =>
        scanner.Space() && scanner.AString(out var name) && scanner.Space() && scanner.AString(out var password) ? new LoginCommand(name, password) : null;

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        // RFC 9051 §6.2.3, RFC 5530 §3: the password has been seen by others now; do not say whether it was right.
        if (!session.Connection.IsTls) return Completion.No("PRIVACYREQUIRED", "Turn on TLS first: this password has crossed the network in clear");
        var step = await session.Server.Sasl.LoginAsync(name, password, session.Connection.Remote.Address, session.Token).ConfigureAwait(false);
        return await SignIn.EndAsync(session, step, "LOGIN command").ConfigureAwait(false);
    }
}
