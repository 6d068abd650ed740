using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Acme;

namespace Sternpost.Certificates;

/// <summary>What is shown to authorities while they look: answers by HTTP and certificates by TLS. Empty at all other times.</summary>
internal sealed class ChallengeBoard
{
    private readonly ConcurrentDictionary<string, string> answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, X509Certificate2> certificates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True while somebody may ask by TLS.</summary>
    public bool HasCertificates => !certificates.IsEmpty;

    /// <summary>The answer to a token (RFC 8555 §8.3); null where there is none.</summary>
    public string? Answer(string token) => answers.GetValueOrDefault(token);

    /// <summary>The certificate for a name (RFC 8737 §3); null where none is asked for.</summary>
    public X509Certificate2? Certificate(string serverName) => certificates.GetValueOrDefault(serverName);

    /// <summary>The way by HTTP.</summary>
    public IChallengeWay Http => new HttpWay(this);

    /// <summary>The way by TLS.</summary>
    public IChallengeWay Tls(TimeProvider time) => new TlsWay(this, time);

    private sealed class HttpWay(ChallengeBoard board) : IChallengeWay
    {
        public string Type => "http-01";

        public ValueTask<string?> ShowAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
        {
            board.answers[token] = answer;
            return ValueTask.FromResult<string?>(null);
        }

        public ValueTask WithdrawAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
        {
            board.answers.TryRemove(token, out _);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class TlsWay(ChallengeBoard board, TimeProvider time) : IChallengeWay
    {
        public string Type => "tls-alpn-01";

        public ValueTask<string?> ShowAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
        {
            board.certificates[TlsAlpnChallenge.ServerName(name)] = TlsAlpnChallenge.Certificate(name, answer, time.GetUtcNow());
            return ValueTask.FromResult<string?>(null);
        }

        public ValueTask WithdrawAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
        {
            board.certificates.TryRemove(TlsAlpnChallenge.ServerName(name), out _);
            return ValueTask.CompletedTask;
        }
    }
}
