using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Unit.SmtpClient;

/// <summary>Servers that break off, babble, drip or hang: always a result, in bounded time and memory.</summary>
public class HostileServerTests
{
    private const string Opening = """
        S: 220 mx.example
        C: EHLO mail.sender.example
        S: 250-mx.example
        S: 250 PIPELINING

        """;

    private const string Commands = """
        C: MAIL FROM:<a@sender.example>
        C: RCPT TO:<b@mx.example>
        C: DATA

        """;

    internal virtual IOutboundWires Wires => DirectWires.Instance;

    private ClientOptions Patient => new()
    {
        Wires = Wires,
        HelloName = DomainName.Parse("mail.sender.example"),
        Deadlines = ConversationTests.Deadlines(TimeSpan.FromSeconds(30)),
    };

    // For servers that hang: whichever step it is that takes too long, there must be a result.
    private ClientOptions Impatient => Patient with { Deadlines = ConversationTests.Deadlines(TimeSpan.FromMilliseconds(300)) };

    [Theory]
    [InlineData("")]
    [InlineData("S! 22")]
    [InlineData("S: 220 hi\nC: EHLO *")]
    [InlineData("S: 220 hi\nC: EHLO *\nS: 250-mx.example\nS: 250-PIPELINING")]
    [InlineData("S: not SMTP")]
    [InlineData("S! \\0\\0\\0\\0\\r\\n")]
    [InlineData("S: 199 no such class")]
    [InlineData("S: 220?hi")]
    [InlineData("S: 220 hi\nC: EHLO *\nS: 250-mx\nS: 25")]
    public async Task A_server_that_does_not_get_to_a_session_is_a_failure_that_may_be_tried_again(string script)
    {
        foreach (var end in new[] { "\nCLOSE", "\nRESET", "\nHANG" })
        {
            await using var server = ScriptedServer.Start(script + end);
            var failure = Assert.IsType<ClientOpening.Failed>(await OpenAsync(server, end == "\nHANG" ? Impatient : Patient)).Failure;
            Assert.False(failure.IsPermanent);
            Assert.Matches("^4\\.[0-9]\\.[0-9]$", failure.Status);
            Assert.NotEmpty(failure.Reason);
        }
    }

    [Theory]
    [InlineData(Commands)]
    [InlineData(Commands + "S: 250 Ok")]
    [InlineData(Commands + "S: 250 Ok\nS: 250 Ok")]
    [InlineData(Commands + "S: 250 Ok\nS! 25")]
    [InlineData(Commands + "S: 250 Ok\nS: 250 Ok\nS: 354 Go")]
    [InlineData(Commands + "S: 250 Ok\nS: 250 Ok\nS: 250 I take it as done")]
    [InlineData(Commands + "S: 250 Ok\nS: 250 Ok\nS: 354 Go\nC: x")]
    [InlineData(Commands + "S: 354 out of turn\nS: 250 Ok\nS: 250 Ok")]
    public async Task A_connection_that_ends_in_a_transaction_defers_it(string script)
    {
        foreach (var end in new[] { "\nCLOSE", "\nRESET", "\nHANG" })
        {
            await using var server = ScriptedServer.Start(Opening + script + end);
            var options = end == "\nHANG" ? Patient with { Deadlines = new() { Greeting = Patient.Deadlines.Greeting, Transaction = TimeSpan.FromMilliseconds(500), DataTermination = TimeSpan.FromMilliseconds(500), Quit = TimeSpan.Zero } } : Patient;
            await using var connection = Assert.IsType<ClientOpening.Opened>(await OpenAsync(server, options)).Connection;
            var result = Assert.Single(await connection.SendAsync(ConversationTests.Message("x\r\n"), ConversationTests.Recipients("b@mx.example")));
            Assert.Equal(RecipientOutcome.Deferred, result.Outcome);
            Assert.False(connection.IsUsable);
        }
    }

    // RFC 1047: it may have been taken; losing it would be worse than sending it twice.
    [Theory]
    [InlineData("CLOSE")]
    [InlineData("RESET")]
    [InlineData("HANG")]
    [InlineData("S: garbage\nHANG")]
    public async Task A_connection_lost_after_the_final_dot_defers_and_says_that_it_may_come_twice(string end)
    {
        await using var server = ScriptedServer.Start(Opening + Commands + "S: 250 Ok\nS: 250 Ok\nS: 354 Go\nDATA\n" + end);
        var options = end == "HANG" ? Patient with { Deadlines = Patient.Deadlines with { DataTermination = TimeSpan.FromMilliseconds(300) } } : Patient;
        await using var connection = Assert.IsType<ClientOpening.Opened>(await OpenAsync(server, options)).Connection;
        var result = Assert.Single(await connection.SendAsync(ConversationTests.Message("x\r\n"), ConversationTests.Recipients("b@mx.example")));
        Assert.Equal(RecipientOutcome.Deferred, result.Outcome);
        Assert.Contains("may have taken the message", result.Reason);
    }

    [Fact]
    public async Task What_a_server_says_when_it_hangs_up_in_the_middle_of_a_message_is_heard()
    {
        await using var server = ScriptedServer.Start(Opening + Commands + "S: 250 Ok\nS: 250 Ok\nS: 354 Go\nC: x*\nS: 552 5.3.4 Too big\nHANG");
        await using var connection = Assert.IsType<ClientOpening.Opened>(await OpenAsync(server)).Connection;
        var large = ConversationTests.Message(string.Concat(Enumerable.Repeat("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", 1000)));
        Assert.Equal("Failed 5.3.4 552 5.3.4 Too big", ConversationTests.Text(await connection.SendAsync(large, ConversationTests.Recipients("b@mx.example"))));
    }

    [Fact]
    public async Task A_reply_without_end_is_cut_off()
    {
        var lines = string.Join('\n', Enumerable.Repeat("S: 220-and another thing", ReplyAssembly.MaxLines + 1));
        await using var server = ScriptedServer.Start(lines + "\nHANG");
        Assert.Contains("not SMTP", Assert.IsType<ClientOpening.Failed>(await OpenAsync(server)).Failure.Reason);
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off()
    {
        await using var server = ScriptedServer.Start("S! 220 " + new string('x', 10_000) + "\nHANG");
        Assert.Contains("not SMTP", Assert.IsType<ClientOpening.Failed>(await OpenAsync(server)).Failure.Reason);
    }

    [Fact]
    public async Task Dripping_gains_a_server_no_time()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var dripping = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            try
            {
                while (true)
                {
                    await client.GetStream().WriteAsync("220-x\r\n"u8.ToArray());
                    await Task.Delay(50);
                }
            }
            catch (IOException)
            {
                // The client has had enough.
            }
        });
        var clock = Stopwatch.StartNew();
        var opening = await SmtpClientConnection.OpenAsync(new RemoteServer("mx.example", (System.Net.IPEndPoint)listener.LocalEndpoint), Impatient, TimeProvider.System, default);
        Assert.Contains("within", Assert.IsType<ClientOpening.Failed>(opening).Failure.Reason);
        // 100 lines at 50 ms would be five seconds.
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(4));
        await dripping.WaitAsync(TimeSpan.FromSeconds(10));
        listener.Stop();
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_a_failure()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var endPoint = (System.Net.IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        var opening = await SmtpClientConnection.OpenAsync(new RemoteServer("mx.example", endPoint), Patient, TimeProvider.System, default);
        Assert.Equal(new ClientFailure("4.4.1", "refused the connection"), Assert.IsType<ClientOpening.Failed>(opening).Failure);
    }

    [Fact]
    public async Task The_callers_cancellation_comes_out_as_itself()
    {
        await using var server = ScriptedServer.Start("HANG");
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            SmtpClientConnection.OpenAsync(ConversationTests.Server(server), Patient, TimeProvider.System, cancel.Token));
    }

    [Fact]
    public async Task Whatever_octets_a_server_sends_there_is_a_result()
    {
        var bits = Gen.OneOf(
            Gen.Byte.Array[0, 40],
            Gen.OneOf("220 x\r\n", "250-x\r\n", "250 PIPELINING\r\n", "250 Ok\r\n", "354 Go\r\n", "421 x\r\n", "550 5.1.1 x\r\n", "250-\r\n", "25", "\r\n", "\n", "334 \r\n").Select(Encoding.Latin1.GetBytes));
        await bits.Array[0, 12].SampleAsync(async pieces =>
        {
            var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
            listener.Start();
            var babbling = Task.Run(async () =>
            {
                using var client = await listener.AcceptTcpClientAsync();
                foreach (var piece in pieces) await client.GetStream().WriteAsync(piece);
                client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                while (await client.GetStream().ReadAsync(new byte[1024]) > 0) { }
            });
            var server = new RemoteServer("mx.example", (System.Net.IPEndPoint)listener.LocalEndpoint, OutboundTls.None);
            if (await SmtpClientConnection.OpenAsync(server, Patient, TimeProvider.System, default) is ClientOpening.Opened opened)
            {
                await using var connection = opened.Connection;
                var results = await connection.SendAsync(ConversationTests.Message("x\r\n"), ConversationTests.Recipients("b@mx.example", "c@mx.example"));
                Assert.Equal(2, results.Count);
            }
            listener.Stop();
            try
            {
                await babbling;
            }
            catch (Exception gone) when (gone is IOException or InvalidOperationException or System.Net.Sockets.SocketException)
            {
                // The client closed first.
            }
        }, iter: 300, threads: 1);
    }

    private Task<ClientOpening> OpenAsync(ScriptedServer server, ClientOptions? options = null) =>
        SmtpClientConnection.OpenAsync(ConversationTests.Server(server, OutboundTls.None), options ?? Patient, TimeProvider.System, default);
}
