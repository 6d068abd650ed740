using System.Text.Json;
using System.Text.Json.Serialization;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Delivery;

/// <summary>What became of the certificate on the connection of an attempt.</summary>
public enum CertificateResult
{
    /// <summary>None was shown: cleartext, or no connection at all.</summary>
    NotSeen,
    /// <summary>It proves the host by a public authority.</summary>
    Verified,
    /// <summary>It proves the host by its TLSA records (RFC 7672).</summary>
    VerifiedByTlsa,
    /// <summary>It does not prove the host, and nobody demanded that it does.</summary>
    NotVerified,
    /// <summary>It does not prove the host, so there was no delivery.</summary>
    TurnedDown,
}

/// <summary>How the connection of an attempt was protected: the rule that decided, what came of it, the certificate seen. For the queue, the log and the trace of a message.</summary>
/// <param name="Rule">What decided; null where it came to no server at all.</param>
public sealed record AttemptProtection(TransportRule? Rule)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Whether mail could be handed over.</summary>
    public bool IsConnected { get; init; }

    /// <summary>For example <c>TLSv1.3</c>; null on cleartext and without a connection.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>The IANA name; null as above.</summary>
    public string? CipherSuite { get; init; }

    /// <summary>What became of the certificate.</summary>
    public CertificateResult CertificateResult { get; init; }

    /// <summary>The certificate; null where none was seen.</summary>
    public ShownCertificate? Certificate { get; init; }

    /// <summary>Why the certificate proves nothing, why there was no TLS, or no connection; null where all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>In words, one line.</summary>
    public override string ToString()
    {
        var rule = Rule is { } known ? Word(known) + ": " : "";
        if (!IsConnected) return $"{rule}{Problem ?? "no connection"}{(Certificate is { } refused ? "; turned down " + refused : "")}";
        if (TlsVersion is null) return $"{rule}cleartext{(Problem is null ? "" : "; it " + Problem)}";
        var proof = CertificateResult switch { CertificateResult.VerifiedByTlsa => "certificate verified by TLSA", CertificateResult.Verified => "certificate verified", _ => Problem };
        return $"{rule}{TlsVersion} {CipherSuite}, {proof}; {Certificate?.ToString() ?? "no certificate"}";
    }

    internal static AttemptProtection Of(SmtpClientConnection connection)
    {
        var found = new AttemptProtection(connection.Server.Rule) { IsConnected = true };
        if (connection.Protection is not { } tls) return found with { Problem = connection.CleartextReason };
        return found with
        {
            TlsVersion = tls.Version,
            CipherSuite = tls.CipherSuite,
            Certificate = tls.Certificate,
            CertificateResult = tls switch { { IsByDane: true } => CertificateResult.VerifiedByTlsa, { IsVerified: true } => CertificateResult.Verified, _ => CertificateResult.NotVerified },
            Problem = tls.CertificateProblem,
        };
    }

    internal static AttemptProtection Of(RemoteServer server, ClientFailure failure) => new(server.Rule)
    {
        Problem = failure.Tls is null ? "no connection" : "TLS failed",
        Certificate = failure.Certificate,
        CertificateResult = failure.Certificate is null ? CertificateResult.NotSeen : CertificateResult.TurnedDown,
    };

    internal static AttemptProtection None(TransportRule? rule, string why = "no connection") => new(rule) { Problem = why };

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null for what a later release wrote in another form; the words beside it still say it.</summary>
    internal static AttemptProtection? FromJson(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<AttemptProtection>(text, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Word(TransportRule rule) => rule switch
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
