using Sternpost.Accounts.Sasl;
using Sternpost.Smtp.Grammar;
using Sternpost.Wire;

namespace Sternpost.Smtp.Server;

/// <summary>AUTH (RFC 4954): at the submission port, under TLS, once.</summary>
internal static class Auth
{
    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!session.Policy.TakesUsers) return Replies.AuthNotHere;
        if (!session.Connection.IsTls) return Replies.AuthNeedsTls;
        if (!session.Esmtp) return Replies.HelloFirst;
        if (session.Account is not null) return Replies.AuthDone;
        // RFC 4954 §4: not during a mail transaction.
        if (session.Transaction is not null) return Replies.AuthInTransaction;
        var auth = AuthArgument.Parse(argument.Span);
        if (auth.IsRefused) return auth.Refusal;
        var mechanism = auth.Value.Mechanism;
        if (session.Services.Sasl.Begin(mechanism, session.Client, session.Connection.TlsServerEndPoint) is not { } exchange) return Replies.AuthMechanism;

        exchange.TakesSites = true;
        var (step, refusal) = await ExchangeAsync(session, exchange, auth.Value.InitialResponse).ConfigureAwait(false);
        if (step is SaslStep.Success success)
        {
            session.SignIn(success);
            session.Services.Log.SignedIn(session.Id, session.Client, success.Account.Address.Key, mechanism);
            SmtpMetrics.SignIn(mechanism, "success");
            return Replies.Authenticated;
        }
        var kind = (step as SaslStep.Failure)?.Kind ?? SaslFailure.Aborted;
        session.Services.Log.NotSignedIn(session.Id, session.Client, mechanism, kind.ToString(), (step as SaslStep.Failure)?.LogReason ?? refusal?.Text ?? "the client left");
        SmtpMetrics.SignIn(mechanism, kind.ToString());
        return refusal;
    }

    // The last step, and the reply where it is not success; no reply where the client is gone.
    private static async ValueTask<(SaslStep? Step, Reply? Refusal)> ExchangeAsync(SmtpSession session, SaslExchange exchange, byte[]? response)
    {
        while (true)
        {
            var step = await exchange.StepAsync(response, session.Work()).ConfigureAwait(false);
            switch (step)
            {
                case SaslStep.Success { FinalData: { } final }:
                    // RFC 4954 §4: 235 has no room for the server's last word, so it goes as a challenge that is answered with nothing.
                    session.Write(Replies.Challenge(final));
                    var (nothing, last) = await ReadAsync(session).ConfigureAwait(false);
                    return nothing is { Length: 0 } ? (step, null) : (null, last ?? Replies.AuthMalformed);
                case SaslStep.Challenge challenge:
                    session.Write(Replies.Challenge(challenge.Data));
                    (response, var refusal) = await ReadAsync(session).ConfigureAwait(false);
                    if (response is null) return (null, refusal);
                    break;
                case SaslStep.Failure failure:
                    return (step, failure.Kind switch
                    {
                        SaslFailure.Malformed => Replies.AuthMalformed,
                        SaslFailure.TooMany => Replies.AuthTooMany,
                        SaslFailure.SecondFactor => Replies.AuthAppPassword,
                        SaslFailure.Aborted => Replies.AuthAborted,
                        _ => Replies.AuthFailed,
                    });
                default:
                    return (step, null);
            }
        }
    }

    private static async ValueTask<(byte[]? Response, Reply? Refusal)> ReadAsync(SmtpSession session)
    {
        var (status, line) = await session.ReadResponseAsync().ConfigureAwait(false);
        switch (status)
        {
            case LineStatus.Line when line.Span.SequenceEqual("*"u8):
                return (null, Replies.AuthAborted);
            case LineStatus.Line:
                return SaslText.TryDecode(line.Span, out var response) ? (response, null) : (null, Replies.AuthEncoding);
            case LineStatus.TooLong:
                // RFC 4954 §4: 500 with status 5.5.6.
                return (null, Replies.AuthLineTooLong);
            case LineStatus.Closed:
                session.Lost = true;
                return (null, null);
            default:
                return (null, Replies.BareLineEnding);
        }
    }
}
