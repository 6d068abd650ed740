namespace Sternpost.Smtp.Client;

/// <summary>Name and password for a server that relays for us. Prints the name only.</summary>
public sealed class ClientCredentials(string userName, string password)
{
    /// <summary>The name.</summary>
    public string UserName { get; } = userName;

    internal string Password { get; } = password;

    /// <inheritdoc/>
    public override string ToString() => UserName;
}
