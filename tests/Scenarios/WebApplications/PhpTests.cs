using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.WebApplications;

/// <summary>mail() of the real PHP through the stand-in for sendmail.</summary>
public sealed class PhpTests
{
    private const string Mail = "var_export(mail('customer@elsewhere.example', 'Your order', \"Thank you\\n.\\nfor it\\n\", \"From: shop@company.example\"));";

    [Fact]
    public async Task Three_scripts_of_two_sites_send_as_their_sites_and_the_trace_names_each()
    {
        Peer.Need("php");
        await using var host = await WebHost.StartAsync();
        await host.DoAsync("site", "add", "shop@company.example", "--user", Environment.UserName, "--folder", host.Shop);
        await host.DoAsync("site", "add", "blog@company.example", "--user", Environment.UserName, "--folder", host.Blog, "--also", "news@company.example");

        Assert.Equal("true", await host.PhpAsync(host.Shop, "order.php", Mail));
        Assert.Equal("true", await host.PhpAsync(host.Shop, "invoice.php", "var_export(mail('Customer <customer@elsewhere.example>', 'Invoice', 'Pay', ['Reply-To' => 'office@company.example'], '-fshop+bounces@company.example'));"));
        Assert.Equal("true", await host.PhpAsync(host.Blog, "post.php", "var_export(mail('reader@elsewhere.example', 'News', 'Read', 'From: News <news@company.example>'));"));
        var taken = (await host.Sink.WaitAsync(3)).ToDictionary(mail => mail.Content.Split("Subject: ")[1].Split("\r\n")[0]);

        Assert.Equal("shop@company.example", taken["Your order"].ReversePath);
        Assert.Contains("\r\n\r\nThank you\r\n.\r\nfor it\r\n", taken["Your order"].Content);
        Assert.Contains("a=rsa-sha256", taken["Your order"].Content);
        Assert.Equal("shop+bounces@company.example", taken["Invoice"].ReversePath);
        Assert.Matches("From: [^\r\n]*shop", taken["Invoice"].Content);
        Assert.Equal("blog@company.example", taken["News"].ReversePath);
        Assert.Contains("From: News <news@company.example>", taken["News"].Content);
        // Where the script lies is nobody's business outside.
        Assert.DoesNotContain(taken.Values, mail => mail.Content.Contains(host.Shop, StringComparison.Ordinal));

        Assert.Contains($"the site shop@company.example: the script {host.Shop}/order.php (run by ", await host.TraceAsync("order.php", "order.php"));
        Assert.Contains($"the site shop@company.example: the script {host.Shop}/invoice.php", await host.TraceAsync("invoice.php", "invoice.php"));
        var blog = await host.TraceAsync("post.php", "post.php");
        Assert.Contains($"the site blog@company.example: the script {host.Blog}/post.php", blog);
        // The kernel's word, not the script's.
        Assert.DoesNotContain("as it says itself", blog);
        Assert.Equal(2, (await host.SiteAsync("shop@company.example")).GetProperty("scripts").GetArrayLength());
    }

    [Fact]
    public async Task Header_injection_is_refused_and_mail_says_so_to_the_script()
    {
        Peer.Need("php");
        await using var host = await WebHost.StartAsync();
        await host.DoAsync("site", "add", "shop@company.example", "--user", Environment.UserName, "--folder", host.Shop);
        await host.DoAsync("site", "add", "blog@company.example", "--user", Environment.UserName, "--folder", host.Blog);

        // What a visitor typed into a form, in the field that becomes Reply-To.
        async Task RefusedAsync(string visitor, string because)
        {
            var printed = await host.PhpAsync(host.Shop, "contact.php", $"var_export(mail('friend@elsewhere.example', 'Contact', 'Hi', \"From: shop@company.example\\r\\nReply-To: {visitor}\"));");
            Assert.StartsWith("false", printed);
            Assert.Contains(because, printed);
        }
        await RefusedAsync("a@b.example\\r\\nBcc: v1@victims.example, v2@victims.example", "neither in To nor in Cc");
        await RefusedAsync("a@b.example\\nBcc: v1@victims.example", "neither in To nor in Cc");
        await RefusedAsync("a@b.example\\r\\nTo: v1@victims.example", "more than one To field");
        await RefusedAsync("a@b.example\\r\\nSubject: Win", "more than one Subject field");
        await RefusedAsync("a@b.example\\r\\nFrom: bank@elsewhere.example", "more than one From field");
        await RefusedAsync("a@b.example\\r\\nSender: bank@elsewhere.example", "not an address of shop@company.example");
        Assert.StartsWith("false", await host.PhpAsync(host.Shop, "contact.php", "var_export(mail('friend@elsewhere.example', 'S', 'B', 'From: clerk@company.example'));"));
        Assert.StartsWith("false", await host.PhpAsync(host.Shop, "contact.php", "var_export(mail('friend@elsewhere.example', 'S', 'B', 'From: blog@company.example'));"));
        Assert.Contains($"the script {host.Shop}/contact.php", await host.TraceAsync("contact.php", "v1@victims.example"));

        // A copy to one of our own is no harm, and what was refused was not counted.
        Assert.Equal("true", await host.PhpAsync(host.Shop, "contact.php", "var_export(mail('friend@elsewhere.example', 'Fine', 'Hi', \"From: shop@company.example\\r\\nBcc: clerk@company.example\"));"));
        Assert.Equal(["friend@elsewhere.example"], Assert.Single(await host.Sink.WaitAsync(1)).Recipients);
        Assert.Equal(1, (await host.SiteAsync("shop@company.example")).GetProperty("sentInHour").GetInt32());
    }

    [Fact]
    public async Task Limits_hold_a_new_script_waits_and_the_kill_switch_stops_a_site()
    {
        Peer.Need("php");
        await using var host = await WebHost.StartAsync();
        await host.DoAsync("site", "add", "shop@company.example", "--user", Environment.UserName, "--folder", host.Shop, "--new-scripts", "allow", "--per-hour", "3");
        await host.DoAsync("site", "add", "blog@company.example", "--user", Environment.UserName, "--folder", host.Blog, "--new-scripts", "hold");
        const string Five = "for ($i = 0; $i < 5; $i++) echo mail(\"c$i@elsewhere.example\", 'S', 'B') ? 'y' : 'n';";
        var printed = await host.PhpAsync(host.Shop, "bulk.php", Five);
        Assert.StartsWith("yyynn", printed);
        Assert.Contains("hourly limit of the site shop@company.example is 3", printed);
        Assert.Equal(3, (await host.Sink.WaitAsync(3)).Count);

        // A site that limits new scripts lets twenty an hour through on the first day, however much the site itself may.
        await host.DoAsync("site", "set", "shop@company.example", "--new-scripts", "limit", "--per-hour", "100");
        // A running server hears of it within a second: until then the old limit refuses.
        await Wait.UntilAsync(async () => await host.PhpAsync(host.Shop, "probe.php", "echo mail('probe@elsewhere.example', 'S', 'B') ? 'y' : 'n';") is "y");
        printed = await host.PhpAsync(host.Shop, "fresh.php", "for ($i = 0; $i < 3; $i++) echo mail(implode(',', array_map(fn($n) => \"g$n@elsewhere.example\", range($i * 9, $i * 9 + 8))), 'S', 'B') ? 'y' : 'n';");
        Assert.StartsWith("yyn", printed);
        Assert.Contains("is new here", printed);
        await host.Sink.WaitAsync(6);

        Assert.Equal("true", await host.PhpAsync(host.Blog, "first.php", "var_export(mail('reader@elsewhere.example', 'Held', 'B'));"));
        Assert.Contains("kept back", await host.TraceAsync("first.php", "kept back"));
        Assert.Equal(1, (await host.SiteAsync("blog@company.example")).GetProperty("scripts")[0].GetProperty("waiting").GetInt32());
        Assert.Equal(6, host.Sink.Mails.Count);
        await host.DoAsync("site", "allow", "blog@company.example", "--script", host.Blog + "/first.php");
        Assert.Contains("Subject: Held", (await host.Sink.WaitAsync(7))[6].Content);

        await host.DoAsync("site", "block", "blog@company.example");
        await Wait.UntilAsync(async () => (printed = await host.PhpAsync(host.Blog, "first.php", "var_export(mail('reader@elsewhere.example', 'Blocked', 'B'));")).StartsWith("false", StringComparison.Ordinal));
        Assert.Contains("is blocked", printed);
        await host.DoAsync("site", "unblock", "blog@company.example");
        await host.DoAsync("site", "block", "blog@company.example", "--script", host.Blog + "/first.php");
        // Refused all the time, first in the name of the site and then of the script.
        await Wait.UntilAsync(async () => !(printed = await host.PhpAsync(host.Blog, "first.php", "var_export(mail('reader@elsewhere.example', 'Blocked', 'B'));")).Contains("The site blog@company.example is blocked", StringComparison.Ordinal));
        Assert.Contains("first.php of the site blog@company.example is blocked", printed);
    }

    [Fact]
    public async Task Mail_sent_while_the_server_is_down_waits_and_goes_out_once()
    {
        Peer.Need("php");
        await using var host = await WebHost.StartAsync();
        await host.DoAsync("site", "add", "shop@company.example", "--user", Environment.UserName, "--folder", host.Shop);
        Assert.Equal("true", await host.PhpAsync(host.Shop, "order.php", Mail.Replace("Your order", "Before", StringComparison.Ordinal)));
        await host.Sink.WaitAsync(1);
        Assert.Equal(0, await host.Server.TerminateAsync());
        Assert.Equal("true", await host.PhpAsync(host.Shop, "order.php", Mail.Replace("Your order", "Meanwhile", StringComparison.Ordinal)));
        Assert.Equal("true", await host.PhpAsync(host.Shop, "order.php", Mail.Replace("shop@company.example", "boss@company.example", StringComparison.Ordinal)));
        var waiting = Directory.GetFiles(host.Spool);
        Assert.Equal(2, waiting.Length);
        // As where the server took it and its answer was lost: the same message is handed in again.
        var again = Path.Combine(host.Spool, "99999999999999-" + Path.GetFileName(waiting.Order().First())[15..]);
        File.Copy(waiting.Order().First(), again);
        await host.Server.LaunchAsync();
        await Wait.UntilAsync(() => Directory.GetFiles(host.Spool).Length == 0);
        await host.Sink.WaitAsync(2);
        Assert.Equal("true", await host.PhpAsync(host.Shop, "order.php", Mail.Replace("Your order", "After", StringComparison.Ordinal)));
        Assert.Equal(["Before", "Meanwhile", "After"], (await host.Sink.WaitAsync(3)).Select(mail => mail.Content.Split("Subject: ")[1].Split("\r\n")[0]));
        Assert.Contains("waited on this computer", await host.TraceAsync("Meanwhile", "order.php"));
        // Who was refused after being told that it is kept: somebody must know.
        using var boss = await Mailbox.OpenAsync(host.Server, InstalledServer.Administrator);
        await boss.Inbox!.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(1, boss.Inbox.Count);
        var notice = (await boss.Inbox.GetMessageAsync(0)).TextBody!;
        Assert.Contains("order.php", notice);
        Assert.Contains("boss@company.example", notice);
    }
}
