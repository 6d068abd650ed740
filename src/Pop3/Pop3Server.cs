using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Sasl;
using Sternpost.Mailboxes;
using Sternpost.Network;

namespace Sternpost.Pop3;

/// <summary>
/// POP3 (RFC 1939) with the extensions of RFC 2449, STLS (RFC 2595) and AUTH (RFC 5034). The maildrop is the account's INBOX, held
/// by one session at a time; no name or password is taken without TLS; what DELE marked goes at QUIT and is gone from the disk
/// before <c>+OK</c>.
/// </summary>
public sealed class Pop3Server(MailStore mail, SaslServer sasl, Pop3Options options, TimeProvider time, ILogger<Pop3Server> logger)
{
    private readonly MaildropLocks locks = new();

    /// <summary>Holds one session: what a listener does with a connection.</summary>
    public async Task ServeAsync(MailConnection connection)
    {
        var session = new Pop3Session(connection, mail, sasl, locks, options, time, logger);
        await using (session.ConfigureAwait(false))
        {
            await session.RunAsync().ConfigureAwait(false);
        }
    }
}
