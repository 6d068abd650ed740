using System.Text;
using MailKit;
using MailKit.Search;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Filtering;

/// <summary>Scripts over real deliveries: stored by the command beside the server, mail by SMTP, what became of it by IMAP.</summary>
public sealed class SieveTests
{
    private const string Alice = "alice@demo.test";
    private const string Bob = "bob@demo.test";

    [Fact]
    public async Task Mail_is_filed_flagged_refused_thrown_away_changed_and_sent_on()
    {
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        await ActivateAsync(server, Bob, """
            require ["fileinto", "mailbox", "imap4flags", "reject", "editheader", "copy", "duplicate", "variables", "envelope"];
            if duplicate { discard; stop; }
            if header :contains "subject" "invoice" { fileinto :create :flags ["\\Flagged", "$paid"] "Money/2026"; }
            elsif header :is "subject" "go away" { reject "I read no such letters."; }
            elsif header :is "subject" "nothing" { discard; }
            elsif header :matches "subject" "mark *" { addheader "X-Marked" "${1}"; keep; }
            elsif header :is "subject" "both" { redirect :copy "alice@demo.test"; }
            elsif header :is "subject" "junk mail" { fileinto "No such mailbox"; }
            """);
        await using var smtp = await RawSmtp.SubmitAsync(server, Alice);
        foreach (var subject in new[] { "your invoice", "nothing", "mark green", "both", "junk mail", "plain" }) Assert.StartsWith("250", await SendAsync(smtp, subject));
        var twice = Letter("twice", "same@demo.test");
        Assert.StartsWith("250", await smtp.SendAsync(Alice, Bob, twice));
        Assert.StartsWith("250", await smtp.SendAsync(Alice, Bob, twice));
        var refusal = await SendAsync(smtp, "go away");
        Assert.StartsWith("550 5.7.1", refusal);
        Assert.Contains("I read no such letters.", refusal);

        using var imap = await Mailbox.OpenAsync(server, Bob);
        Assert.Equal(["both", "junk mail", "mark green", "plain", "twice"], await SubjectsAsync(imap.Inbox!));
        var marked = (await imap.Inbox!.SearchAsync(SearchQuery.HeaderContains("X-Marked", "green")))[0];
        Assert.Equal("mark green", (await imap.Inbox.GetMessageAsync(marked)).Subject);
        var money = await imap.GetFolderAsync("Money/2026");
        await money.OpenAsync(FolderAccess.ReadOnly);
        var invoice = Assert.Single(await money.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags));
        Assert.Equal("your invoice", invoice.Envelope!.Subject);
        Assert.True(invoice.Flags!.Value.HasFlag(MessageFlags.Flagged));
        Assert.Contains("$paid", invoice.Keywords);
        using var other = await Mailbox.OpenAsync(server, Alice);
        Assert.Equal(["both"], await SubjectsAsync(other.Inbox!));

        var trace = await CommandAsync(server, "trace", "your invoice");
        Assert.Contains("by the script filter filed into Money/2026", trace.Output);
    }

    [Fact]
    public async Task Who_is_away_by_script_answers_once()
    {
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        await ActivateAsync(server, Bob, "require \"vacation\"; vacation :days 3 :subject \"In the hills\" \"Back on Monday.\";");
        await using var smtp = await RawSmtp.SubmitAsync(server, Alice);
        for (var n = 0; n < 3; n++) Assert.StartsWith("250", await SendAsync(smtp, $"letter {n}"));
        using var imap = await Mailbox.OpenAsync(server, Alice);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        Assert.Equal(1, imap.Inbox.Count);
        var answer = await imap.Inbox.GetMessageAsync(0);
        Assert.Equal(("In the hills", "Back on Monday."), (answer.Subject, answer.TextBody!.Trim()));
        Assert.StartsWith("auto-replied", answer.Headers["Auto-Submitted"]);
        Assert.Equal("letter 0@demo.test".Replace(" ", "-"), answer.InReplyTo);
        using var own = await Mailbox.OpenAsync(server, Bob);
        Assert.Equal(3, (await SubjectsAsync(own.Inbox!)).Count);
    }

    [Fact]
    public async Task A_broken_script_and_one_that_fails_lose_nothing()
    {
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        await ActivateAsync(server, Bob, "require [\"variables\", \"regex\", \"fileinto\"]; set \"p\" \"((\"; if header :regex \"subject\" \"${p}\" { discard; }");
        await using var smtp = await RawSmtp.SubmitAsync(server, Alice);
        Assert.StartsWith("250", await SendAsync(smtp, "kept"));
        using var imap = await Mailbox.OpenAsync(server, Bob);
        Assert.Equal(["kept"], await SubjectsAsync(imap.Inbox!));
        Assert.Contains("failed", (await CommandAsync(server, "trace", "kept")).Output);
        // What cannot be run cannot be stored.
        var file = Path.Combine(server.Folder, "broken.sieve");
        await File.WriteAllTextAsync(file, "fileinto \"a\";");
        var refused = await CommandAsync(server, "sieve", "put", Bob, "broken", file);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("it needs: require \"fileinto\"", refused.Output + refused.Errors);
    }

    private static async Task ActivateAsync(DemoServer server, string account, string script)
    {
        var file = Path.Combine(server.Folder, "filter.sieve");
        await File.WriteAllTextAsync(file, script);
        await server.TerminateAsync();
        var put = await CommandAsync(server, "sieve", "put", account, "filter", file, "--activate");
        Assert.True(put.ExitCode == 0, put.Output + put.Errors);
        // Begun anew, it cannot be the old script that is run for a moment still.
        await server.LaunchAsync();
    }

    private static Task<Peer.Outcome> CommandAsync(DemoServer server, params string[] arguments) => Peer.RunAsync("dotnet", [ServerProcess.Program, .. arguments, "--data", server.Folder]);

    private static Task<string> SendAsync(RawSmtp smtp, string subject) => smtp.SendAsync(Alice, Bob, Letter(subject, subject.Replace(' ', '-') + "@demo.test"));

    private static byte[] Letter(string subject, string id) =>
        Encoding.ASCII.GetBytes($"From: <{Alice}>\r\nTo: <{Bob}>\r\nSubject: {subject}\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}>\r\n\r\nHello\r\n");

    private static async Task<List<string>> SubjectsAsync(IMailFolder folder)
    {
        await folder.OpenAsync(FolderAccess.ReadOnly);
        return [.. (await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(one => one.Envelope!.Subject!).Order(StringComparer.Ordinal)];
    }
}
