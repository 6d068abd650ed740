using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Sternpost.Commands;

namespace Sternpost.Bench;

/// <summary>One request measured; printed as it is with <c>--json</c>.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Times">How often.</param>
/// <param name="FirstMilliseconds">The first time, when the server had nothing ready for it.</param>
/// <param name="LatencyMilliseconds">All the other times.</param>
/// <param name="AnswerBytes">Octets of an answer.</param>
internal sealed record JmapResult(string Request, int Times, double FirstMilliseconds, Percentiles LatencyMilliseconds, long AnswerBytes);

/// <summary>What a mail program asks when it shows a large folder, over HTTPS, one request after another.</summary>
internal sealed class JmapLoad : IDisposable
{
    private const string ListProperties = "[\"threadId\", \"mailboxIds\", \"keywords\", \"receivedAt\", \"from\", \"subject\", \"preview\", \"hasAttachment\"]";

    private readonly HttpClient client;
    private readonly string address;
    private readonly int times;
    private string accountId = "";

    internal JmapLoad(int port, string user, string password, int times)
    {
        this.times = times;
        address = $"https://localhost:{port}";
        // The demo's certificate is its own, and on this machine nobody can sit between.
        client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } }) { Timeout = TimeSpan.FromMinutes(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    internal async Task<IReadOnlyList<JmapResult>> RunAsync(CancellationToken cancellation)
    {
        var session = JsonNode.Parse(await client.GetStringAsync(address + "/.well-known/jmap", cancellation))!;
        accountId = session["primaryAccounts"]!["urn:ietf:params:jmap:mail"]!.GetValue<string>();
        var inbox = (await CallAsync("Mailbox/query", "\"filter\": {\"role\": \"inbox\"}", cancellation)).Answer["ids"]![0]!.ToJsonString();
        var folder = $"\"filter\": {{\"inMailbox\": {inbox}}}";
        var newest = "\"sort\": [{\"property\": \"receivedAt\", \"isAscending\": false}]";
        var results = new List<JmapResult>
        {
            await MeasureAsync("Email/query: the newest 50 of the folder", "Email/query", _ => $"{folder}, {newest}, \"limit\": 50, \"calculateTotal\": true", cancellation),
            // Another time each, so that no result is at hand.
            await MeasureAsync("the same, never asked before", "Email/query", i => $"\"filter\": {{\"inMailbox\": {inbox}, \"before\": \"2100-01-01T00:00:{i % 60:00}Z\", \"minSize\": {i}}}, {newest}, \"limit\": 50", cancellation),
            await MeasureAsync("the same, one of each thread", "Email/query", i => $"\"filter\": {{\"inMailbox\": {inbox}, \"minSize\": {i}}}, {newest}, \"collapseThreads\": true, \"limit\": 50", cancellation),
            await MeasureAsync("the same, by subject", "Email/query", i => $"\"filter\": {{\"inMailbox\": {inbox}, \"minSize\": {i}}}, \"sort\": [{{\"property\": \"subject\"}}], \"limit\": 50", cancellation),
        };
        var ids = (await CallAsync("Email/query", $"{folder}, {newest}, \"limit\": {50 * (times + 1)}", cancellation)).Answer["ids"]!.AsArray().Select(id => id!.ToJsonString()).ToList();
        results.Add(await MeasureAsync("Email/get: 50 for a list", "Email/get", i => $"\"ids\": [{string.Join(',', ids.Skip(50 * i).Take(50))}], \"properties\": {ListProperties}", cancellation));
        results.Add(await MeasureAsync("Email/get: one to read", "Email/get", i => $"\"ids\": [{ids[i]}], \"fetchTextBodyValues\": true, \"fetchHTMLBodyValues\": true", cancellation));
        results.Add(await MeasureAsync("Mailbox/get: all, with counts", "Mailbox/get", _ => "\"ids\": null", cancellation));
        results.Add(await MeasureAsync("Email/query: a word in the bodies (the first time makes the index)", "Email/query", i => $"\"filter\": {{\"inMailbox\": {inbox}, \"body\": \"{(i % 2 == 0 ? "schedul" : "milestone")}\"}}, {newest}, \"limit\": 50", cancellation));
        return results;
    }

    public void Dispose() => client.Dispose();

    private async Task<JmapResult> MeasureAsync(string name, string method, Func<int, string> arguments, CancellationToken cancellation)
    {
        var first = 0.0;
        var others = new List<double>(times);
        var octets = 0L;
        for (var i = 0; i <= times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            (_, octets) = await CallAsync(method, arguments(i), cancellation);
            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (i == 0) first = milliseconds;
            else others.Add(milliseconds);
        }
        return new JmapResult(name, times, Math.Round(first, 1), Percentiles.Of(others), octets);
    }

    private async Task<(JsonNode Answer, long Octets)> CallAsync(string method, string arguments, CancellationToken cancellation)
    {
        using var content = new StringContent(
            $"{{\"using\": [\"urn:ietf:params:jmap:core\", \"urn:ietf:params:jmap:mail\"], \"methodCalls\": [[\"{method}\", {{\"accountId\": \"{accountId}\", {arguments}}}, \"c\"]]}}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(address + "/jmap/api", content, cancellation);
        var octets = await response.Content.ReadAsByteArrayAsync(cancellation);
        var answer = JsonNode.Parse(octets)?["methodResponses"]?[0];
        if (answer?[0]?.GetValue<string>() != method) throw new OperationFailedException($"The server answered {method} with: {Encoding.UTF8.GetString(octets)}");
        return (answer[1]!, octets.Length);
    }
}
