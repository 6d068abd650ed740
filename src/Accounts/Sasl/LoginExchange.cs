using System.Net;

namespace Sternpost.Accounts.Sasl;

/// <summary>LOGIN, never standardised (draft-murchison-sasl-login) and still what some clients and devices speak: a prompt for the name, one for the password.</summary>
internal sealed class LoginExchange(Credentials credentials, IPAddress client) : SaslExchange("LOGIN")
{
    private string? name;

    private protected override ValueTask<SaslStep> NextAsync(byte[]? response, CancellationToken cancellation)
    {
        // Old clients compare the prompts, so they are these to the letter.
        if (response is null) return new(new SaslStep.Challenge("Username:"u8.ToArray()));
        if (Text(response) is not { Length: > 0 } text || text.Contains('\0', StringComparison.Ordinal)) return new(Malformed("a name or password is missing or not UTF-8"));
        if (name is not null) return credentials.CheckAsync(name, text, client, cancellation);
        name = text;
        return new(new SaslStep.Challenge("Password:"u8.ToArray()));
    }
}
