using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>A directory server.</summary>
/// <param name="Host">Its name or address, which its certificate must be for.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsTls">TLS from the start (ldaps).</param>
public sealed record LdapServer(string Host, int Port, bool IsTls);

/// <summary>Where the recipients behind the gateway are looked up.</summary>
public sealed record LdapOptions
{
    /// <summary>Servers with the same entries; the next one is asked where one does not answer.</summary>
    public required IReadOnlyList<LdapServer> Servers { get; init; }

    /// <summary>The entry below which recipients are.</summary>
    public required string Base { get; init; }

    /// <summary>Who is a recipient.</summary>
    public required LdapFilter Filter { get; init; }

    /// <summary>Whom to sign in as; empty to ask anonymously.</summary>
    public string BindName { get; init; } = "";

    /// <summary>Reads the password when it is needed.</summary>
    public Func<string> Password { get; init; } = () => "";

    /// <summary>Whether a connection that is not TLS from the start must become it before anything is said.</summary>
    public bool StartTls { get; init; } = true;

    /// <summary>Patience with one server, from the connection to the answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Authorities that are trusted beside the system's; null for none.</summary>
    public X509Certificate2Collection? Roots { get; init; }
}
