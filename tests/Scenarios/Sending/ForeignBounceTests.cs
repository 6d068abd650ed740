using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Sending;

/// <summary>Bounces of mail that others forged in this server's name stay outside; bounces of its own mail come in.</summary>
public sealed class ForeignBounceTests
{
    private const string Clerk = "clerk@company.example";

    // Tagging began so long ago that every message without a tag has had its time to bounce.
    private const string BeganLongAgo = """
        import glob, sqlite3, sys
        for file in glob.glob(sys.argv[1] + "/**/*", recursive=True):
            try:
                with open(file, "rb") as stream:
                    if stream.read(15) != b"SQLite format 3": continue
            except OSError: continue
            database = sqlite3.connect(file)
            if not database.execute("select 1 from sqlite_master where name = 'queue_facts'").fetchone(): continue
            changed = database.execute("update queue_facts set changed = changed - 11 * 86400000 where name = 'bounceTags'").rowcount
            database.commit()
            print("changed", changed)
        """;

    [Fact]
    public async Task A_bounce_without_our_tag_is_refused_at_RCPT_and_one_with_it_is_delivered()
    {
        Peer.Need("python3");
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"""
            queue.routes = ["elsewhere.example=127.0.0.1:{sink.Port}"]
            queue.bounce_tags = "refuse"
            filter.greylist = false
            """, Clerk);
        await using (var smtp = await RawSmtp.SubmitAsync(server, Clerk))
        {
            Assert.StartsWith("250", await smtp.SendAsync(Clerk, "partner@elsewhere.example", Message(Clerk, "partner@elsewhere.example", "offer")));
        }
        var tagged = Assert.Single(await sink.WaitAsync(1)).ReversePath;
        Assert.Matches("^prvs=0[0-9]{3}[0-9a-f]{6}=clerk@company.example$", tagged);
        await server.TerminateAsync();
        var changed = await Peer.RunAsync("python3", ["-c", BeganLongAgo, server.Folder]);
        Assert.Contains("changed 1", changed.Output + changed.Errors);
        await server.LaunchAsync();

        await using var mx = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        var foreign = await mx.SendAsync("", Clerk, Message("mailer-daemon@elsewhere.example", Clerk, "foreign"));
        Assert.StartsWith("550 5.7.1", foreign);
        Assert.Contains("bounce", foreign, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("550 5.7.1", await mx.SendAsync("", tagged.Replace("=clerk", "=boss", StringComparison.Ordinal), Message("mailer-daemon@elsewhere.example", Clerk, "forged")));
        Assert.StartsWith("250", await mx.SendAsync("", tagged, Message("mailer-daemon@elsewhere.example", Clerk, "own")));
        // Only bounces are held to it, and the addresses that must take everything take them.
        Assert.StartsWith("250", await mx.SendAsync("partner@elsewhere.example", Clerk, Message("partner@elsewhere.example", Clerk, "answer")));
        Assert.StartsWith("250", await mx.SendAsync("", "postmaster@company.example", Message("mailer-daemon@elsewhere.example", "postmaster@company.example", "to-postmaster")));
    }

    private static byte[] Message(string from, string to, string id) => System.Text.Encoding.ASCII.GetBytes(
        $"From: {from}\r\nTo: {to}\r\nSubject: About {id}\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <{id}@elsewhere.example>\r\n\r\nHello.\r\n");
}
