using System.Text;
using Sternpost.Accounts.Sasl;
using Sternpost.Wire;

namespace Sternpost.Pop3;

/// <summary>The AUTHORIZATION state: STLS, USER and PASS, AUTH.</summary>
internal sealed partial class Pop3Session
{
    private string? userName;
    private int failedSignIns;

    /// <summary>False where the command is not one of this state.</summary>
    private async ValueTask<bool> AuthorizationAsync(Pop3Command command)
    {
        switch (command.Keyword)
        {
            case "STLS":
                await StartTlsAsync(command).ConfigureAwait(false);
                return true;
            case "USER" or "PASS" or "AUTH" when !connection.IsTls:
                // RFC 8314 §3.3: not even asked for. Who sends it anyway has sent it; who waits for the answer is spared.
                userName = null;
                await FaultAsync("Start TLS first (STLS): nothing secret is taken in the clear").ConfigureAwait(false);
                return true;
            case "USER":
                userName = command.Argument.Trim();
                // RFC 1939 §7: yes to any name, so that nobody learns which exist.
                if (userName.Length > 0) await OkAsync("Now the password").ConfigureAwait(false);
                else await FaultAsync("Say the name: USER name").ConfigureAwait(false);
                return true;
            case "PASS":
                await PasswordAsync(command).ConfigureAwait(false);
                return true;
            case "AUTH":
                await AuthenticateAsync(command.Words).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    // RFC 2595 §4.
    private async ValueTask StartTlsAsync(Pop3Command command)
    {
        if (connection.IsTls || command.Argument.Length > 0)
        {
            await FaultAsync(connection.IsTls ? "TLS is already up" : "STLS takes no argument").ConfigureAwait(false);
            return;
        }
        await OkAsync("Begin TLS now").ConfigureAwait(false);
        await output.FlushAsync().ConfigureAwait(false);
        // What was said in the clear counts for nothing any more.
        userName = null;
        ended = !await connection.StartTlsAsync().ConfigureAwait(false);
    }

    private async ValueTask PasswordAsync(Pop3Command command)
    {
        if (userName is not { Length: > 0 } name)
        {
            await FaultAsync("First the name: USER name").ConfigureAwait(false);
            return;
        }
        userName = null;
        // RFC 1939 §7: spaces are part of the password.
        await SettleAsync(await sasl.LoginAsync(name, command.Argument, connection.Remote.Address, connection.Within(options.SignIn)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // RFC 5034 §4.
    private async ValueTask AuthenticateAsync(string[] words)
    {
        if (words is not ([_] or [_, _]) || sasl.Begin(words[0], connection.Remote.Address, connection.TlsServerEndPoint) is not { } exchange)
        {
            await FaultAsync("AUTH takes one of the mechanisms that CAPA names").ConfigureAwait(false);
            return;
        }
        var encoded = words.Length == 2 ? words[1] : null;
        byte[]? response = null;
        // A "=" is an initial response of nothing, unlike none.
        if (encoded is not null && !SaslBase64.TryDecode(Encoding.UTF8.GetBytes(encoded == "=" ? "" : encoded), out response))
        {
            await FaultAsync("That is not base64").ConfigureAwait(false);
            return;
        }
        while (await exchange.StepAsync(response, connection.Within(options.SignIn)).ConfigureAwait(false) is var step)
        {
            if (step is not SaslStep.Challenge challenge)
            {
                await SettleAsync(step).ConfigureAwait(false);
                return;
            }
            (response, var refusal) = await AskAsync(challenge.Data).ConfigureAwait(false);
            if (refusal is null) continue;
            await SettleAsync(refusal).ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Sends a challenge and reads the response; a failure where the client ends the exchange or sends what is no response.</summary>
    private async ValueTask<(byte[]? Response, SaslStep.Failure? Refusal)> AskAsync(byte[] challenge)
    {
        await output.LineAsync("+ " + Convert.ToBase64String(challenge)).ConfigureAwait(false);
        var status = await ReadLineAsync().ConfigureAwait(false);
        if (status == LineStatus.Closed) ended = true;
        if (status != LineStatus.Line) return (null, new SaslStep.Failure(SaslFailure.Malformed, "no response line: " + status));
        var line = lines.Line.Span;
        if (line.SequenceEqual("*"u8)) return (null, new SaslStep.Failure(SaslFailure.Aborted, "ended by the client"));
        return SaslBase64.TryDecode(line, out var response) ? (response, null) : (null, new SaslStep.Failure(SaslFailure.Malformed, "not base64"));
    }

    private async ValueTask SettleAsync(SaslStep step)
    {
        switch (step)
        {
            case SaslStep.Success success:
                // RFC 5034 §4: there is no room for data in +OK, so it is one more challenge, answered by an empty line.
                if (success.FinalData is { } data && (await AskAsync(data).ConfigureAwait(false)).Refusal is { } refusal) await SettleAsync(refusal).ConfigureAwait(false);
                else await OpenAsync(success).ConfigureAwait(false);
                break;
            case SaslStep.Failure { Kind: SaslFailure.Aborted }:
                await ErrorAsync("Ended as you wished").ConfigureAwait(false);
                break;
            case SaslStep.Failure failure:
                logger.Refused(connection.Remote, failure.LogReason);
                // RFC 3206 §4: a client asks its user for another password at AUTH and not at SYS/TEMP.
                var text = failure.Kind switch
                {
                    SaslFailure.Credentials => "[AUTH] Wrong name or password",
                    SaslFailure.SecondFactor => "[AUTH] This account asks for a second factor; make an app password in the webmail's settings and use that here",
                    SaslFailure.TooMany => "[SYS/TEMP] Too many failed attempts; try again later",
                    _ => "That is not what the mechanism asks for",
                };
                if (++failedSignIns < options.MaxFailedSignIns) await ErrorAsync(text).ConfigureAwait(false);
                else await EndAsync("-ERR " + text).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask OpenAsync(SaslStep.Success success)
    {
        var account = success.Account;
        if (locks.TryTake(account.Id) is not { } held)
        {
            // RFC 2449 §8.1.1: the name and password were right.
            await ErrorAsync("[IN-USE] Another POP3 session has this mailbox open").ConfigureAwait(false);
            return;
        }
        try
        {
            drop = await Maildrop.OpenAsync(mail, account, held, connection.Within(options.Idle)).ConfigureAwait(false);
        }
        finally
        {
            if (drop is null) held.Dispose();
        }
        if (drop is null)
        {
            await ErrorAsync("[SYS/PERM] This account has no mailbox").ConfigureAwait(false);
            return;
        }
        signedIn = sasl.Sessions?.Add(account, success.AppPassword?.Id, "POP3", () => connection.EndSession("This sign-in is no longer valid; sign in again"));
        logger.SignedIn(account.Address, connection.Remote, drop.Count);
        await OkAsync($"{drop.Count} messages ({drop.Octets} octets)").ConfigureAwait(false);
    }
}
