using System.Net;
using System.Security.Cryptography;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Accounts.Sessions;

namespace Sternpost.Accounts.Sasl;

/// <summary>The mechanisms all protocols share. Counts failures per address and per account (slow guessing too) and never says which half was wrong.</summary>
public sealed class SaslServer(Credentials credentials)
{
    private const int NonceOctets = 18;

    /// <summary>Where the protocols say who is signed in, so that sessions can be ended; null lets them last. Set once at composition.</summary>
    public AccountSessions? Sessions { get; set; }

    /// <summary>The names to offer on a TLS connection; nothing is offered on cleartext.</summary>
    /// <param name="channelBinding">True where tls-server-end-point data is known, so that -PLUS can be offered.</param>
    public static IReadOnlyList<string> Mechanisms(bool channelBinding) =>
        channelBinding ? ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"] : ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    /// <summary>Begins an exchange; null where the mechanism is unknown.</summary>
    /// <param name="mechanism">As the client named it, any case.</param>
    /// <param name="client">The peer's address, for counting failures.</param>
    /// <param name="tlsServerEndPoint">The channel binding data of RFC 5929 §4, or null.</param>
    public SaslExchange? Begin(string mechanism, IPAddress client, byte[]? tlsServerEndPoint) => mechanism.ToUpperInvariant() switch
    {
        "PLAIN" => new PlainExchange(credentials, client),
        "LOGIN" => new LoginExchange(credentials, client),
        "SCRAM-SHA-256" => new ScramExchange(credentials, client, plus: false, tlsServerEndPoint, Nonce()),
        "SCRAM-SHA-256-PLUS" when tlsServerEndPoint is not null => new ScramExchange(credentials, client, plus: true, tlsServerEndPoint, Nonce()),
        _ => null,
    };

    /// <summary>Checks a name and password given in clear (IMAP LOGIN, POP3 USER/PASS).</summary>
    public async ValueTask<SaslStep> LoginAsync(string name, string password, IPAddress client, CancellationToken cancellation)
    {
        var step = SaslExchange.Checked(await credentials.CheckAsync(name, password, client, cancellation).ConfigureAwait(false), takesSites: false);
        SaslExchange.Count("clear", step);
        return step;
    }

    /// <summary>What accounts have beside their passwords; null where nobody is asked for it. Set once at composition.</summary>
    public SecondFactorBook? SecondFactors { get; set; }

    /// <summary>Signs in somebody at a browser, who can be asked for a second factor.</summary>
    /// <param name="name">The account's address.</param>
    /// <param name="password">Its own password.</param>
    /// <param name="code">The code of the second factor, or a recovery code; null where none was asked for yet.</param>
    /// <param name="client">From where.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<SaslStep> SignInAsync(string name, string password, string? code, IPAddress client, CancellationToken cancellation)
    {
        var step = await LoginAsync(name, password, client, cancellation).ConfigureAwait(false);
        if (step is not SaslStep.Failure { Kind: SaslFailure.SecondFactor } || code is null || SecondFactors is null) return step;
        step = await credentials.CheckCodeAsync(name, code, client, SecondFactors, cancellation).ConfigureAwait(false);
        SaslExchange.Count("second factor", step);
        return step;
    }

    /// <summary>Signs in an account whose passkey has proved itself.</summary>
    public async ValueTask<SaslStep> SignInAsync(Account account, IPAddress client, CancellationToken cancellation)
    {
        var step = credentials.Barred(client) ?? await credentials.AcceptAsync(account, client, cancellation).ConfigureAwait(false);
        SaslExchange.Count("passkey", step);
        return step;
    }

    /// <summary>
    /// Asks somebody who is signed in for the account's own password once more, before something grave: null where it is right, otherwise what to tell them.
    /// Wrong ones are counted as everywhere.
    /// </summary>
    public async ValueTask<string?> ConfirmAsync(Account account, string password, IPAddress client, CancellationToken cancellation) =>
        await credentials.CheckAsync(account.Address.ToString(), password, client, cancellation).ConfigureAwait(false) switch
        {
            // The second factor was given when the session began.
            SaslStep.Success { AppPassword: null } or SaslStep.Failure { Kind: SaslFailure.SecondFactor } => null,
            SaslStep.Failure { Kind: SaslFailure.TooMany } => "Nothing was changed: there were too many wrong passwords. Try again in some minutes.",
            _ => "Nothing was changed: that is not your password.",
        };

    // Base64 of a multiple of three octets holds no comma and no padding.
    private static string Nonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceOctets));
}
