using Sternpost.Accounts.Sasl;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>CAPABILITY (RFC 9051 §6.1.1): what is offered depends on TLS and on sign-in, and nothing is listed that does not work.</summary>
internal static class Capabilities
{
    private const string Always = "IMAP4rev2 IMAP4rev1 LITERAL+ ID ENABLE SASL-IR";

    private const string SignedIn =
        "IDLE NAMESPACE UNSELECT UIDPLUS MOVE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE "
        + "ESEARCH SEARCHRES WITHIN SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES CONDSTORE QRESYNC MULTIAPPEND BINARY "
        + "UTF8=ACCEPT OBJECTID PREVIEW QUOTA QUOTA=RES-STORAGE INPROGRESS";

    /// <summary>The list as it stands now, for CAPABILITY and for response codes.</summary>
    internal static string Text(ImapSession session)
    {
        if (session.State != SessionState.NotAuthenticated) return $"{Always} {SignedIn} APPENDLIMIT={session.Options.AppendLimit}";
        // RFC 9051 §6.2.3: no name and password over cleartext.
        if (!session.Connection.IsTls) return $"{Always} STARTTLS LOGINDISABLED";
        var mechanisms = SaslServer.Mechanisms(session.Connection.TlsServerEndPoint is not null);
        return $"{Always} {string.Join(' ', mechanisms.Select(mechanism => "AUTH=" + mechanism))}";
    }

    internal static ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        session.Writer.Line($"* CAPABILITY {Text(session)}");
        return ValueTask.FromResult(Completion.Ok("That is what I can do"));
    }
}
