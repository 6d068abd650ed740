using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Unit.Smtp.Harness;

/// <summary>
/// A client that does exactly what it is told. A script has lines "C: …" (sent with CRLF; several in a row leave in one write),
/// "c: …" (sent without CRLF), "S: …" (a whole reply, matched without its last reference; * stands for anything, continuation
/// lines joined by " / "), "TLS" and "END" (the server closes). In what is sent \r \n \0 \t \x are escapes.
/// </summary>
internal sealed partial class Conversation : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly List<string> transcript = [];
    private readonly byte[] buffer = new byte[64 * 1024];
    private Stream stream;
    private int start;
    private int end;

    private Conversation(TcpClient client)
    {
        this.client = client;
        stream = client.GetStream();
    }

    internal SslStream? Tls => stream as SslStream;

    internal static async Task<Conversation> OpenAsync(int port, bool implicitTls, string? proxiedFrom)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var conversation = new Conversation(client);
        if (proxiedFrom is not null) await conversation.SendAsync(ProxyHeader(IPAddress.Parse(proxiedFrom)));
        if (implicitTls) await conversation.StartTlsAsync();
        return conversation;
    }

    internal async Task PlayAsync(string script)
    {
        var pending = new List<byte>();
        foreach (var line in script.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("C:", StringComparison.Ordinal) || line.StartsWith("c:", StringComparison.Ordinal))
            {
                transcript.Add(line);
                pending.AddRange(Octets(line.Length > 3 ? line[3..] : ""));
                if (line[0] == 'C') pending.AddRange("\r\n"u8);
                continue;
            }
            if (pending.Count > 0) await SendAsync(pending.ToArray());
            pending.Clear();
            if (line == "TLS") await StartTlsAsync();
            else if (line == "END") await ExpectEndAsync();
            else if (line.StartsWith("S:", StringComparison.Ordinal)) await ExpectAsync(line[3..]);
            else Assert.Fail("The script holds an unknown line: " + line);
        }
        if (pending.Count > 0) await SendAsync(pending.ToArray());
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> octets) => await stream.WriteAsync(octets);

    internal Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    internal async Task ExpectAsync(string pattern)
    {
        var reply = await ReplyAsync();
        var compared = Reference().Replace(reply, "");
        if (!Regex.IsMatch(compared, "^" + Regex.Escape(pattern).Replace("\\*", ".*") + "$", RegexOptions.Singleline))
            Assert.Fail($"Expected: {pattern}\nReceived: {reply}\nAfter:\n{string.Join('\n', transcript)}");
    }

    /// <summary>The next reply, its lines joined by " / " without the codes of all but the first.</summary>
    internal async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var line = await LineAsync() ?? throw new EndOfStreamException("The server closed. So far:\n" + string.Join('\n', transcript));
            Assert.True(line.Length <= 510, "RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets.");
            reply.Append(reply.Length == 0 ? line[..4].Replace('-', ' ') + line[4..] : " / " + line[4..]);
            if (line.Length > 3 && line[3] == '-') continue;
            transcript.Add("S: " + reply);
            return reply.ToString();
        }
    }

    internal async Task ExpectEndAsync()
    {
        try
        {
            if (await LineAsync() is { } line) Assert.Fail("Expected the server to close, received: " + line + "\nAfter:\n" + string.Join('\n', transcript));
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    internal async Task StartTlsAsync()
    {
        var tls = new SslStream(stream, false, (_, certificate, _, _) => certificate is not null && certificate.GetCertHashString() == World.Certificate.GetCertHashString());
        await tls.AuthenticateAsClientAsync("mail.here.test");
        stream = tls;
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
    }

    private static byte[] Octets(string text) =>
        Encoding.UTF8.GetBytes(text.Replace("\\r", "\r").Replace("\\n", "\n").Replace("\\0", "\0").Replace("\\t", "\t"));

    private static byte[] ProxyHeader(IPAddress from)
    {
        var v6 = from.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
        byte[] to = v6 ? IPAddress.IPv6Loopback.GetAddressBytes() : [127, 0, 0, 1];
        return [.. signature, 0x21, v6 ? (byte)0x21 : (byte)0x11, 0, v6 ? (byte)36 : (byte)12, .. from.GetAddressBytes(), .. to, 0x30, 0x39, 0, 25];
    }

    private async Task<string?> LineAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var lineFeed = Array.IndexOf(buffer, (byte)'\n', start, end - start);
            if (lineFeed >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, lineFeed - start).TrimEnd('\r');
                start = lineFeed + 1;
                return line;
            }
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            var read = await stream.ReadAsync(buffer.AsMemory(end), patience.Token);
            if (read == 0) return null;
            end += read;
        }
    }

    // The reference at the end of a refusal is random.
    [GeneratedRegex(@" \([0-9a-z]{8}(\.\d+)?\)$")]
    private static partial Regex Reference();
}
