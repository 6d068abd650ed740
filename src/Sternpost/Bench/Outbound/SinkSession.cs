using System.Buffers;
using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Bench.Outbound;

/// <summary>A receiving server that does as little as it can, so that the sender is what is measured. It offers PIPELINING and no TLS.</summary>
internal sealed class SinkSession(Socket socket, SinkTally tally)
{
    private static readonly byte[] Hello = "250-sink.bench.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"u8.ToArray();

    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly ArrayBufferWriter<byte> replies = new(512);
    private readonly List<(int Message, int Domain, SinkManner Manner, bool IsBounce)> recipients = [];
    private int start;
    private int end;

    public async Task RunAsync(CancellationToken cancellation)
    {
        socket.NoDelay = true;
        Say("220 sink.bench.test ESMTP\r\n"u8);
        while (await LineAsync(cancellation) is { } length)
        {
            if (length < 0) return;
            var line = buffer.AsSpan(start, length);
            start += length + 1;
            if (Is(line, "RCPT"u8)) Recipient(line);
            else if (Is(line, "MAIL"u8) || Is(line, "RSET"u8))
            {
                recipients.Clear();
                Say("250 2.0.0 Ok\r\n"u8);
            }
            else if (Is(line, "EHLO"u8) || Is(line, "HELO"u8)) Say(Hello);
            else if (Is(line, "DATA"u8))
            {
                if (recipients.Count == 0)
                {
                    Say("554 5.5.1 No valid recipients\r\n"u8);
                    continue;
                }
                Say("354 Go\r\n"u8);
                if (!await MessageAsync(cancellation)) return;
            }
            else if (Is(line, "QUIT"u8))
            {
                Say("221 2.0.0 Bye\r\n"u8);
                await FlushAsync(cancellation);
                return;
            }
            else Say("250 2.0.0 Ok\r\n"u8);
        }
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> verb) => Ascii.EqualsIgnoreCase(line[..Math.Min(4, line.Length)], verb);

    private void Say(ReadOnlySpan<byte> reply) => replies.Write(reply);

    // RCPT TO:<m7@d3.defer.bench.test>
    private void Recipient(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOf((byte)'<') + 1;
        if (at == 0 || !Utf8Parser.TryParse(line[(at + 1)..], out int message, out var digits) || message >= tally.Messages)
        {
            Say("550 5.1.1 Nobody\r\n"u8);
            return;
        }
        if (line[at] == 'b')
        {
            recipients.Add((message, -1, SinkManner.Accept, true));
            Say("250 2.1.5 Ok\r\n"u8);
            return;
        }
        // Behind the number come "@d" and the domain's.
        var host = line[(at + 1 + digits + 2)..];
        var domain = Utf8Parser.TryParse(host, out int number, out var more) ? number : 0;
        var manner = host[more + 1] switch { (byte)'r' => SinkManner.Refuse, (byte)'d' => SinkManner.Defer, (byte)'h' => SinkManner.Hang, (byte)'c' => SinkManner.Close, _ => SinkManner.Accept };
        if (manner == SinkManner.Refuse) Say("550 5.1.1 There is no such user here\r\n"u8);
        else if (manner == SinkManner.Defer && tally.PutsOff(message)) Say("451 4.3.0 Come back in a moment\r\n"u8);
        else
        {
            recipients.Add((message, domain, manner, false));
            Say("250 2.1.5 Ok\r\n"u8);
        }
    }

    // False where the connection is to end.
    private async Task<bool> MessageAsync(CancellationToken cancellation)
    {
        var (_, domain, manner, _) = recipients[0];
        var fails = manner is SinkManner.Hang or SinkManner.Close && tally.Fails(domain, manner);
        // Searched with the end of line before it, so that an empty message ends as well.
        start -= 2;
        while (true)
        {
            var found = buffer.AsSpan(start, end - start).IndexOf("\r\n.\r\n"u8);
            if (found >= 0)
            {
                start += found + 5;
                break;
            }
            if (fails && manner == SinkManner.Close && end - start > 1000) return false;
            start = Math.Max(start, end - 4);
            if (await ReceiveAsync(cancellation) == 0) return false;
        }
        if (fails)
        {
            if (manner == SinkManner.Hang)
            {
                while (await socket.ReceiveAsync(buffer, cancellation) > 0)
                {
                    // Until the client has had enough.
                }
            }
            return false;
        }
        foreach (var (message, _, _, isBounce) in recipients)
        {
            if (isBounce) tally.Bounced(message);
            else tally.Delivered(message);
        }
        recipients.Clear();
        Say("250 2.0.0 Taken\r\n"u8);
        return true;
    }

    // The length of the next line without its line feed; null at the end of the connection.
    private async ValueTask<int?> LineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var found = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (found >= 0) return found;
            if (await ReceiveAsync(cancellation) == 0) return null;
        }
    }

    private async ValueTask<int> ReceiveAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        if (start > buffer.Length / 2)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        var got = end == buffer.Length ? 0 : await socket.ReceiveAsync(buffer.AsMemory(end), cancellation);
        end += got;
        return got;
    }

    private async ValueTask FlushAsync(CancellationToken cancellation)
    {
        for (var sent = 0; sent < replies.WrittenCount;) sent += await socket.SendAsync(replies.WrittenMemory[sent..], cancellation);
        replies.ResetWrittenCount();
    }
}
