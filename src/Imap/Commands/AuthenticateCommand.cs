using System.Text;
using Sternpost.Accounts.Sasl;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;
using Sternpost.Wire;

namespace Sternpost.Imap.Commands;

/// <summary>AUTHENTICATE (RFC 9051 §6.2.2) with an initial response (RFC 4959) or without.</summary>
internal sealed class AuthenticateCommand(string mechanism, string? initial) : ImapCommand
{
    // Tokens of the mechanisms offered are a few hundred octets.
    private const int LongestResponse = 12_288;

    // authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]; initial-resp = base64 / "=" (§9).
    internal static ImapCommand? Parse(ref ImapScanner scanner)
    {
        if (!scanner.Space() || !scanner.Atom(out var mechanism)) return null;
        string? initial = null;
        if (scanner.Take(' ') && !scanner.AString(out initial)) return null;
        return new AuthenticateCommand(mechanism, initial);
    }

    internal override async ValueTask<Completion> ExecuteAsync(ImapSession session)
    {
        if (!session.Connection.IsTls) return Completion.No("PRIVACYREQUIRED", "Turn on TLS first");
        var exchange = session.Server.Sasl.Begin(mechanism, session.Connection.Remote.Address, session.Connection.TlsServerEndPoint);
        if (exchange is null) return Completion.No("CANNOT", "There is no such mechanism");
        byte[]? response = null;
        // RFC 4959 §3: "=" is a response of no octets, which is not the same as none.
        if (initial is not null && !SaslBase64.TryDecode(Encoding.ASCII.GetBytes(initial == "=" ? "" : initial), out response)) return Completion.Bad("The response is not base64");
        while (true)
        {
            var step = await exchange.StepAsync(response, session.Token).ConfigureAwait(false);
            switch (step)
            {
                case SaslStep.Challenge challenge:
                    if (await AskAsync(session, challenge.Data).ConfigureAwait(false) is not { } answer) return Completion.Bad("The response is not base64, or was cancelled");
                    response = answer;
                    break;
                // RFC 9051 §6.2.2 has no room for data beside OK, so SCRAM's last message is one more challenge, with an empty answer.
                case SaslStep.Success { FinalData: { } final }:
                    if (await AskAsync(session, final).ConfigureAwait(false) is not { Length: 0 }) return Completion.Bad("The last response must be empty");
                    return await SignIn.EndAsync(session, step, mechanism.ToUpperInvariant()).ConfigureAwait(false);
                default:
                    return await SignIn.EndAsync(session, step, mechanism.ToUpperInvariant()).ConfigureAwait(false);
            }
        }
    }

    // Sends a challenge; the answer, or null where the client cancelled with "*" or wrote nonsense.
    private static async ValueTask<byte[]?> AskAsync(ImapSession session, byte[] challenge)
    {
        session.Writer.Line("+ " + Convert.ToBase64String(challenge));
        await session.Writer.FlushAsync().ConfigureAwait(false);
        while (true)
        {
            var (status, line) = await session.Reader.ReadLineAsync(session.Reader.Step).ConfigureAwait(false);
            if (status == LineStatus.Interrupted && !session.Connection.Draining.IsCancellationRequested) continue;
            if (status != LineStatus.Line || line.Length > LongestResponse) return null;
            return SaslBase64.TryDecode(line.Span, out var answer) ? answer : null;
        }
    }
}
