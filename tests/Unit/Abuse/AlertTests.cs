using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Sternpost.Abuse.Alerts;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Unit.Abuse;

/// <summary>An alert reaches the administrator by every way there is, however the others fail, and is lost by nothing.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private static readonly Alert Contained = new("account-contained", "müller@here.test is contained", "Why: a test.\nDo nothing.");

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-alerts-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private Database database = null!;

    public async ValueTask InitializeAsync() => database = await Database.OpenAsync(folder, time, default);

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_webhook_gets_json_with_the_token()
    {
        using var server = new OneRequest("HTTP/1.1 204 No Content\r\n\r\n");
        Assert.Null(await new WebhookWay(server.Address, "mail.here.test", () => "t0ken").SendAsync(Contained, time.GetUtcNow(), default));
        var request = await server.Received;
        Assert.Contains("Authorization: Bearer t0ken\r\n", request);
        using var json = JsonDocument.Parse(request[request.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.Equal(("account-contained", "mail.here.test", Contained.Subject), (json.RootElement.GetProperty("kind").GetString(), json.RootElement.GetProperty("host").GetString(), json.RootElement.GetProperty("subject").GetString()));
    }

    [Fact]
    public async Task Ntfy_gets_text_with_a_title()
    {
        using var server = new OneRequest("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        Assert.Null(await new NtfyWay(server.Address, "mail.here.test", null).SendAsync(Contained, time.GetUtcNow(), default));
        var request = await server.Received;
        Assert.Contains("Title: =?utf-8?B?" + Convert.ToBase64String(Encoding.UTF8.GetBytes("mail.here.test: müller@here.test is contained")), request);
        Assert.EndsWith("Why: a test.\nDo nothing.", request);
        Assert.DoesNotContain("Authorization", request);
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "answered 302")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "answered 500")]
    public async Task Neither_redirects_nor_errors_count_as_taken(string answer, string problem)
    {
        using var server = new OneRequest(answer);
        Assert.Equal(problem, await new WebhookWay(server.Address, "h", null).SendAsync(Contained, time.GetUtcNow(), default));
    }

    [Fact]
    public async Task Syslog_gets_one_datagram()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var way = new SyslogWay("127.0.0.1:" + ((IPEndPoint)receiver.Client.LocalEndPoint!).Port, "mail.here.test");
        Assert.Null(await way.SendAsync(Contained, time.GetUtcNow(), default));
        var text = Encoding.UTF8.GetString((await receiver.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30))).Buffer);
        Assert.Equal("<18>1 2026-05-01T12:00:00.000Z mail.here.test sternpost - account-contained - müller@here.test is contained Why: a test. Do nothing.", text);
    }

    [Fact]
    public async Task Mail_is_a_message_that_others_can_read()
    {
        byte[] sent = [];
        var way = new MailWay([EmailAddress.Parse("admin@elsewhere.test")], EmailAddress.Parse("postmaster@here.test"), "mail.here.test", (_, message, _) =>
        {
            sent = message;
            return new(true);
        });
        Assert.Null(await way.SendAsync(Contained with { Subject = new string('ü', 90) }, time.GetUtcNow(), default));
        var message = await MimeMessage.LoadAsync(new MemoryStream(sent));
        Assert.Equal("mail.here.test: " + new string('ü', 90), message.Subject);
        Assert.Equal("Why: a test.\nDo nothing.", message.TextBody!.ReplaceLineEndings("\n").TrimEnd());
        Assert.All(Encoding.UTF8.GetString(sent).Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 78 || !line.StartsWith("Subject", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_way_that_fails_is_tried_again_by_itself_and_holds_up_no_other()
    {
        var (good, bad) = (new Way("good", _ => null), new Way("bad", attempt => attempt < 3 ? "is down" : null));
        await using var book = new AlertBook(database, [good, bad], time, NullLogger<AlertBook>.Instance);
        await book.RaiseAsync(Contained, default);
        for (var round = 0; round < 6; round++)
        {
            await book.SendDueAsync(default);
            time.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.Equal((1, 3), (good.Attempts, bad.Attempts));
        Assert.Equal(1, await database.ReadAsync(sql => sql.First($"select count(*) from alerts where sent is not null", row => row.GetInt64(0)), default));
    }

    [Fact]
    public async Task An_alert_is_sent_by_the_process_that_can_send_whoever_raised_it_and_not_where_its_transaction_failed()
    {
        var way = new Way("way", _ => null);
        await using (var commandLine = new AlertBook(database, [way], time, NullLogger<AlertBook>.Instance))
        {
            await commandLine.RaiseAsync(Contained, default);
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(sql =>
            {
                commandLine.Raise(sql, Contained);
                throw new InvalidOperationException("Nothing happened after all.");
            }, default).AsTask());
        }
        Assert.Equal(0, way.Attempts);
        await using var server = new AlertBook(database, [way], time, NullLogger<AlertBook>.Instance);
        await server.SendDueAsync(default);
        await server.SendDueAsync(default);
        Assert.Equal(1, way.Attempts);
    }

    private sealed class Way(string name, Func<int, string?> answer) : IAlertWay
    {
        internal int Attempts { get; private set; }

        public string Name => name;

        public ValueTask<string?> SendAsync(Alert alert, DateTimeOffset at, CancellationToken cancellation) => new(answer(++Attempts));
    }

    // A web server for one request.
    private sealed class OneRequest : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        internal OneRequest(string answer)
        {
            listener.Start();
            Received = ServeAsync(answer);
        }

        internal Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hook");

        internal Task<string> Received { get; }

        public void Dispose() => listener.Dispose();

        private async Task<string> ServeAsync(string answer)
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var buffer = new byte[64 * 1024];
            var (length, text) = (0, "");
            while (true)
            {
                length += await stream.ReadAsync(buffer.AsMemory(length));
                text = Encoding.UTF8.GetString(buffer, 0, length);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end < 0) continue;
                var announced = System.Text.RegularExpressions.Regex.Match(text, "Content-Length: (\\d+)");
                if (!announced.Success || length - Encoding.UTF8.GetByteCount(text[..(end + 4)]) >= int.Parse(announced.Groups[1].ValueSpan)) break;
            }
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            return text;
        }
    }
}
