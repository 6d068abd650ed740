using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>The record of how a connection was protected, as <c>queue show</c> and the log have it: the rule that decided, what came of it, the certificate seen.</summary>
internal static class ProtectionWords
{
    internal static string Of(SmtpClientConnection connection)
    {
        var rule = Rule(connection.Server.Rule);
        if (connection.Protection is not { } tls) return $"{rule}: cleartext{(connection.CleartextReason is { } reason ? "; it " + reason : "")}";
        var proof = tls switch { { IsByDane: true } => "certificate verified by TLSA", { IsVerified: true } => "certificate verified", _ => tls.CertificateProblem };
        return $"{rule}: {tls.Version} {tls.CipherSuite}, {proof}; {tls.CertificateInWords}";
    }

    internal static string Of(RemoteServer server, ClientFailure failure) =>
        $"{Rule(server.Rule)}: {(failure.Tls is null ? "no connection" : "TLS failed")}{(failure.Certificate is { } certificate ? "; turned down " + certificate : "")}";

    private static string Rule(TransportRule rule) => rule switch
    {
        TransportRule.Configured => "as configured",
        TransportRule.MtaSts => "MTA-STS (enforce)",
        TransportRule.MtaStsTesting => "MTA-STS (testing)",
        TransportRule.Dane => "DANE",
        TransportRule.RequireTls => "REQUIRETLS",
        TransportRule.TlsNotRequired => "TLS-Required: No",
        _ => "opportunistic",
    };
}
