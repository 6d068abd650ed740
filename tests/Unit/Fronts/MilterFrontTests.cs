using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Fronts.Milter;

namespace Sternpost.Unit.Fronts;

/// <summary>The milter protocol as Postfix and Sendmail speak it.</summary>
public sealed class MilterFrontTests
{
    private static MilterFront Front() => new(FrontServer.Panel(), FrontServer.Options, TimeProvider.System, NullLoggerFactory.Instance);

    [Fact]
    public async Task Negotiation_asks_for_the_right_to_add_and_change_fields_and_for_leading_spaces()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        var (command, data) = await mta.NegotiateAsync();
        Assert.Equal('O', command);
        Assert.Equal(6u, BinaryPrimitives.ReadUInt32BigEndian(data));
        Assert.Equal(0x31u, BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(4)));
        Assert.Equal(0x14b380u, BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(8)));
    }

    [Theory]
    [InlineData(0x1fffffu)]
    [InlineData(0x10037fu)]
    public async Task Wanted_mail_is_marked_and_accepted_whether_the_server_waits_at_each_step_or_not(uint offered)
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync(offered);
        var actions = await mta.SendMessageAsync(FrontMail.Wanted, "203.0.113.10", "mail.wanted.example");
        Assert.Contains(actions, action => action.StartsWith("h X-Spam-Status  No, score=", StringComparison.Ordinal));
        Assert.DoesNotContain(actions, action => action.StartsWith("h X-Spam-Flag", StringComparison.Ordinal));
        Assert.Equal("a", actions[^1]);
    }

    [Fact]
    public async Task A_virus_is_refused_with_the_reason_and_a_reference()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync();
        var actions = await mta.SendMessageAsync(FrontMail.Virus, "198.51.100.88", "[198.51.100.88]");
        Assert.StartsWith("y 550 5.7.1 ", Assert.Single(actions));
        Assert.Contains("(reference ", actions[0]);
    }

    [Fact]
    public async Task Forged_fields_of_ours_are_removed_from_the_last_to_the_first()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync();
        var forged = "Authentication-Results: filter.example; spf=pass\nAuthentication-Results: other.example; spf=pass\nX-Spam-Status: No\nX-Spam-Status: No, really\n" + FrontMail.Wanted;
        var actions = await mta.SendMessageAsync(forged, "203.0.113.10", "mail.wanted.example");
        Assert.Equal(["m2 X-Spam-Status", "m1 X-Spam-Status", "m1 Authentication-Results"], actions.Where(action => action[0] == 'm').Select(action => action.TrimEnd()));
    }

    [Fact]
    public async Task Mail_of_a_user_signed_in_there_passes_unjudged()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync();
        await mta.SendAsync('D', "M{auth_authen}\0bob\0"u8.ToArray());
        Assert.Equal('a', (await mta.AskAsync('M', "<bob@example.net>\0"u8.ToArray())).Command);
    }

    [Fact]
    public async Task Several_messages_go_over_one_connection_and_an_aborted_one_leaves_nothing_behind()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync();
        await mta.AskAsync('M', "<a@b.example>\0"u8.ToArray());
        await mta.StepAsync('L', "X-Spam-Status\0 left over\0"u8.ToArray());
        await mta.SendAsync('A', []);
        for (var i = 0; i < 3; i++)
        {
            var actions = await mta.SendMessageAsync(FrontMail.Wanted, "203.0.113.10", "mail.wanted.example");
            Assert.DoesNotContain(actions, action => action[0] == 'm');
            Assert.Equal("a", actions[^1]);
        }
    }

    [Theory]
    [InlineData(0x1fffffu)]
    [InlineData(0x10037fu)]
    public async Task Fields_without_end_pass_unjudged_and_are_not_kept(uint offered)
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        using var mta = await Mta.ConnectAsync(server);
        await mta.NegotiateAsync(offered);
        await mta.AskAsync('M', "<a@b.example>\0"u8.ToArray());
        byte[] field = [.. "X-Long\0"u8, .. Enumerable.Repeat((byte)'x', 60_000), 0];
        var passed = false;
        for (var i = 0; i < 1000 && !passed; i++) passed = await mta.StepAsync('L', field) == 'a';
        Assert.True(passed || (await mta.AskAsync('E', [])).Command == 'a');
        var actions = await mta.SendMessageAsync(FrontMail.Wanted, "203.0.113.10", "mail.wanted.example");
        Assert.Contains(actions, action => action.StartsWith("h X-Spam-Status", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_octets_parse_to_a_packet_a_wait_or_a_refusal() => Gen.Byte.Array[0, 64].Sample(octets =>
    {
        var status = MilterPacket.TryParse(new ReadOnlySequence<byte>(octets), out var packet, out var consumed);
        if (status == OperationStatus.Done) Assert.Equal(consumed, packet.Data.Length + 5);
        else Assert.Equal(0, consumed);
    });

    [Fact]
    public void A_length_beyond_the_budget_is_refused_before_anything_is_kept() =>
        Assert.Equal(OperationStatus.InvalidData, MilterPacket.TryParse(new ReadOnlySequence<byte>([0x7f, 0xff, 0xff, 0xff, (byte)'B']), out _, out _));

    /// <summary>The server's side of the protocol.</summary>
    private sealed class Mta(TcpClient client) : IDisposable
    {
        public static async Task<Mta> ConnectAsync(FrontServer server) => new(await server.ConnectAsync());

        public void Dispose() => client.Dispose();

        private static readonly Dictionary<char, uint> Silent = new() { ['C'] = 0x1000, ['H'] = 0x2000, ['R'] = 0x8000, ['L'] = 0x80, ['N'] = 0x40000 };
        private uint agreed;

        public async Task<(char Command, byte[] Data)> NegotiateAsync(uint offered = 0x1fffff)
        {
            var answer = await AskAsync('O', [0, 0, 0, 6, 0, 0, 1, 0xff, 0, (byte)(offered >> 16), (byte)(offered >> 8), (byte)offered]);
            agreed = BinaryPrimitives.ReadUInt32BigEndian(answer.Data.AsSpan(8));
            return answer;
        }

        /// <summary>The answer to a step, 'c' where it was agreed that there is none.</summary>
        public async Task<char> StepAsync(char command, byte[] data)
        {
            if ((agreed & Silent.GetValueOrDefault(command)) == 0) return (await AskAsync(command, data)).Command;
            await SendAsync(command, data);
            return 'c';
        }

        public async Task SendAsync(char command, byte[] data)
        {
            var packet = new byte[5 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(packet, 1 + data.Length);
            packet[4] = (byte)command;
            data.CopyTo(packet, 5);
            await client.GetStream().WriteAsync(packet);
        }

        public async Task<(char Command, byte[] Data)> AskAsync(char command, byte[] data)
        {
            await SendAsync(command, data);
            return await ReadAsync();
        }

        /// <summary>A whole message; answers what is to be done with it, "h NAME VALUE" and the like, the decision last.</summary>
        public async Task<List<string>> SendMessageAsync(string message, string address, string name)
        {
            byte[] connection = [.. Encoding.ASCII.GetBytes(name + "\0" + "4"), 0x30, 0x39, .. Encoding.ASCII.GetBytes(address + "\0")];
            Assert.Equal('c', await StepAsync('C', connection));
            Assert.Equal('c', await StepAsync('H', Encoding.ASCII.GetBytes(name + "\0")));
            Assert.Equal('c', (await AskAsync('M', "<clara@wanted.example>\0"u8.ToArray())).Command);
            Assert.Equal('c', await StepAsync('R', "<alice@example.net>\0"u8.ToArray()));
            var end = message.IndexOf("\n\n", StringComparison.Ordinal);
            foreach (var field in message[..end].Replace("\n\t", "\u0001\t", StringComparison.Ordinal).Split('\n'))
            {
                var colon = field.IndexOf(':', StringComparison.Ordinal);
                Assert.Equal('c', await StepAsync('L', Encoding.UTF8.GetBytes($"{field[..colon]}\0{field[(colon + 1)..].Replace('\u0001', '\n')}\0")));
            }
            Assert.Equal('c', await StepAsync('N', []));
            Assert.Equal('c', (await AskAsync('B', Encoding.UTF8.GetBytes(message[(end + 2)..].Replace("\n", "\r\n", StringComparison.Ordinal)))).Command);
            await SendAsync('E', []);
            var actions = new List<string>();
            while (true)
            {
                var (command, data) = await ReadAsync();
                var place = command is 'm' or 'i' ? BinaryPrimitives.ReadInt32BigEndian(data).ToString() : "";
                var text = Encoding.UTF8.GetString(command is 'm' or 'i' ? data.AsSpan(4) : data).Replace('\0', ' ').TrimEnd();
                actions.Add(text.Length == 0 ? $"{command}{place}" : $"{command}{place} {text}");
                if (command is 'a' or 'y' or 'r' or 't') return actions;
            }
        }

        private async Task<(char Command, byte[] Data)> ReadAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var head = new byte[5];
            await client.GetStream().ReadExactlyAsync(head, deadline.Token);
            var data = new byte[BinaryPrimitives.ReadInt32BigEndian(head) - 1];
            await client.GetStream().ReadExactlyAsync(data, deadline.Token);
            return ((char)head[4], data);
        }
    }
}
