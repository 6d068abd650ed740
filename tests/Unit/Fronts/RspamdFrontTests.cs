using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Fronts;
using Sternpost.Fronts.Rspamd;

namespace Sternpost.Unit.Fronts;

/// <summary>Rspamd's HTTP protocol.</summary>
public sealed class RspamdFrontTests : IAsyncLifetime
{
    private readonly List<(FrontLesson Lesson, string? User)> taught = [];
    private readonly HttpClient http = new();
    private RspamdListener listener = null!;

    public async ValueTask InitializeAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var endPoint = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        var front = new RspamdFront(FrontServer.Panel(), FrontServer.Options, Teach, TimeProvider.System, NullLoggerFactory.Instance);
        listener = new RspamdListener(front, [endPoint], FrontServer.Options, NullLoggerFactory.Instance);
        await listener.StartAsync(default);
        http.BaseAddress = new Uri($"http://{endPoint}");

        ValueTask<bool> Teach(ReadOnlyMemory<byte> message, FrontLesson lesson, string? user, CancellationToken cancellation)
        {
            taught.Add((lesson, user));
            return ValueTask.FromResult(taught.Count == 1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Ping_is_answered() => Assert.Equal("pong\r\n", await http.GetStringAsync("/ping"));

    [Fact]
    public async Task Wanted_mail_has_no_action()
    {
        using var reply = await CheckAsync(FrontMail.Wanted);
        Assert.Equal("no action", reply.RootElement.GetProperty("action").GetString());
        Assert.False(reply.RootElement.GetProperty("is_skipped").GetBoolean());
        Assert.Equal(15, reply.RootElement.GetProperty("required_score").GetDouble());
        Assert.Equal("m1@wanted.example", reply.RootElement.GetProperty("message-id").GetString());
        Assert.True(reply.RootElement.GetProperty("score").GetDouble() < 6);
        Assert.True(reply.RootElement.GetProperty("symbols").TryGetProperty("STATISTICS", out var symbol) && symbol.GetProperty("description").GetString()!.Length > 0);
    }

    [Fact]
    public async Task A_virus_is_to_be_rejected_with_a_message_for_the_sender()
    {
        using var reply = await CheckAsync(FrontMail.Virus);
        Assert.Equal("reject", reply.RootElement.GetProperty("action").GetString());
        Assert.Contains("(reference ", reply.RootElement.GetProperty("messages").GetProperty("smtp_message").GetString());
        Assert.True(reply.RootElement.GetProperty("score").GetDouble() >= 15);
        Assert.Equal(0, reply.RootElement.GetProperty("milter").GetProperty("remove_headers").GetProperty("X-Spam-Status").GetInt32());
    }

    [Fact]
    public async Task Mail_of_a_signed_in_user_is_skipped()
    {
        using var reply = await CheckAsync(FrontMail.Virus, ("User", "bob"));
        Assert.True(reply.RootElement.GetProperty("is_skipped").GetBoolean());
        Assert.Equal("no action", reply.RootElement.GetProperty("action").GetString());
    }

    [Fact]
    public async Task Learning_answers_success_and_then_208()
    {
        using var first = await http.PostAsync("/learnspam", new StringContent(FrontMail.Wanted));
        Assert.Equal("{\"success\":true}", await first.Content.ReadAsStringAsync());
        using var again = await http.PostAsync("/learnham", new StringContent(FrontMail.Wanted));
        Assert.Equal(HttpStatusCode.AlreadyReported, again.StatusCode);
        Assert.Equal([(FrontLesson.Spam, null), (FrontLesson.Ham, (string?)null)], taught);
    }

    [Fact]
    public async Task Unknown_addresses_wrong_methods_empty_and_oversized_messages_are_refused_in_JSON()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new HttpRequestMessage(HttpMethod.Get, "/stat-of-what")));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(new HttpRequestMessage(HttpMethod.Get, "/checkv2")));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(new HttpRequestMessage(HttpMethod.Post, "/checkv2")));
        var large = new HttpRequestMessage(HttpMethod.Post, "/checkv2") { Content = new ByteArrayContent(new byte[FrontServer.Options.MaxMessage + 1]) };
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await StatusAsync(large));

        async Task<HttpStatusCode> StatusAsync(HttpRequestMessage request)
        {
            using var response = await http.SendAsync(request);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.True(json.RootElement.TryGetProperty("error", out _));
            return response.StatusCode;
        }
    }

    private async Task<JsonDocument> CheckAsync(string message, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/checkv2") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(message)) };
        foreach (var (name, value) in fields) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync());
    }
}
