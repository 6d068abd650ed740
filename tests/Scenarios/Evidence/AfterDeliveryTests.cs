using System.Globalization;
using System.Text;
using System.Text.Json;
using MailKit;
using MailKit.Net.Imap;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Evidence;

/// <summary>One recipient calls a campaign spam; the unread copies of the others follow, can be brought back, and replay tells what was found.</summary>
public sealed class AfterDeliveryTests
{
    private static readonly string[] Names = ["ann@company.example", "ben@company.example", "cara@company.example"];

    [Fact]
    public async Task Unread_copies_of_what_one_recipient_calls_spam_move_to_Junk_and_can_be_brought_back()
    {
        await using var server = await InstalledServer.StartAsync("filter.junk_at = 20\nfilter.reject_at = 30", Names);
        // What such a letter scores by itself is what replay says; the threshold is set just above.
        await SendAsync(server, InstalledServer.Administrator);
        double? score = null;
        await Wait.UntilAsync(async () =>
        {
            var all = await JsonAsync(server, "replay", "--junk-threshold", "-1000", "--json");
            if (all.GetProperty("messages").GetInt32() == 0) return false;
            var change = Assert.Single(all.GetProperty("changes").EnumerateArray());
            Assert.Equal("accept", change.GetProperty("was").GetString());
            Assert.Equal("junk", change.GetProperty("would").GetString());
            Assert.Equal(InstalledServer.Administrator, change.GetProperty("account").GetString());
            score = change.GetProperty("scoreWas").GetDouble();
            return true;
        });
        Assert.Equal(0, (await JsonAsync(server, "replay", "--json")).GetProperty("changed").GetInt32());
        var configuration = Path.Combine(server.Folder, "sternpost.toml");
        await File.WriteAllTextAsync(configuration, (await File.ReadAllTextAsync(configuration)).Replace("junk_at = 20", string.Create(CultureInfo.InvariantCulture, $"junk_at = {score + 0.6:0.000}"), StringComparison.Ordinal));
        Assert.Equal(0, await server.TerminateAsync());
        await server.LaunchAsync();

        foreach (var name in Names) await SendAsync(server, name);
        using var ann = await Mailbox.OpenAsync(server, Names[0]);
        using var ben = await Mailbox.OpenAsync(server, Names[1]);
        using var cara = await Mailbox.OpenAsync(server, Names[2]);
        await ben.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        await ben.Inbox.AddFlagsAsync(0, MessageFlags.Seen, silent: true);
        await ann.Inbox!.OpenAsync(FolderAccess.ReadWrite);
        await ann.Inbox.MoveToAsync(0, ann.GetFolder(SpecialFolder.Junk)!);

        await Wait.UntilAsync(async () => await CountAsync(cara.GetFolder(SpecialFolder.Junk)!) == 1);
        Assert.Equal(0, await CountAsync(cara.Inbox!));
        // What was read stays where it is.
        Assert.Equal(1, await CountAsync(ben.Inbox));

        var moves = (await JsonAsync(server, "after-delivery", "list", "--json")).EnumerateArray().ToList();
        var move = Assert.Single(moves, move => move.GetProperty("account").GetString() == Names[2]);
        Assert.Contains("spam", move.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var undone = await server.CommandAsync(null, "after-delivery", "undo", move.GetProperty("id").GetString()!);
        Assert.True(undone.ExitCode == 0, undone.Errors);
        Assert.Equal(1, await CountAsync(cara.Inbox!));
        Assert.Equal(1, (await server.CommandAsync(null, "after-delivery", "undo", move.GetProperty("id").GetString()!)).ExitCode);

        // What Ann said is in the replay, and a stricter weight shows what it would have changed.
        var replay = await JsonAsync(server, "replay", "--rejudge", "--weight", "FIRST_CONTACT=1", "--json");
        Assert.True(replay.GetProperty("knownSpam").GetInt32() >= 1);
        Assert.True(replay.GetProperty("rejudged").GetInt32() >= 4);
    }

    private static async Task SendAsync(InstalledServer server, string recipient)
    {
        await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"], "mail.memberships.example");
        var reply = await smtp.SendAsync("club@memberships.example", recipient, Encoding.ASCII.GetBytes(
            $"From: Silver Club <club@memberships.example>\r\nTo: {recipient}\r\nSubject: Your membership this week\r\nMessage-ID: <{Guid.NewGuid():n}@memberships.example>\r\nDate: {DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture)}\r\n\r\n"
            + $"Dear {recipient[..recipient.IndexOf('@', StringComparison.Ordinal)]},\r\n\r\nwe are writing to let you know that the balance of your membership will be charged\r\nthis week unless you visit the page below and choose another plan. Many of our\r\n"
            + "members have moved to the silver plan, which costs less and includes the lounge,\r\nthe garden and two guests on every second weekend of the month. The offer is open\r\nuntil the end of the week.\r\n\r\nThe Silver Club\r\n"));
        Assert.StartsWith("250", reply);
    }

    private static async Task<int> CountAsync(IMailFolder folder)
    {
        await folder.StatusAsync(StatusItems.Count);
        return folder.Count;
    }

    private static async Task<JsonElement> JsonAsync(InstalledServer server, params string[] arguments)
    {
        var outcome = await server.CommandAsync(null, arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        using var json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.Clone();
    }
}
