using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Jmap;

/// <summary>What is asked while the server is being stopped is answered, or told to come again; never taken for done, never an error of the server.</summary>
public sealed class StoppingTests
{
    private const string Echo = "{\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[[\"Core/echo\",{\"a\":1},\"c\"]]}";

    [Fact]
    public async Task Requests_during_a_stop_are_answered_or_told_to_come_again()
    {
        await using var server = await InstalledServer.StartAsync();
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{InstalledServer.Administrator}:{server.Passwords[InstalledServer.Administrator]}")));
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null && server.Trusts(certificate) };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{server.Ports["https"]}"), DefaultRequestHeaders = { Authorization = basic } };
        var (answered, told) = (0, 0);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        async Task AskAsync()
        {
            while (true)
            {
                using var body = new StringContent(Echo, Encoding.UTF8, "application/json");
                HttpResponseMessage response;
                try
                {
                    response = await client.PostAsync(new Uri("/jmap/api", UriKind.Relative), body, deadline.Token);
                }
                catch (HttpRequestException) when (Volatile.Read(ref answered) > 0)
                {
                    return;
                }
                using (response)
                {
                    var text = await response.Content.ReadAsStringAsync(deadline.Token);
                    if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    {
                        Assert.NotNull(response.Headers.RetryAfter);
                        Assert.Contains("ask again", text);
                        Interlocked.Increment(ref told);
                    }
                    else
                    {
                        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                        Assert.Contains("\"Core/echo\"", text);
                        Interlocked.Increment(ref answered);
                    }
                }
            }
        }
        async Task StreamAsync()
        {
            await using var stream = await client.GetStreamAsync(new Uri("/jmap/eventsource?types=*&closeafter=no&ping=0", UriKind.Relative), deadline.Token);
            using var lines = new StreamReader(stream);
            while (await lines.ReadLineAsync(deadline.Token) is not null) ;
        }
        var streaming = StreamAsync();
        var asking = Enumerable.Range(0, 4).Select(_ => AskAsync()).ToArray();
        while (Volatile.Read(ref answered) < 100 && !asking.Any(each => each.IsCompleted)) await Task.Delay(5, deadline.Token);
        Assert.Equal(0, await server.TerminateAsync());
        await Task.WhenAll(asking);
        await streaming;
        TestContext.Current.TestOutputHelper!.WriteLine($"{answered} answered, {told} told to come again");
    }
}
