using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Pop3;

/// <summary>Plays conversations: <c>C:</c> lines are sent, <c>S:</c> lines must come; a star at the end stands for anything.</summary>
internal sealed class Pop3Conversation(TcpClient socket) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<byte> buffer = [];
    private Stream stream = socket.GetStream();

    internal Socket Socket => socket.Client;

    internal async Task StartTlsAsync()
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("localhost").WaitAsync(Patience);
        stream = tls;
    }

    internal async Task PlayAsync(string script)
    {
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var text = line.Length > 2 ? line[3..] : "";
            if (line.StartsWith("C:", StringComparison.Ordinal))
            {
                await SendAsync(text + "\r\n");
                continue;
            }
            var answer = await ReadAsync();
            if (text.EndsWith('*')) Assert.StartsWith(text[..^1], answer, StringComparison.Ordinal);
            else Assert.Equal(text, answer);
        }
    }

    internal async Task SendAsync(string octets) => await SendAsync(Encoding.Latin1.GetBytes(octets));

    internal async Task SendAsync(byte[] octets)
    {
        await stream.WriteAsync(octets);
        await stream.FlushAsync();
    }

    /// <summary>The next line without CRLF; null where the server has closed.</summary>
    internal async Task<string?> ReadAsync()
    {
        while (true)
        {
            var end = buffer.IndexOf((byte)'\n');
            if (end >= 0)
            {
                Assert.True(end > 0 && buffer[end - 1] == '\r', "A line of the server ends without CR.");
                var line = Encoding.Latin1.GetString([.. buffer[..(end - 1)]]);
                buffer.RemoveRange(0, end + 1);
                return line;
            }
            var part = new byte[16 * 1024];
            int read;
            try
            {
                read = await stream.ReadAsync(part).AsTask().WaitAsync(Patience);
            }
            catch (IOException)
            {
                read = 0;
            }
            if (read == 0)
            {
                Assert.Empty(buffer);
                return null;
            }
            buffer.AddRange(part[..read]);
        }
    }

    /// <summary>The lines of a multi-line response up to its dot, still stuffed.</summary>
    internal async Task<List<string>> ReadLinesAsync()
    {
        var lines = new List<string>();
        while (await ReadAsync() is { } line && line != ".") lines.Add(line);
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        socket.Dispose();
    }
}
