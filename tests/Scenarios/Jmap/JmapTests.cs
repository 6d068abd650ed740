using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Jmap;

/// <summary>JMAP over real HTTPS against the real program, with curl and Python, beside IMAP and deliveries.</summary>
public sealed class JmapTests
{
    [Fact]
    public async Task IMAP_and_JMAP_see_each_others_changes_and_the_same_ids()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var state = await jmap.StateAsync("Email");
        await DeliverAsync(server, "bob@demo.test", "alice@demo.test", "Hello");
        var created = await jmap.CallAsync("Email/changes", $"\"sinceState\": \"{state}\"");
        var id = Assert.Single(created["created"]!.AsArray())!.GetValue<string>();

        using var imap = await Mailbox.OpenAsync(server, "alice@demo.test");
        await imap.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        var summary = Assert.Single(await imap.Inbox.FetchAsync(0, -1, MessageSummaryItems.EmailId | MessageSummaryItems.ThreadId));
        Assert.Equal(id, summary.EmailId);
        var email = (await jmap.CallAsync("Email/get", $"\"ids\": [\"{id}\"], \"properties\": [\"threadId\", \"subject\", \"keywords\"]"))["list"]![0]!;
        Assert.Equal((summary.ThreadId, "Hello", "{}"), (email["threadId"]!.GetValue<string>(), email["subject"]!.GetValue<string>(), email["keywords"]!.ToJsonString()));

        state = created["newState"]!.GetValue<string>();
        await imap.Inbox.AddFlagsAsync(0, MessageFlags.Seen, true);
        var updated = await jmap.CallAsync("Email/changes", $"\"sinceState\": \"{state}\"");
        Assert.Equal([id], updated["updated"]!.AsArray().Select(one => one!.GetValue<string>()));

        var archive = await jmap.MailboxAsync("archive");
        await jmap.CallAsync("Email/set", $"\"update\": {{\"{id}\": {{\"mailboxIds\": {{\"{archive}\": true}}, \"keywords/$flagged\": true}}}}");
        await imap.NoOpAsync();
        Assert.Equal(0, imap.Inbox.Count);
        var folder = imap.GetFolder(SpecialFolder.Archive)!;
        await folder.OpenAsync(FolderAccess.ReadWrite);
        summary = Assert.Single(await folder.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.EmailId));
        Assert.Equal((id, MessageFlags.Seen | MessageFlags.Flagged), (summary.EmailId, summary.Flags!.Value & ~MessageFlags.Recent));

        // To IMAP it is only marked; to JMAP it is gone (RFC 8621 §4.1.1).
        await folder.AddFlagsAsync(0, MessageFlags.Deleted, true);
        var destroyed = await jmap.CallAsync("Email/changes", $"\"sinceState\": \"{updated["newState"]!.GetValue<string>()}\"");
        Assert.Equal([id], destroyed["destroyed"]!.AsArray().Select(one => one!.GetValue<string>()));
    }

    [Fact]
    public async Task States_hold_while_IMAP_deliveries_and_JMAP_write_at_once()
    {
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        var jmap = await JmapClient.OpenAsync(server);
        var state = await jmap.StateAsync("Email");
        var known = new HashSet<string>();
        var inbox = await jmap.MailboxAsync("inbox");
        var done = Task.WhenAll(
            Task.Run(async () =>
            {
                for (var i = 0; i < 25; i++) await DeliverAsync(server, "bob@demo.test", "alice@demo.test", $"Letter {i}");
            }),
            Task.Run(async () =>
            {
                using var imap = await Mailbox.OpenAsync(server, "alice@demo.test");
                await imap.Inbox!.OpenAsync(FolderAccess.ReadWrite);
                for (var i = 0; i < 40; i++)
                {
                    await imap.NoOpAsync();
                    if (imap.Inbox.Count == 0) continue;
                    if (i % 5 == 4)
                    {
                        await imap.Inbox.AddFlagsAsync(0, MessageFlags.Deleted, true);
                        await imap.Inbox.ExpungeAsync();
                    }
                    else await imap.Inbox.AddFlagsAsync(imap.Inbox.Count - 1, MessageFlags.Flagged, true);
                }
            }),
            Task.Run(async () =>
            {
                for (var i = 0; i < 15; i++)
                {
                    await jmap.CallAsync("Email/set", $$$"""
                        "create": {"d": {"mailboxIds": {"{{{inbox}}}": true}, "subject": "Draft {{{i}}}", "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "x"} } } }
                        """);
                }
            }));
        for (var last = false; ; last = done.IsCompleted)
        {
            for (var more = true; more;)
            {
                var changes = await jmap.CallAsync("Email/changes", $"\"sinceState\": \"{state}\", \"maxChanges\": 7");
                foreach (var one in changes["created"]!.AsArray()) Assert.True(known.Add(one!.GetValue<string>()));
                foreach (var one in changes["destroyed"]!.AsArray()) known.Remove(one!.GetValue<string>());
                state = changes["newState"]!.GetValue<string>();
                more = changes["hasMoreChanges"]!.GetValue<bool>();
            }
            if (last) break;
        }
        await done;
        var all = (await jmap.CallAsync("Email/query", "\"calculateTotal\": true"))["ids"]!.AsArray().Select(one => one!.GetValue<string>()).ToHashSet();
        Assert.True(known.SetEquals(all), $"{known.Except(all).Count()} are known and not there, {all.Except(known).Count()} the other way round.");
        Assert.InRange(all.Count, 30, 40);
        var mailbox = (await jmap.CallAsync("Mailbox/get", $"\"ids\": [\"{inbox}\"]"))["list"]![0]!;
        Assert.Equal(all.Count, mailbox["totalEmails"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_is_submitted_arrives_waits_and_can_be_undone()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var alice = await JmapClient.OpenAsync(server);
        var bob = await JmapClient.OpenAsync(server, "bob@demo.test");
        var identity = (await alice.CallAsync("Identity/get", "\"ids\": null"))["list"]![0]!["id"]!.GetValue<string>();
        var sent = await SendAsync(alice, identity, "At once", "null");
        Assert.Equal(("final", "yes"), (sent["undoStatus"]!.GetValue<string>(), sent["deliveryStatus"]!["bob@demo.test"]!["delivered"]!.GetValue<string>()));
        Assert.Equal(["At once"], await SubjectsAsync(bob));
        var header = await HeaderAsync(bob, "At once");
        Assert.DoesNotContain("secret@demo.test", header);
        Assert.Contains("with HTTPS", header);

        var later = await SendAsync(alice, identity, "Undone", "{\"HOLDFOR\": \"3600\"}");
        Assert.Equal("pending", later["undoStatus"]!.GetValue<string>());
        var undone = await alice.CallAsync("EmailSubmission/set", $"\"update\": {{\"{later["id"]}\": {{\"undoStatus\": \"canceled\"}}}}");
        Assert.NotNull(undone["updated"]);
        var soon = await SendAsync(alice, identity, "Soon", "{\"HOLDFOR\": \"1\"}");
        await Wait.UntilAsync(async () => (await SubjectsAsync(bob)).Contains("Soon"));
        Assert.DoesNotContain("Undone", await SubjectsAsync(bob));
        await Wait.UntilAsync(async () => (await alice.CallAsync("EmailSubmission/get", $"\"ids\": [\"{soon["id"]}\"]"))["list"]![0]!["undoStatus"]!.GetValue<string>() == "final");
        var late = await alice.CallAsync("EmailSubmission/set", $"\"update\": {{\"{soon["id"]}\": {{\"undoStatus\": \"canceled\"}}}}");
        Assert.Equal("cannotUnsend", late["notUpdated"]![soon["id"]!.GetValue<string>()]!["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("\"from\": [{\"email\": \"bob@demo.test\"}]", "null", "forbiddenMailFrom")]
    [InlineData("\"from\": [{\"email\": \"bob@demo.test\"}]", "{\"mailFrom\": {\"email\": \"alice@demo.test\"}, \"rcptTo\": [{\"email\": \"bob@demo.test\"}]}", "forbiddenFrom")]
    [InlineData("\"from\": [{\"email\": \"alice@demo.test\"}]", "{\"mailFrom\": {\"email\": \"bob@demo.test\"}, \"rcptTo\": [{\"email\": \"bob@demo.test\"}]}", "forbiddenMailFrom")]
    [InlineData("\"from\": [{\"email\": \"alice@demo.test\"}]", "{\"mailFrom\": {\"email\": \"alice@demo.test\"}, \"rcptTo\": [{\"email\": \"nobody@demo.test\"}]}", "invalidRecipients")]
    [InlineData("\"from\": [{\"email\": \"alice@demo.test\"}]", "{\"mailFrom\": {\"email\": \"alice@demo.test\"}, \"rcptTo\": []}", "noRecipients")]
    [InlineData("\"subject\": \"no author\"", "{\"mailFrom\": {\"email\": \"alice@demo.test\"}, \"rcptTo\": [{\"email\": \"bob@demo.test\"}]}", "invalidEmail")]
    public async Task What_SMTP_submission_would_refuse_is_refused(string email, string envelope, string error)
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var alice = await JmapClient.OpenAsync(server);
        var identity = (await alice.CallAsync("Identity/get", "\"ids\": null"))["list"]![0]!["id"]!.GetValue<string>();
        var drafts = await alice.MailboxAsync("drafts");
        var answers = await alice.RequestAsync($$$"""
            [["Email/set", {"accountId": "{{{alice.AccountId}}}", "create": {"m": {"mailboxIds": {"{{{drafts}}}": true}, "to": [{"email": "bob@demo.test"}], {{{email}}}, "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "x"} } } } }, "a"],
             ["EmailSubmission/set", {"accountId": "{{{alice.AccountId}}}", "create": {"s": {"identityId": "{{{identity}}}", "emailId": "#m", "envelope": {{{envelope}}} } } }, "b"]]
            """);
        Assert.Equal(error, answers[1]![1]!["notCreated"]!["s"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_is_away_answers_once_and_no_list()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var alice = await JmapClient.OpenAsync(server);
        var bob = await JmapClient.OpenAsync(server, "bob@demo.test");
        await alice.CallAsync("VacationResponse/set", "\"update\": {\"singleton\": {\"isEnabled\": true, \"textBody\": \"Back on Monday.\", \"subject\": \"Away\"}}");
        await Wait.UntilAsync(async () =>
        {
            // Whether anybody is away is looked at every two seconds; what came before that is not answered.
            await DeliverAsync(server, "bob@demo.test", "alice@demo.test", "Question");
            return (await SubjectsAsync(bob)).Contains("Away");
        });
        var header = await HeaderAsync(bob, "Away");
        Assert.Contains("Return-Path: <>", header);
        Assert.Contains("Auto-Submitted: auto-replied", header);
        // One that would be answered by now, were it not the second; and a list's.
        await DeliverAsync(server, "bob@demo.test", "alice@demo.test", "Again");
        await DeliverAsync(server, "admin@demo.test", "alice@demo.test", "Digest", "List-Id: <l.demo.test>");
        var admin = await JmapClient.OpenAsync(server, "admin@demo.test");
        await DeliverAsync(server, "admin@demo.test", "alice@demo.test", "Personal");
        await Wait.UntilAsync(async () => (await SubjectsAsync(admin)).Count > 0);
        Assert.Single(await SubjectsAsync(admin));
        Assert.Single(await SubjectsAsync(bob), subject => subject == "Away");
    }

    [Fact]
    public async Task An_event_stream_tells_of_a_delivery()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var stream = jmap.CurlAsync([.. jmap.Credentials, "--no-buffer", "/jmap/eventsource?types=Email,EmailDelivery&closeafter=state&ping=0"]);
        while (!stream.IsCompleted)
        {
            await DeliverAsync(server, "bob@demo.test", "alice@demo.test", "News");
            await Task.WhenAny(stream, Task.Delay(500));
        }
        var said = (await stream).Output;
        Assert.Contains("event: state", said);
        var data = JsonNode.Parse(said.Split('\n').First(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!;
        Assert.Equal(["Email", "EmailDelivery"], data["changed"]![jmap.AccountId]!.AsObject().Select(type => type.Key));
    }

    [Fact]
    public async Task A_WebSocket_carries_requests_and_pushes()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("jmap");
        socket.Options.SetRequestHeader("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("alice@demo.test:" + server.Passwords["alice@demo.test"])));
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => server.Trusts((System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!);
        await socket.ConnectAsync(new Uri(jmap.Session["capabilities"]!["urn:ietf:params:jmap:websocket"]!["url"]!.GetValue<string>()), TestContext.Current.CancellationToken);
        Assert.Equal("jmap", socket.SubProtocol);
        await SendAsync("{\"@type\":\"Request\",\"id\":\"R1\",\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[[\"Core/echo\",{\"a\":1},\"c\"]]}");
        var response = await ReceiveAsync();
        Assert.Equal(("Response", "R1", 1), (response["@type"]!.GetValue<string>(), response["requestId"]!.GetValue<string>(), response["methodResponses"]![0]![1]!["a"]!.GetValue<int>()));
        await SendAsync("{\"@type\":\"Request\",\"id\":\"R2\",\"using\":[\"urn:nothing\"],\"methodCalls\":[]}");
        var error = await ReceiveAsync();
        Assert.Equal(("RequestError", "R2"), (error["@type"]!.GetValue<string>(), error["requestId"]!.GetValue<string>()));
        await SendAsync("{\"@type\":\"WebSocketPushEnable\",\"dataTypes\":[\"Mailbox\"],\"pushState\":\"Mailbox=none\"}");
        var missed = await ReceiveAsync();
        Assert.Equal("StateChange", missed["@type"]!.GetValue<string>());
        Assert.Contains(missed["pushState"]!.GetValue<string>().Split(','), state => state.StartsWith("Email=", StringComparison.Ordinal));
        await DeliverAsync(server, "bob@demo.test", "alice@demo.test", "News");
        var change = await ReceiveAsync();
        Assert.Equal(["Mailbox"], change["changed"]![jmap.AccountId]!.AsObject().Select(type => type.Key));

        Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

        async Task<JsonNode> ReceiveAsync()
        {
            var buffer = new byte[64 * 1024];
            var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            return JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
        }
    }

    [Fact]
    public async Task Words_in_bodies_are_found_by_prefix_and_in_Japanese_and_marked()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var inbox = await jmap.MailboxAsync("inbox");
        foreach (var (subject, text) in new[] { ("a", "The xylophones were tuned."), ("b", "\u691c\u7d22\u7d50\u679c\u306f\u4ee5\u4e0b\u306e\u901a\u308a"), ("c", "R\u00e9sum\u00e9 attached, tuned the xylo.") })
            await jmap.CallAsync("Email/set", $$$"""
                "create": {"d": {"mailboxIds": {"{{{inbox}}}": true}, "subject": "{{{subject}}}", "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "{{{text}}}"} } } }
                """);
        foreach (var (filter, subjects) in new[]
        {
            ("\"body\": \"xylo\"", "a c"), ("\"body\": \"xylophones\"", "a"), ("\"text\": \"phone\"", ""), ("\"body\": \"'xylophones were'\"", "a"), ("\"body\": \"'were xylophones'\"", ""),
            ("\"body\": \"tuned xylo\"", "a c"), ("\"body\": \"resume\"", "c"), ("\"text\": \"\u7d22\u7d50\"", "b"), ("\"text\": \"\u679c\"", "b"), ("\"text\": \"\u7d22\u679c\"", ""),
        })
        {
            var found = await jmap.RequestAsync($$$"""
                [["Email/query", {"accountId": "{{{jmap.AccountId}}}", "filter": { {{{filter}}} }, "sort": [{"property": "subject"}]}, "q"],
                 ["Email/get", {"accountId": "{{{jmap.AccountId}}}", "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"}, "properties": ["subject"]}, "g"]]
                """);
            Assert.Equal((filter, subjects), (filter, string.Join(' ', found[1]![1]!["list"]!.AsArray().Select(email => email!["subject"]!.GetValue<string>()))));
        }
        var ids = (await jmap.CallAsync("Email/query", "\"filter\": {\"body\": \"xylophones\"}"))["ids"]!.ToJsonString();
        var snippet = (await jmap.CallAsync("SearchSnippet/get", $"\"filter\": {{\"body\": \"xylophones\"}}, \"emailIds\": {ids}"))["list"]![0]!;
        Assert.Equal("The <mark>xylophones</mark> were tuned.", snippet["preview"]!.GetValue<string>());
    }

    private static async Task<JsonNode> SendAsync(JmapClient client, string identity, string subject, string parameters)
    {
        var drafts = await client.MailboxAsync("drafts");
        var answers = await client.RequestAsync($$$"""
            [["Email/set", {"accountId": "{{{client.AccountId}}}", "create": {"m": {"mailboxIds": {"{{{drafts}}}": true}, "keywords": {"$draft": true}, "from": [{"email": "alice@demo.test"}], "to": [{"email": "bob@demo.test"}],
               "header:Bcc:asAddresses": {{{(subject == "At once" ? "[{\"email\": \"secret@demo.test\"}]" : "null")}}}, "subject": "{{{subject}}}", "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "x"} } } } }, "a"],
             ["EmailSubmission/set", {"accountId": "{{{client.AccountId}}}", "create": {"s": {"identityId": "{{{identity}}}", "emailId": "#m",
               "envelope": {"mailFrom": {"email": "alice@demo.test", "parameters": {{{parameters}}} }, "rcptTo": [{"email": "bob@demo.test"}]} } },
               "onSuccessUpdateEmail": {"#s": {"keywords/$draft": null} } }, "b"]]
            """);
        Assert.True(answers[1]![1]!["created"]?["s"] is not null && answers.Count == 3 && answers[2]![0]!.GetValue<string>() == "Email/set", answers.ToJsonString());
        return answers[1]![1]!["created"]!["s"]!;
    }

    private static async Task<List<string>> SubjectsAsync(JmapClient client)
    {
        var inbox = await client.MailboxAsync("inbox");
        var answers = await client.RequestAsync($$$"""
            [["Email/query", {"accountId": "{{{client.AccountId}}}", "filter": {"inMailbox": "{{{inbox}}}"} }, "q"],
             ["Email/get", {"accountId": "{{{client.AccountId}}}", "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"}, "properties": ["subject"]}, "g"]]
            """);
        return [.. answers[1]![1]!["list"]!.AsArray().Select(email => email!["subject"]!.GetValue<string>())];
    }

    private static async Task<string> HeaderAsync(JmapClient client, string subject)
    {
        var ids = (await client.CallAsync("Email/query", $"\"filter\": {{\"subject\": \"'{subject}'\"}}"))["ids"]!;
        var blob = (await client.CallAsync("Email/get", $"\"ids\": [{ids[0]!.ToJsonString()}], \"properties\": [\"blobId\"]"))["list"]![0]!["blobId"]!.GetValue<string>();
        return await client.GetAsync($"/jmap/download/{client.AccountId}/{blob}/m.eml?type=message/rfc822");
    }

    private static async Task DeliverAsync(DemoServer server, string from, string to, string subject, string? field = null)
    {
        await using var smtp = await RawSmtp.SubmitAsync(server, from);
        var message = $"From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@demo.test>\r\n{(field is null ? "" : field + "\r\n")}\r\nHello\r\n";
        var reply = await smtp.SendAsync(from, to, Encoding.ASCII.GetBytes(message));
        Assert.StartsWith("250", reply);
    }
}
