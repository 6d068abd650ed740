using Sternpost.Accounts.Sasl;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>What LOGIN and AUTHENTICATE end with.</summary>
internal static class SignIn
{
    /// <summary>Signs in, or refuses: late, always in the same words, and in the end by closing.</summary>
    internal static async ValueTask<Completion> EndAsync(ImapSession session, SaslStep step, string mechanism)
    {
        switch (step)
        {
            case SaslStep.Success success:
                session.SignIn(success, mechanism);
                return Completion.Ok($"CAPABILITY {Capabilities.Text(session)}", "Signed in");
            case SaslStep.Failure { Kind: SaslFailure.Aborted }:
                // RFC 9051 §6.2.2: an exchange the client cancels ends with BAD.
                return Completion.Bad("Cancelled");
            case SaslStep.Failure failure:
                session.Server.Logger.SignInRefused(session.Connection.Remote, mechanism, failure.LogReason);
                return await RefuseAsync(session, failure.Kind).ConfigureAwait(false);
            default:
                throw new InvalidOperationException($"An exchange cannot end with {step.GetType().Name}.");
        }
    }

    private static async ValueTask<Completion> RefuseAsync(ImapSession session, SaslFailure kind)
    {
        session.Failures++;
        // Some clients try every mechanism with one wrong password: slow enough for guessers, not so slow that those give up.
        var delay = session.Options.FailureDelay * Math.Min(session.Failures, 3);
        await Task.Delay(delay, session.Server.Time, session.Token).ConfigureAwait(false);
        if (session.Failures >= session.Options.FailuresAllowed)
        {
            session.Server.Logger.Closed(session.Connection.Remote, "too many failed sign-ins");
            session.Farewell = "Too many failed sign-ins";
        }
        return kind switch
        {
            SaslFailure.Malformed => Completion.Bad("That is not what the mechanism expects"),
            // RFC 5530 §3: the server cannot say whether the password is right, now.
            SaslFailure.TooMany => Completion.No("UNAVAILABLE", "Too many failed sign-ins; try again later"),
            SaslFailure.SecondFactor => Completion.No("AUTHENTICATIONFAILED", "This account asks for a second factor, which no mail program can give; make an app password in the webmail's settings and use that here"),
            _ => Completion.No("AUTHENTICATIONFAILED", "The name or the password is wrong"),
        };
    }
}
