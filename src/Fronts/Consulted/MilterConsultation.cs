using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sternpost.Filter;

namespace Sternpost.Fronts.Consulted;

/// <summary>
/// Asks a milter, in the part of a server: the whole of one message is told it, and what it would do is heard but not done. Fields it
/// would add are read for a spam score; what it changes otherwise is its business with other servers.
/// </summary>
internal sealed class MilterConsultation : IConsultation
{
    private const int MaxPacket = 1 << 20;
    private const int MaxActions = 1000;
    private const int BodyChunk = 65535;

    // All actions of version 6, so that no milter refuses to work; and every step, except that it may spare us replies.
    private const uint Actions = 0x1FF;
    private const uint Steps = 0x1FFFFF;
    private const uint NoConnect = 0x01;
    private const uint NoHello = 0x02;
    private const uint NoMail = 0x04;
    private const uint NoRecipient = 0x08;
    private const uint NoBody = 0x10;
    private const uint NoHeaders = 0x20;
    private const uint NoEndOfHeaders = 0x40;
    private const uint NoReplyHeader = 0x80;
    private const uint NoData = 0x200;
    private const uint NoReplyConnect = 0x1000;
    private const uint NoReplyHello = 0x2000;
    private const uint NoReplyMail = 0x4000;
    private const uint NoReplyRecipient = 0x8000;
    private const uint NoReplyData = 0x10000;
    private const uint NoReplyEndOfHeaders = 0x40000;
    private const uint NoReplyBody = 0x80000;
    private const uint LeadingSpace = 0x100000;

    public async ValueTask<Opinion> AskAsync(ConsultedFilter filter, MessageUnderJudgement message, CancellationToken cancellation)
    {
        await using var stream = await filter.ConnectAsync(cancellation).ConfigureAwait(false);
        var offer = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(offer, 6);
        BinaryPrimitives.WriteUInt32BigEndian(offer.AsSpan(4), Actions);
        BinaryPrimitives.WriteUInt32BigEndian(offer.AsSpan(8), Steps);
        await SendAsync(stream, 'O', offer, cancellation).ConfigureAwait(false);
        var (command, answer) = await ReceiveAsync(stream, cancellation).ConfigureAwait(false);
        if (command != 'O' || answer.Length < 12) throw new IOException("the milter does not negotiate");
        var without = BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(8));
        var opinion = await TellAsync(stream, message, without, cancellation).ConfigureAwait(false);
        await SendAsync(stream, 'Q', [], cancellation).ConfigureAwait(false);
        return opinion;
    }

    private static async ValueTask<Opinion> TellAsync(NetworkStream stream, MessageUnderJudgement message, uint without, CancellationToken cancellation)
    {
        async ValueTask<Opinion?> StepAsync(char command, byte[] data, uint skip, uint silent)
        {
            if ((without & skip) != 0) return null;
            await SendAsync(stream, command, data, cancellation).ConfigureAwait(false);
            return (without & silent) != 0 ? null : Decided(await ReceiveAsync(stream, cancellation).ConfigureAwait(false));
        }

        if (await StepAsync('C', Connection(message), NoConnect, NoReplyConnect).ConfigureAwait(false) is { } atConnect) return atConnect;
        if (await StepAsync('H', Strings(message.Session.Helo), NoHello, NoReplyHello).ConfigureAwait(false) is { } atHello) return atHello;
        if (await StepAsync('M', Strings($"<{message.Envelope.ReversePath}>"), NoMail, NoReplyMail).ConfigureAwait(false) is { } atMail) return atMail;
        foreach (var recipient in message.Envelope.Recipients.Take(100))
        {
            if (await StepAsync('R', Strings($"<{recipient.Address}>"), NoRecipient, NoReplyRecipient).ConfigureAwait(false) is { } atRecipient) return atRecipient;
        }
        if (await StepAsync('T', [], NoData, NoReplyData).ConfigureAwait(false) is { } atData) return atData;
        var body = 0;
        foreach (var (name, value, end) in Fields(message.Raw))
        {
            body = end;
            var shown = (without & LeadingSpace) != 0 ? value : value.TrimStart(' ');
            if (await StepAsync('L', Strings(name, shown), NoHeaders, NoReplyHeader).ConfigureAwait(false) is { } atField) return atField;
        }
        if (await StepAsync('N', [], NoEndOfHeaders, NoReplyEndOfHeaders).ConfigureAwait(false) is { } atEnd) return atEnd;
        var rest = message.Raw[Math.Min(body + 2, message.Raw.Length)..];
        for (var at = 0; at < rest.Length && (without & NoBody) == 0; at += BodyChunk)
        {
            await SendAsync(stream, 'B', rest.Slice(at, Math.Min(BodyChunk, rest.Length - at)).ToArray(), cancellation).ConfigureAwait(false);
            if ((without & NoReplyBody) != 0) continue;
            var reply = await ReceiveAsync(stream, cancellation).ConfigureAwait(false);
            // 's': it has seen enough of the body.
            if (reply.Command == 's') break;
            if (Decided(reply) is { } atBody) return atBody;
        }
        await SendAsync(stream, 'E', [], cancellation).ConfigureAwait(false);
        return await HearAsync(stream, cancellation).ConfigureAwait(false);
    }

    // At the end of the message come changes, and at last a decision.
    private static async ValueTask<Opinion> HearAsync(NetworkStream stream, CancellationToken cancellation)
    {
        double? share = null;
        var quarantined = false;
        for (var i = 0; i < MaxActions; i++)
        {
            var (command, data) = await ReceiveAsync(stream, cancellation).ConfigureAwait(false);
            switch (command)
            {
                case 'h' or 'i' or 'm':
                    var strings = Encoding.UTF8.GetString(command == 'h' ? data : data[Math.Min(4, data.Length)..]).Split('\0');
                    if (strings.Length < 2) break;
                    if (strings[0].Equals("X-Spam-Status", StringComparison.OrdinalIgnoreCase)) share = SpamStatus.Share(strings[1]) ?? share;
                    else if (strings[0].Equals("X-Spam-Flag", StringComparison.OrdinalIgnoreCase) && strings[1].Contains("YES", StringComparison.OrdinalIgnoreCase)) share ??= 1;
                    else if (strings[0].Equals("X-Spam", StringComparison.OrdinalIgnoreCase) && strings[1].Contains("Yes", StringComparison.OrdinalIgnoreCase)) share ??= 1;
                    break;
                case 'q':
                    quarantined = true;
                    break;
                case 'a' or 'c':
                    return quarantined ? new Opinion(Math.Max(1.5, share ?? 0), "it would hold the message") : share is { } known ? new Opinion(known, known >= 1 ? "it would mark the message as spam" : "it would let the message pass") : new Opinion(0, "it would let the message pass");
                case '+' or '-' or '2' or 'b' or 'e' or 'p':
                    break;
                default:
                    return Decided((command, data)) ?? throw new IOException("the milter answered what is not the protocol");
            }
        }
        throw new IOException("the milter would change the message without end");
    }

    // Null where it goes on.
    private static Opinion? Decided((char Command, byte[] Data) reply) => reply.Command switch
    {
        'c' or 's' => null,
        'a' => new Opinion(0, "it would let the message pass"),
        'r' => new Opinion(2, "it would refuse the message"),
        'd' => new Opinion(2, "it would drop the message"),
        'y' when reply.Data is [(byte)'5', ..] => new Opinion(2, "it would refuse the message: " + ConsultedJudge.Printable(Encoding.UTF8.GetString(reply.Data).TrimEnd('\0'))),
        't' or 'y' or 'f' => throw new IOException("the milter puts the message off, which is no opinion of it"),
        'p' => null,
        _ => throw new IOException("the milter answered what is not the protocol"),
    };

    private static byte[] Connection(MessageUnderJudgement message)
    {
        var address = message.Session.ClientAddress;
        var name = Encoding.ASCII.GetBytes(message.Session.ReverseName?.Ascii ?? $"[{address}]");
        if (!message.ClientKnown) return [.. name, 0, (byte)'U'];
        var family = address.AddressFamily == AddressFamily.InterNetworkV6 ? '6' : '4';
        return [.. name, 0, (byte)family, 0, 25, .. Encoding.ASCII.GetBytes((family == '6' ? "IPv6:" : "") + address), 0];
    }

    private static IEnumerable<(string Name, string Value, int End)> Fields(ReadOnlyMemory<byte> raw)
    {
        const int maxFields = 2000;
        var at = 0;
        for (var count = 0; at < raw.Length && count < maxFields; count++)
        {
            if (raw.Span[at..].StartsWith("\r\n"u8)) yield break;
            var end = at;
            do
            {
                var line = raw.Span[end..].IndexOf("\r\n"u8);
                end = line < 0 ? raw.Length : end + line + 2;
            }
            while (end < raw.Length && raw.Span[end] is (byte)' ' or (byte)'\t');
            var field = Encoding.Latin1.GetString(raw.Span[at..Math.Max(at, end - 2)]);
            at = end;
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) yield return (field[..colon], field[(colon + 1)..].Replace("\r\n", "\n", StringComparison.Ordinal), end);
        }
    }

    private static byte[] Strings(params ReadOnlySpan<string> strings)
    {
        using var data = new MemoryStream();
        foreach (var text in strings)
        {
            data.Write(Encoding.Latin1.GetBytes(text));
            data.WriteByte(0);
        }
        return data.ToArray();
    }

    private static async ValueTask SendAsync(NetworkStream stream, char command, byte[] data, CancellationToken cancellation)
    {
        var packet = new byte[5 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(packet, 1 + data.Length);
        packet[4] = (byte)command;
        data.CopyTo(packet, 5);
        await stream.WriteAsync(packet, cancellation).ConfigureAwait(false);
    }

    private static async ValueTask<(char Command, byte[] Data)> ReceiveAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var head = new byte[5];
        await stream.ReadExactlyAsync(head, cancellation).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(head) - 1;
        if (length is < 0 or > MaxPacket) throw new IOException("the milter answered what is not the protocol");
        var data = new byte[length];
        await stream.ReadExactlyAsync(data, cancellation).ConfigureAwait(false);
        return ((char)head[4], data);
    }
}
