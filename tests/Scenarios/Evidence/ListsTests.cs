using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Evidence;

/// <summary>The administrator's own lists and composites, as written into the configuration.</summary>
public sealed class ListsTests
{
    [Fact]
    public async Task What_is_denied_is_refused_with_the_reason_and_a_composite_is_in_the_verdict()
    {
        await using var server = await InstalledServer.StartAsync(
            "filter.deny = [\"pest.example\", \"198.51.100.0/24\"]\nfilter.composites = [\"NO_DATE_FROM_STRANGER 0.5 FIRST_CONTACT & DATE_MISSING ; A stranger wrote without a date.\"]\nfilter.weights = [\"DATE_MISSING=0.4\"]");
        await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"], "mail.somewhere.example");
        var refused = await smtp.SendAsync("x@somewhere.example", InstalledServer.Administrator, Letter("guest@mail.pest.example"));
        Assert.StartsWith("550", refused);
        Assert.Contains("pest.example is on this server's list", refused, StringComparison.Ordinal);
        Assert.StartsWith("250", await smtp.SendAsync("x@somewhere.example", InstalledServer.Administrator, Letter("guest@somewhere.example")));
        using var reader = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        var stored = Encoding.UTF8.GetString(Assert.Single(await Mailbox.ContentsAsync(reader.Inbox!)).Content).Replace("\r\n ", " ", StringComparison.Ordinal);
        Assert.Contains("NO_DATE_FROM_STRANGER 0.5", stored, StringComparison.Ordinal);
        Assert.Contains("DATE_MISSING 0.4", stored, StringComparison.Ordinal);
    }

    private static byte[] Letter(string author) => Encoding.ASCII.GetBytes(
        $"From: Guest <{author}>\r\nTo: {InstalledServer.Administrator}\r\nSubject: Tuesday\r\nMessage-ID: <{Guid.NewGuid():n}@somewhere.example>\r\n\r\nAre you coming on Tuesday? We begin at ten.\r\n");
}
