using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Scenarios.Harness;

/// <summary>A running server as clients see it.</summary>
public interface IMailServer
{
    /// <summary>Ports by the names demo.json gives them.</summary>
    IReadOnlyDictionary<string, int> Ports { get; }

    /// <summary>Passwords by address.</summary>
    IReadOnlyDictionary<string, string> Passwords { get; }

    /// <summary>A PEM file to trust.</summary>
    string CertificateAuthority { get; }

    /// <summary>Whether a client should trust this certificate.</summary>
    bool Trusts(X509Certificate2 certificate);
}
