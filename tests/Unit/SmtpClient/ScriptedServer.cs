using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sternpost.Unit.SmtpClient;

/// <summary>
/// A mail server that plays a part word for word. One script for each connection, in order:
/// <c>S: text</c> sends a line, <c>S! text</c> sends raw text with \r, \n and \0, <c>C: pattern</c> reads a line that must match
/// (* stands for anything), <c>DATA</c> reads a message up to the final dot, <c>BYTES n</c> reads octets, <c>TLS</c> makes the server's side
/// of a handshake, <c>GARBLE</c> answers a handshake with rubbish, <c>EOF</c> wants the client to close, <c>HANG</c> waits until it does,
/// <c>WAIT</c> waits for <see cref="GoOn"/>, <c>CLOSE</c> and <c>RESET</c> end the connection.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Task playing;
    private readonly X509Certificate2? certificate;

    private ScriptedServer(string[] scripts, X509Certificate2? certificate)
    {
        this.certificate = certificate;
        listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        playing = Task.Run(() => PlayAllAsync(scripts));
    }

    internal IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>Set when the script is at <c>WAIT</c>.</summary>
    internal TaskCompletionSource Waits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets it go on from there.</summary>
    internal TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The messages received, as they came over the wire without the final dot.</summary>
    internal List<string> Messages { get; } = [];

    internal static ScriptedServer Start(params string[] scripts) => new(scripts, null);

    internal static ScriptedServer StartWithTls(X509Certificate2 certificate, params string[] scripts) => new(scripts, certificate);

    /// <summary>Waits until every script was played to its end; throws where the client left its part.</summary>
    internal Task DoneAsync() => playing.WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        try
        {
            await playing.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (Exception unplayed) when (unplayed is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // A test that does not call DoneAsync does not care.
        }
    }

    internal static X509Certificate2 Certificate(string name, X509Certificate2? authority = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority is null, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (authority is null) return request.CreateSelfSigned(from, to);
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private async Task PlayAllAsync(string[] scripts)
    {
        foreach (var script in scripts)
        {
            using var client = await listener.AcceptTcpClientAsync();
            client.NoDelay = true;
            Stream stream = client.GetStream();
            foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (line is "CLOSE") break;
                if (line is "RESET")
                {
                    client.LingerState = new LingerOption(true, 0);
                    break;
                }
                stream = await PlayAsync(line, stream);
            }
            await stream.DisposeAsync();
        }
    }

    private async Task<Stream> PlayAsync(string line, Stream stream)
    {
        switch (line.Split(' ')[0])
        {
            case "S:":
                await stream.WriteAsync(Encoding.UTF8.GetBytes(line[3..] + "\r\n"));
                break;
            case "S!":
                await stream.WriteAsync(Encoding.Latin1.GetBytes(line[3..].Replace("\\r", "\r").Replace("\\n", "\n").Replace("\\0", "\0")));
                break;
            case "C:":
                var said = await LineAsync(stream);
                if (!Matches(said, line[3..])) throw new InvalidOperationException($"The client said '{said}' instead of '{line[3..]}'.");
                break;
            case "DATA":
                var message = new StringBuilder();
                while (await LineAsync(stream) is var text && text != ".") message.Append(text ?? throw new InvalidOperationException("The client closed in the middle of a message.")).Append("\r\n");
                Messages.Add(message.ToString());
                break;
            case "BYTES":
                var octets = new byte[int.Parse(line[6..])];
                await stream.ReadExactlyAsync(octets);
                Messages.Add(Encoding.Latin1.GetString(octets));
                break;
            case "TLS":
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(certificate!);
                return tls;
            case "GARBLE":
                await stream.ReadAtLeastAsync(new byte[5], 5);
                await stream.WriteAsync("500 what is this?\r\n"u8.ToArray());
                break;
            case "WAIT":
                Waits.SetResult();
                await GoOn.Task;
                break;
            case "EOF":
                if (await LineAsync(stream) is { } more) throw new InvalidOperationException($"The client said '{more}' instead of closing.");
                break;
            case "HANG":
                try
                {
                    while (await stream.ReadAsync(new byte[4096]) > 0) { }
                }
                catch (IOException)
                {
                    // Closed with data unread: closed all the same.
                }
                break;
            default:
                throw new InvalidOperationException("No such direction: " + line);
        }
        return stream;
    }

    private static bool Matches(string? said, string pattern)
    {
        if (said is null) return false;
        var parts = pattern.Split('*');
        if (parts.Length == 1) return said == pattern;
        return said.StartsWith(parts[0]) && said.EndsWith(parts[^1]) && parts.All(said.Contains);
    }

    private static async Task<string?> LineAsync(Stream stream)
    {
        var octets = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            octets.Add(one[0]);
            if (octets is [.., (byte)'\r', (byte)'\n']) return Encoding.UTF8.GetString([.. octets[..^2]]);
        }
        return octets.Count == 0 ? null : throw new InvalidOperationException("The client closed in the middle of a line.");
    }
}
