using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sternpost.Dialogue;

/// <summary>The reading side of IMAP as the demo needs it to look where its mails lie: implicit TLS, sign in, look for a Message-ID, read a header field.</summary>
internal sealed class ImapDialogue : IAsyncDisposable
{
    // No answer to the few commands sent here is longer.
    private const int MaxLine = 64 * 1024;

    private readonly Socket socket;
    private readonly SslStream tls;
    private readonly byte[] buffer = new byte[8192];
    private int start;
    private int end;
    private int tag;

    private ImapDialogue(Socket socket, SslStream tls) => (this.socket, this.tls) = (socket, tls);

    /// <summary>Connects, verifies the certificate against <paramref name="authority"/> and the name localhost, and signs in.</summary>
    /// <exception cref="IOException">The server is not there, is not trusted, or refuses.</exception>
    public static async Task<ImapDialogue> OpenAsync(int port, X509Certificate2 authority, string user, string password, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
            var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(authority);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }, cancellation);
            var dialogue = new ImapDialogue(socket, tls);
            await dialogue.ReadLineAsync(cancellation);
            await dialogue.CommandAsync($"LOGIN {Quoted(user)} {Quoted(password)}", cancellation);
            return dialogue;
        }
        catch (Exception failure) when (failure is SocketException or System.Security.Authentication.AuthenticationException)
        {
            socket.Dispose();
            throw new IOException($"No trusted IMAP server answers on port {port}: {failure.Message}", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Looks in a mailbox for a message; its uid, or null where it is not there.</summary>
    public async Task<uint?> FindAsync(string mailbox, string messageId, CancellationToken cancellation)
    {
        await CommandAsync($"EXAMINE {Quoted(mailbox)}", cancellation);
        var answers = await CommandAsync($"UID SEARCH HEADER Message-ID {Quoted(messageId)}", cancellation);
        var found = answers.FirstOrDefault(line => line.StartsWith("* SEARCH", StringComparison.OrdinalIgnoreCase));
        var words = found?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 2 && uint.TryParse(words[2], out var uid) ? uid : null;
    }

    /// <summary>The value of a header field of a message in the mailbox looked at last, unfolded; empty where there is none.</summary>
    public async Task<string> HeaderFieldAsync(uint uid, string field, CancellationToken cancellation)
    {
        var answers = await CommandAsync($"UID FETCH {uid} (BODY.PEEK[HEADER.FIELDS ({field})])", cancellation);
        var text = string.Join(' ', answers.SkipWhile(line => !line.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase)).TakeWhile(line => line.Length > 0).Select(line => line.Trim()));
        return text.Length == 0 ? "" : text[(field.Length + 1)..].Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await tls.DisposeAsync();
        socket.Dispose();
    }

    // Untagged lines of the answer, the octets of literals among them; a tagged NO or BAD is a failure here, for the demo asks nothing that may be refused.
    private async Task<List<string>> CommandAsync(string command, CancellationToken cancellation)
    {
        var name = "d" + ++tag;
        await tls.WriteAsync(Encoding.UTF8.GetBytes($"{name} {command}\r\n"), cancellation);
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLineAsync(cancellation);
            if (!line.StartsWith(name + " ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }
            if (line.StartsWith(name + " OK", StringComparison.OrdinalIgnoreCase)) return lines;
            throw new IOException($"The IMAP server refused {command.Split(' ')[0]}: {line[(name.Length + 1)..]}");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            var lineEnd = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            line.Append(Encoding.UTF8.GetString(buffer, start, lineEnd < 0 ? end - start : lineEnd));
            if (lineEnd >= 0)
            {
                start += lineEnd + 1;
                return line.ToString().TrimEnd('\r');
            }
            if (line.Length > MaxLine) throw new IOException($"The IMAP server sent a line of more than {MaxLine} characters.");
            start = 0;
            end = await tls.ReadAsync(buffer, cancellation);
            if (end == 0) throw new IOException("The IMAP server closed the connection.");
        }
    }

    // RFC 9051 §9 quoted.
    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
