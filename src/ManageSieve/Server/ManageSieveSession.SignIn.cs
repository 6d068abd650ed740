using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.ManageSieve.Grammar;

namespace Sternpost.ManageSieve.Server;

/// <summary>STARTTLS, AUTHENTICATE, UNAUTHENTICATE.</summary>
internal sealed partial class ManageSieveSession
{
    private Account? account;
    private IDisposable? signedIn;
    private int failures;

    /// <summary>STARTTLS (RFC 5804 §2.2); TLS begins once the answer is written.</summary>
    internal Reply BeginTls()
    {
        if (connection.IsTls) return Reply.Fault("TLS is already up");
        startsTls = true;
        return Reply.Ok("Begin TLS now");
    }

    // Nothing the client had sent before counts afterwards: see MailConnection.
    private async ValueTask StartTlsAsync()
    {
        startsTls = false;
        await writer.FlushAsync().ConfigureAwait(false);
        if (!await connection.StartTlsAsync().ConfigureAwait(false)) throw new IOException("The TLS handshake failed.");
        // RFC 5804 §2.2: told anew, unasked, so that nobody on the way can have shortened the list.
        writer.Write(Capability());
    }

    /// <summary>AUTHENTICATE (RFC 5804 §2.1).</summary>
    internal async ValueTask<Reply> AuthenticateAsync(Command command)
    {
        // RFC 8314 §3.3: not even asked for. Who sends it anyway has sent it; who waits for the answer is spared.
        if (!connection.IsTls) return Reply.Fault("Start TLS first (STARTTLS): nothing secret is taken in the clear") with { Code = "ENCRYPT-NEEDED" };
        var mechanism = command.Arguments[0].Text?.ToUpperInvariant() ?? "";
        if (server.Sasl.Begin(mechanism, connection.Remote.Address, connection.TlsServerEndPoint) is not { } exchange) return Reply.Fault("There is no such mechanism");
        byte[]? response = null;
        // An empty string is a response of no octets, which is not the same as none.
        if (command.Arguments.Count == 2 && !SaslBase64.TryDecode(command.Arguments[1].Octets.Span, out response)) return Reply.Fault("The response is not base64");
        while (true)
        {
            switch (await exchange.StepAsync(response, connection.Within(CommandTime)).ConfigureAwait(false))
            {
                case SaslStep.Challenge challenge:
                    writer.Strings(Convert.ToBase64String(challenge.Data));
                    (response, var refusal) = await ResponseAsync().ConfigureAwait(false);
                    if (refusal is not null) return refusal;
                    break;
                case SaslStep.Success success:
                    return SignIn(success, mechanism);
                case SaslStep.Failure failure:
                    server.Logger.SignInRefused(connection.Remote, mechanism, failure.LogReason);
                    return await RefuseAsync(failure.Kind).ConfigureAwait(false);
            }
        }
    }

    /// <summary>UNAUTHENTICATE (RFC 5804 §2.14.1), which must not fail.</summary>
    internal Reply SignOut()
    {
        signedIn?.Dispose();
        (signedIn, account) = (null, null);
        started = server.Time.GetTimestamp();
        commands = 0;
        return Reply.Ok("Signed out");
    }

    // A client that ends the exchange says "*" (§2.1).
    private async ValueTask<(byte[]? Response, Reply? Refusal)> ResponseAsync()
    {
        var patience = Patience;
        switch (await reader.ReadAsync(patience, Step(patience), LongestBeforeLogin, hasName: false).ConfigureAwait(false))
        {
            case CommandStatus.Command when reader.Command.Arguments is [{ IsString: true } answer]:
                if (answer.Octets.Span.SequenceEqual("*"u8)) return (null, Reply.No("Cancelled"));
                return SaslBase64.TryDecode(answer.Octets.Span, out var octets) ? (octets, null) : (null, Reply.Fault("The response is not base64"));
            case CommandStatus.Closed:
                throw new IOException("The client has gone.");
            case CommandStatus.Interrupted:
                return (null, Goodbye);
            case CommandStatus.Flood:
                return (null, Reply.Bye("The literal is too large"));
            default:
                return (null, Reply.Fault("A response is one string"));
        }
    }

    private Reply SignIn(SaslStep.Success success, string mechanism)
    {
        account = success.Account;
        signedIn = server.Sasl.Sessions?.Add(account, success.AppPassword?.Id, "ManageSieve", () => connection.EndSession("This sign-in is no longer valid; sign in again"));
        errors = 0;
        server.Logger.SignedIn(connection.Remote, account.Address.ToString(), mechanism, connection.TlsVersion ?? "cleartext");
        var reply = Reply.Ok("Signed in");
        // §2.1: the mechanism's last message goes with the answer and saves a round trip.
        return success.FinalData is { } data ? reply with { Code = "SASL", Argument = Convert.ToBase64String(data) } : reply;
    }

    private async ValueTask<Reply> RefuseAsync(SaslFailure kind)
    {
        failures++;
        // Some clients try every mechanism with one wrong password: slow enough for guessers, not so slow that those give up.
        await Task.Delay(Options.FailureDelay * Math.Min(failures, 3), server.Time, connection.Within(CommandTime)).ConfigureAwait(false);
        if (failures >= Options.FailuresAllowed) return Reply.Bye("Too many failed sign-ins");
        return kind switch
        {
            SaslFailure.Malformed => Reply.Fault("That is not what the mechanism expects"),
            SaslFailure.TooMany => Reply.No("TRYLATER", "Too many failed sign-ins; try again later"),
            SaslFailure.SecondFactor => Reply.No("This account asks for a second factor, which no mail program can give; make an app password in the webmail's settings and use that here"),
            _ => Reply.No("The name or the password is wrong"),
        };
    }
}
