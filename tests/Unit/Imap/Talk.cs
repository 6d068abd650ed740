using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Imap;

/// <summary>
/// A client that knows no IMAP: it sends and expects the lines of a script. <c>C:</c> lines are sent; an <c>S:</c> line must be
/// what comes next, where … stands for anything within the line. <c>S: …</c> alone passes over lines until the next one fits.
/// </summary>
internal sealed class Talk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TcpClient client;
    private Stream stream;
    private readonly byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;
    private int tags;

    private Talk(TcpClient client)
    {
        this.client = client;
        stream = client.GetStream();
    }

    internal string Greeting { get; private set; } = "";

    internal static async Task<Talk> ConnectAsync(int port, bool tls)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var talk = new Talk(client);
        if (tls) await talk.StartTlsAsync();
        talk.Greeting = await talk.LineAsync();
        return talk;
    }

    internal async Task StartTlsAsync()
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" });
        stream = secure;
        from = to = 0;
    }

    /// <summary>Plays a script.</summary>
    internal async Task SayAsync(string script)
    {
        var skipping = false;
        foreach (var line in script.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("C: ", StringComparison.Ordinal) || line == "C:") await SendAsync(line.Length > 3 ? line[3..] : "");
            else if (line == "S: …") skipping = true;
            else if (line.StartsWith("S: ", StringComparison.Ordinal) || line == "S:") await ExpectAsync(line.Length > 3 ? line[3..] : "", skipping);
            else Assert.Fail($"A line of a script is neither the client's nor the server's: {line}");
            if (line != "S: …") skipping = false;
        }
    }

    /// <summary>Sends a command and answers all lines up to its tagged one; fails unless that is OK.</summary>
    internal async Task<List<string>> CommandAsync(string command)
    {
        var lines = await TryCommandAsync(command);
        Assert.True(lines[^1].Split(' ')[1] == "OK", $"{command} → {lines[^1]}");
        return lines;
    }

    /// <summary>Sends a command and answers all lines up to its tagged one.</summary>
    internal async Task<List<string>> TryCommandAsync(string command)
    {
        var tag = $"t{++tags}";
        await SendAsync($"{tag} {command}");
        var lines = new List<string>();
        do
        {
            lines.Add(await LineAsync());
        }
        while (!lines[^1].StartsWith(tag + " ", StringComparison.Ordinal));
        return lines;
    }

    internal Task SendAsync(string line) => SendRawAsync(line + "\r\n");

    internal async Task SendRawAsync(string text)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await stream.FlushAsync();
    }

    /// <summary>The next line without its CRLF.</summary>
    internal async Task<string> LineAsync() => await TryLineAsync() ?? throw new EndOfStreamException("The server closed the connection.");

    /// <summary>The next line, or null where the server has closed.</summary>
    internal async Task<string?> TryLineAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        var line = new MemoryStream();
        while (true)
        {
            var end = Array.IndexOf(buffer, (byte)'\n', from, to - from);
            if (end >= 0)
            {
                line.Write(buffer, from, end - from);
                from = end + 1;
                var text = Encoding.UTF8.GetString(line.ToArray());
                Assert.EndsWith("\r", text);
                return text[..^1];
            }
            line.Write(buffer, from, to - from);
            from = 0;
            to = 0;
            try
            {
                to = await stream.ReadAsync(buffer, deadline.Token);
            }
            catch (IOException)
            {
                return null;
            }
            if (to == 0) return null;
        }
    }

    internal async Task<byte[]> OctetsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var octets = new byte[count];
        var have = Math.Min(count, to - from);
        Array.Copy(buffer, from, octets, 0, have);
        from += have;
        await stream.ReadExactlyAsync(octets.AsMemory(have), deadline.Token);
        return octets;
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
    }

    private async Task ExpectAsync(string pattern, bool skipping)
    {
        var passed = new List<string>();
        while (true)
        {
            var line = await TryLineAsync();
            if (line is null) Assert.Fail($"Expected «{pattern}», but the server closed after: {string.Join(" | ", passed)}");
            if (Fits(pattern, line)) return;
            passed.Add(line);
            if (!skipping) Assert.Fail($"Expected «{pattern}», got «{line}»");
        }
    }

    private static bool Fits(string pattern, string line)
    {
        var pieces = pattern.Split('…');
        if (pieces.Length == 1) return line == pattern;
        if (!line.StartsWith(pieces[0], StringComparison.Ordinal)) return false;
        var at = pieces[0].Length;
        foreach (var piece in pieces[1..^1])
        {
            var found = line.IndexOf(piece, at, StringComparison.Ordinal);
            if (found < 0) return false;
            at = found + piece.Length;
        }
        return line.Length - at >= pieces[^1].Length && line.EndsWith(pieces[^1], StringComparison.Ordinal);
    }
}
