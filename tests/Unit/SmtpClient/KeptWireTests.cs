using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Unit.SmtpClient;

/// <summary>All conversations once more, over connections that a keeper holds.</summary>
public sealed class KeptConversationTests : ConversationTests
{
    internal override IOutboundWires Wires => InProcessKeeper.Shared;
}

/// <summary>TLS likewise.</summary>
public sealed class KeptProtectionTests : ProtectionTests
{
    internal override IOutboundWires Wires => InProcessKeeper.Shared;
}

/// <summary>Servers that mean no good likewise.</summary>
public sealed class KeptHostileServerTests : HostileServerTests
{
    internal override IOutboundWires Wires => InProcessKeeper.Shared;
}

/// <summary>What a keeper hears after its server has ended, and leaves to the next one.</summary>
public sealed class KeptWireTests
{
    private const string Opening = """
        S: 220 mx.example ESMTP
        C: EHLO mail.sender.example
        S: 250 mx.example
        C: MAIL FROM:<a@sender.example>
        S: 250 Ok
        C: RCPT TO:<b@mx.example>
        S: 250 Ok
        C: DATA
        S: 354 Go
        DATA

        """;

    [Theory]
    [InlineData("S: 250-2.0.0 Taken\nS: 250 2.0.0 as 12\n", "250 2.0.0 Taken as 12")]
    [InlineData("S: 451 4.3.0 Later\n", null)]
    [InlineData("S: hello\n", null)]
    [InlineData("", null)]
    public async Task A_reply_that_comes_after_the_end_of_the_server_is_kept_for_the_next(string answer, string? kept)
    {
        await using var keeper = new InProcessKeeper();
        await using var server = ScriptedServer.Start(Opening + "WAIT\n" + answer);
        using var dead = new CancellationTokenSource();
        var sending = SendAsync(keeper, server, "the note", dead.Token);
        await server.Waits.Task;
        Assert.Null(HandoverNotes.Read(keeper.NotesPath));
        Assert.True(HandoverNotes.IsHeld(keeper.NotesPath));
        keeper.EndServer();
        await dead.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        var listed = Assert.Single((await HandoverNotes.ReadAsync(keeper.NotesPath, TimeSpan.FromSeconds(30), default))!);
        Assert.Equal("the note", Encoding.UTF8.GetString(listed.Note.Span));
        Assert.False(listed.IsOver);
        server.GoOn.SetResult();
        await keeper.Running;
        Assert.False(HandoverNotes.IsHeld(keeper.NotesPath));
        var left = Assert.Single(HandoverNotes.Read(keeper.NotesPath)!);
        Assert.True(left.IsOver);
        Assert.Equal(kept, left.Reply is { IsPositive: true } reply ? $"{reply.Code} {reply.ToLine()}" : null);
    }

    [Fact]
    public async Task A_reply_that_was_heard_and_not_acted_upon_is_kept_too()
    {
        await using var keeper = new InProcessKeeper();
        await using var server = ScriptedServer.Start(Opening + "S: 250 2.0.0 Taken\nC: QUIT\nS: 221 Bye");
        await using (var connection = await OpenAsync(keeper, server, default))
            Assert.Equal(RecipientOutcome.Delivered, Assert.Single(await SendAsync(connection, "the note")).Outcome);
        keeper.EndServer();
        await keeper.Running;
        Assert.Equal(250, Assert.Single(HandoverNotes.Read(keeper.NotesPath)!).Reply!.Code);
    }

    [Fact]
    public async Task Where_nothing_was_under_way_nothing_is_left()
    {
        await using var keeper = new InProcessKeeper();
        await using var server = ScriptedServer.Start("S: 220 mx.example\nC: EHLO mail.sender.example\nS: 250 mx.example\nC: QUIT\nS: 221 Bye");
        await using (await OpenAsync(keeper, server, default))
        {
        }
        keeper.EndServer();
        await keeper.Running;
        Assert.Empty(KeptWires.NotesIn(Path.GetDirectoryName(keeper.NotesPath)!));
        Assert.False(HandoverNotes.IsHeld(keeper.NotesPath));
    }

    [Fact]
    public async Task Half_a_line_of_a_keeper_that_died_is_none()
    {
        var path = Path.Combine(Path.GetTempPath(), "sternpost-" + Guid.NewGuid());
        using (var notes = HandoverNotes.Create(path))
        {
            notes.List([[1], [2]]);
            notes.Answer(1, new SmtpReply(250, "2.0.0", ["Taken"]));
        }
        await File.AppendAllTextAsync(path, "{\"Listed\":null,\"Number\":0,\"Re");
        var left = HandoverNotes.Read(path)!;
        Assert.Equal([false, true], left.Select(note => note.IsOver));
        Assert.False(HandoverNotes.IsHeld(path));
        HandoverNotes.Delete(path);
    }

    [Fact]
    public async Task Whatever_is_said_at_its_socket_a_keeper_goes_on()
    {
        await using var keeper = new InProcessKeeper();
        await Gen.Byte.Array[0, 200].SampleAsync(async octets =>
        {
            using var socket = await keeper.SocketAsync(default);
            // Often a frame that it knows, so that more than its head is looked at.
            if (octets is [var first, ..] && first % 2 == 0) octets = [(byte)"cdntex"[first % 6], (byte)(octets.Length - 1), 0, 0, 0, .. octets.AsSpan(1)];
            await socket.SendAsync(octets);
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            var answer = new byte[256];
            while (await socket.ReceiveAsync(answer) > 0)
            {
            }
        }, iter: 500, threads: 1);
        await using var server = ScriptedServer.Start("S: 220 mx.example\nC: EHLO mail.sender.example\nS: 250 mx.example\nC: QUIT\nS: 221 Bye");
        await using (await OpenAsync(keeper, server, default))
        {
        }
        await server.DoneAsync();
    }

    private static async Task<IReadOnlyList<RecipientResult>> SendAsync(InProcessKeeper keeper, ScriptedServer server, string note, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(keeper, server, cancellation);
        return await SendAsync(connection, note);
    }

    private static Task<IReadOnlyList<RecipientResult>> SendAsync(SmtpClientConnection connection, string note) => connection.SendAsync(
        ConversationTests.Message("Subject: x\r\n\r\nHello.\r\n") with { Note = (_, _) => Encoding.UTF8.GetBytes(note) }, ConversationTests.Recipients("b@mx.example"));

    private static async Task<SmtpClientConnection> OpenAsync(InProcessKeeper keeper, ScriptedServer server, CancellationToken cancellation)
    {
        var options = new ClientOptions { HelloName = DomainName.Parse("mail.sender.example"), Deadlines = ConversationTests.Deadlines(TimeSpan.FromSeconds(30)), Wires = keeper };
        return Assert.IsType<ClientOpening.Opened>(await SmtpClientConnection.OpenAsync(ConversationTests.Server(server, OutboundTls.None), options, TimeProvider.System, cancellation)).Connection;
    }
}
