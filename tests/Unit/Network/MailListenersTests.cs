using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Network;
using Sternpost.Network.Tls;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Network;

/// <summary>Doors, connections and their end, on real sockets.</summary>
public sealed class MailListenersTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<MailListeners> started = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var listeners in started) await listeners.DisposeAsync();
    }

    [Fact]
    public async Task A_session_that_throws_ends_its_own_connection_only()
    {
        var (listeners, port) = await ListenAsync(async connection =>
        {
            var line = await ReadAsync(connection);
            if (line == "throw") throw new InvalidOperationException("a bug");
            await connection.Output.WriteAsync("well"u8.ToArray());
        });
        using var bad = await ConnectAsync(port);
        using var good = await ConnectAsync(port);
        await bad.GetStream().WriteAsync("throw"u8.ToArray());
        Assert.Equal("", await ToEndAsync(bad.GetStream()));
        await good.GetStream().WriteAsync("fine"u8.ToArray());
        Assert.Equal("well", await ToEndAsync(good.GetStream()));
        Assert.NotEmpty(listeners.Bound);
    }

    // The addresses that the configuration names by default.
    [Fact]
    public void All_of_IPv4_and_all_of_IPv6_are_listened_on_side_by_side()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var four = ListenSockets.Bound(new IPEndPoint(IPAddress.Any, 0));
        four.Listen();
        using var six = ListenSockets.Bound(new IPEndPoint(IPAddress.IPv6Any, ((IPEndPoint)four.LocalEndPoint!).Port));
        six.Listen();
        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.IPv6Loopback, ((IPEndPoint)six.LocalEndPoint!).Port);
        Assert.False(six.Accept().RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true });
    }

    [Fact]
    public async Task Who_is_one_too_many_is_told_so()
    {
        var (_, port) = await ListenAsync(async connection => await ReadAsync(connection), new ConnectionLimits { PerAddress = 1 }, definition => definition with { TooManyReply = "421 4.7.0 Too many\r\n" });
        using var first = await ConnectAsync(port);
        await first.GetStream().WriteAsync("x"u8.ToArray().AsMemory(0, 0));
        using var second = await ConnectAsync(port);
        var told = await Task.WhenAny(ToEndAsync(first.GetStream()), ToEndAsync(second.GetStream()));
        Assert.Equal("421 4.7.0 Too many\r\n", await told);
    }

    [Fact]
    public async Task Where_a_proxy_is_named_its_header_is_wanted_and_believed()
    {
        var (_, port) = await ListenAsync(
            async connection => await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(connection.Remote.ToString())),
            limits: new ConnectionLimits { ProxyHeader = TimeSpan.FromMilliseconds(200) },
            change: definition => definition with { ProxyNetworks = [IPNetwork.Parse("127.0.0.0/8")] });
        using var proxied = await ConnectAsync(port);
        await proxied.GetStream().WriteAsync(ProxyHeaderTests.Octets(0x21, IPAddress.Parse("203.0.113.7"), 4711, []));
        Assert.Equal("203.0.113.7:4711", await ToEndAsync(proxied.GetStream()));
        using var without = await ConnectAsync(port);
        await without.GetStream().WriteAsync("EHLO client.example\r\n"u8.ToArray());
        Assert.Equal("", await ToEndAsync(without.GetStream()));
        using var silent = await ConnectAsync(port);
        Assert.Equal("", await ToEndAsync(silent.GetStream()));
    }

    [Fact]
    public async Task Where_no_proxy_is_named_a_header_is_only_octets()
    {
        var (_, port) = await ListenAsync(async connection =>
        {
            await ReadAsync(connection);
            await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(connection.Remote.Address.ToString()));
        });
        using var client = await ConnectAsync(port);
        await client.GetStream().WriteAsync(ProxyHeaderTests.Octets(0x21, IPAddress.Parse("203.0.113.7"), 4711, []));
        Assert.Equal("127.0.0.1", await ToEndAsync(client.GetStream()));
    }

    // CVE-2011-0411. Commands in clear lie in front of the handshake; they must never come out of the TLS side.
    [Fact]
    public async Task What_was_sent_in_clear_before_the_handshake_makes_it_fail()
    {
        var outcome = new TaskCompletionSource<bool>();
        var (_, port) = await ListenAsync(async connection =>
        {
            var read = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(read.Buffer.GetPosition("STARTTLS\r\n".Length));
            outcome.SetResult(await connection.StartTlsAsync());
        });
        using var client = await ConnectAsync(port);
        await client.GetStream().WriteAsync("STARTTLS\r\nMAIL FROM:<forged@here.test>\r\n"u8.ToArray());
        Assert.False(await outcome.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_is_given_up()
    {
        var (_, port) = await ListenAsync(_ => Task.CompletedTask, new ConnectionLimits { Handshake = TimeSpan.FromMilliseconds(100) }, definition => definition with { Tls = TlsMode.Implicit });
        using var client = await ConnectAsync(port);
        Assert.Equal("", await ToEndAsync(client.GetStream()));
    }

    [Fact]
    public async Task TLS_carries_both_ways_and_ends_with_close_notify()
    {
        var (_, port) = await ListenAsync(async connection =>
        {
            for (var i = 0; i < 3; i++) await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(await ReadAsync(connection) + connection.TlsVersion + ";"));
        }, change: definition => definition with { Tls = TlsMode.Implicit });
        using var client = await ConnectAsync(port);
        await using var tls = new SslStream(client.GetStream(), false, World.Trusts);
        await tls.AuthenticateAsClientAsync("mail.here.test");
        var reply = new byte[100];
        for (var i = 0; i < 3; i++)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes("abc" + i));
            var count = await tls.ReadAsync(reply).AsTask().WaitAsync(Patience);
            Assert.Matches($"^abc{i}TLSv1\\.[23];$", Encoding.ASCII.GetString(reply, 0, count));
        }
        // Zero octets, and no exception: the end is authentic.
        Assert.Equal(0, await tls.ReadAsync(reply).AsTask().WaitAsync(Patience));
    }

    [Theory]
    [InlineData(TlsMode.Upgrade)]
    [InlineData(TlsMode.Implicit)]
    public async Task A_peer_that_takes_nothing_more_is_cut_off(TlsMode mode)
    {
        var time = new FakeTimeProvider();
        var (running, leaving) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (listeners, port) = await ListenAsync(async connection =>
        {
            running.SetResult();
            try
            {
                // More than the socket's buffers hold.
                await connection.Output.WriteAsync(new byte[32 * 1024 * 1024], connection.Within(TimeSpan.FromMinutes(5)));
            }
            finally
            {
                leaving.SetResult();
            }
        }, change: definition => definition with { Tls = mode }, time: time);
        using var client = await ConnectAsync(port);
        if (mode == TlsMode.Implicit) await new SslStream(client.GetStream(), true, World.Trusts).AuthenticateAsClientAsync("mail.here.test");
        // Not earlier: the clock of the handshake is the same.
        await running.Task.WaitAsync(Patience);
        while (!leaving.Task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(6));
            await Task.WhenAny(leaving.Task, Task.Delay(20));
        }
        var since = time.GetUtcNow();
        var stopping = listeners.StopAsync(TimeSpan.FromDays(1));
        while (!stopping.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.WhenAny(stopping, Task.Delay(20));
        }
        await stopping;
        Assert.True(time.GetUtcNow() - since < TimeSpan.FromHours(1), "It was not cut off before the whole server was.");
    }

    [Fact]
    public async Task What_was_written_last_arrives_though_the_session_ends_at_once()
    {
        var (_, port) = await ListenAsync(async connection => await connection.Output.WriteAsync(new byte[4 * 1024 * 1024]));
        using var client = await ConnectAsync(port);
        var total = 0;
        var buffer = new byte[64 * 1024];
        while (await client.GetStream().ReadAsync(buffer) is > 0 and var count) total += count;
        Assert.Equal(4 * 1024 * 1024, total);
    }

    [Fact]
    public async Task Stopping_waits_for_sessions_and_cuts_off_those_that_do_not_end()
    {
        var (running, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (listeners, port) = await ListenAsync(async connection =>
        {
            using var registration = connection.Draining.Register(told.SetResult);
            running.SetResult();
            await connection.Input.ReadAsync();
        });
        using var client = await ConnectAsync(port);
        await running.Task;
        await listeners.StopAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Patience);
        Assert.True(told.Task.IsCompleted);
        Assert.Equal("", await ToEndAsync(client.GetStream()));
    }

    private async Task<(MailListeners Listeners, int Port)> ListenAsync(MailSession session, ConnectionLimits? limits = null, Func<ListenerDefinition, ListenerDefinition>? change = null, TimeProvider? time = null)
    {
        var listeners = new MailListeners(new TlsCertificates((World.Certificate, [])), limits ?? new ConnectionLimits(), time ?? TimeProvider.System, NullLoggerFactory.Instance);
        started.Add(listeners);
        var definition = new ListenerDefinition("test", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Upgrade, session);
        await listeners.ListenAsync(change is null ? definition : change(definition), default);
        return (listeners, listeners.Bound[0].EndPoint.Port);
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    private static async Task<string> ReadAsync(MailConnection connection)
    {
        var read = await connection.Input.ReadAsync();
        var text = Encoding.ASCII.GetString(read.Buffer.ToArray());
        connection.Input.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static async Task<string> ToEndAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // A reset ends it too.
        }
        return text.ToString();
    }
}
