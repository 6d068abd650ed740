using System.Text.Json.Nodes;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Jmap;

/// <summary>JMAP by curl, which knows nothing of it: a request is what is posted, an answer what comes back.</summary>
internal sealed class JmapClient
{
    private readonly DemoServer server;
    private readonly string user;
    private readonly string base_;

    private JmapClient(DemoServer server, string address)
    {
        this.server = server;
        user = address + ":" + server.Passwords[address];
        base_ = $"https://localhost:{server.Ports["https"]}";
    }

    internal string AccountId { get; private set; } = "";

    internal JsonObject Session { get; private set; } = [];

    internal static async Task<JmapClient> OpenAsync(DemoServer server, string address = "alice@demo.test")
    {
        Peer.Need("curl");
        var client = new JmapClient(server, address);
        client.Session = JsonNode.Parse(await client.GetAsync("/.well-known/jmap"))!.AsObject();
        client.AccountId = client.Session["primaryAccounts"]!["urn:ietf:params:jmap:mail"]!.GetValue<string>();
        return client;
    }

    internal async Task<string> GetAsync(string path) => (await CurlAsync("-u", user, base_ + path)).Output;

    /// <summary>curl with the demo's CA; further arguments are the caller's. The URL's host is put before a path.</summary>
    internal async Task<Peer.Outcome> CurlAsync(params string[] arguments) =>
        await Peer.RunAsync("curl", ["--silent", "--show-error", "--max-time", "30", "--cacert", server.CertificateAuthority, .. arguments.Select(argument => argument.StartsWith("/jmap", StringComparison.Ordinal) ? base_ + argument : argument)]);

    internal string[] Credentials => ["-u", user];

    /// <summary>One method call; answers its arguments, and fails on an error.</summary>
    internal async Task<JsonObject> CallAsync(string method, string arguments)
    {
        var answers = await RequestAsync($"[[\"{method}\", {{\"accountId\": \"{AccountId}\"{(arguments.Length == 0 ? "" : ", " + arguments)}}}, \"c\"]]");
        Assert.True(answers[0]![0]!.GetValue<string>() == method, answers.ToJsonString());
        return answers[0]![1]!.AsObject();
    }

    internal async Task<JsonArray> RequestAsync(string calls)
    {
        var body = $"{{\"using\": [\"urn:ietf:params:jmap:core\", \"urn:ietf:params:jmap:mail\", \"urn:ietf:params:jmap:submission\", \"urn:ietf:params:jmap:vacationresponse\", \"urn:ietf:params:jmap:contacts\", \"urn:x-sternpost:jmap:senders\", \"urn:x-sternpost:jmap:labels\"], \"methodCalls\": {calls}}}";
        var outcome = await CurlAsync([.. Credentials, "-H", "Content-Type: application/json", "--data-binary", body, "/jmap/api"]);
        Assert.True(outcome.ExitCode == 0 && JsonNode.Parse(outcome.Output) is JsonObject response && response["methodResponses"] is JsonArray, outcome.Output + outcome.Errors);
        return JsonNode.Parse(outcome.Output)!["methodResponses"]!.AsArray();
    }

    internal async Task<string> MailboxAsync(string role) =>
        (await CallAsync("Mailbox/query", $"\"filter\": {{\"role\": \"{role}\"}}"))["ids"]![0]!.GetValue<string>();

    internal async Task<string> StateAsync(string type) => (await CallAsync(type + "/get", "\"ids\": []"))["state"]!.GetValue<string>();
}
