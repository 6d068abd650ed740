using System.Text.Json.Nodes;
using Sternpost.Scenarios.Harness;
using Sternpost.Scenarios.Jmap;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Mail put into an inbox with the lines that the server would have written, for what only mail from outside has.</summary>
internal static class PutMail
{
    internal static async Task AsIfDeliveredAsync(DemoServer server, string address, string message, string role = "inbox")
    {
        var jmap = await JmapClient.OpenAsync(server, address);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, message);
            var uploaded = await jmap.CurlAsync([.. jmap.Credentials, "-H", "Content-Type: message/rfc822", "--data-binary", "@" + file, $"/jmap/upload/{jmap.AccountId}/"]);
            var blob = JsonNode.Parse(uploaded.Output)!["blobId"]!.GetValue<string>();
            var answer = await jmap.CallAsync("Email/import", $"\"emails\": {{\"m\": {{\"blobId\": \"{blob}\", \"mailboxIds\": {{\"{await jmap.MailboxAsync(role)}\": true}}, \"receivedAt\": \"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ}\"}}}}");
            Assert.True(answer["created"]?["m"] is not null, answer.ToJsonString());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
