using System.Globalization;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Evidence;

/// <summary>swaks as one of many clients, whose addresses a PROXY header gives: strangers come back, who proves himself comes in.</summary>
public sealed class GreylistTests
{
    [Fact]
    public async Task A_stranger_is_asked_to_come_back_and_is_let_in_when_he_does()
    {
        Peer.Need("swaks");
        await using var dns = new ScriptedDns()
            .Txt("known.example", "v=spf1 ip4:203.0.113.5 -all").Host("mail.known.example", "203.0.113.5").Reverse("203.0.113.5", "mail.known.example");
        await using var server = await InstalledServer.StartAsync($"dns.resolvers = [\"{dns.Address}\"]\nlimits.proxy_from = [\"127.0.0.2\"]\nfilter.greylist_delay = \"1s\"");

        var first = await SendAsync(server, "198.51.100.7", "shop@stranger.example", "The new catalogue", "The new catalogue is here, and the shop is open again.");
        Assert.Contains("451 4.7.1", first.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, first.ExitCode);

        // As a mail server does: again, until it is taken.
        await Wait.UntilAsync(async () => (await SendAsync(server, "198.51.100.7", "shop@stranger.example", "The new catalogue", "The new catalogue is here, and the shop is open again.")).ExitCode == 0);
        // Whoever came back once is asked no more, whatever he brings.
        Assert.Equal(0, (await SendAsync(server, "198.51.100.7", "ann@other.example", "Tuesday", "Shall we meet on Tuesday?")).ExitCode);

        Assert.Equal(0, (await SendAsync(server, "203.0.113.5", "clerk@known.example", "The minutes", "The minutes are attached.")).ExitCode);
        Assert.Equal(0, (await SendAsync(server, "198.51.77.8", "no-reply@codes.example", "Your code", "Your verification code is 482913. It is good for ten minutes.")).ExitCode);
    }

    [Fact]
    public async Task A_burst_of_sign_ups_is_set_aside_and_the_account_warned()
    {
        Peer.Need("swaks");
        await using var dns = new ScriptedDns();
        await using var server = await InstalledServer.StartAsync($"dns.resolvers = [\"{dns.Address}\"]\nlimits.proxy_from = [\"127.0.0.2\"]\nfilter.greylist = false\nfilter.mail_bomb = 6\nfilter.junk_at = 15\nfilter.reject_at = 30");
        var sent = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => SendAsync(server, $"198.51.{i}.7", $"letters@site{i}.example", "Please confirm your subscription", $"You asked for the letter of site {i}. Follow the link to confirm.")));
        Assert.All(sent, outcome => Assert.True(outcome.ExitCode == 0, outcome.Output));
        using var reader = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        await Wait.UntilAsync(async () => (await Mailbox.ContentsAsync(reader.Inbox!)).Any(mail => System.Text.Encoding.UTF8.GetString(mail.Content).Contains("signing your address up", StringComparison.Ordinal)));
        Assert.Equal(0, (await SendAsync(server, "198.51.99.7", "letters@site99.example", "Please confirm your subscription", "You asked for the letter of site 99. Follow the link to confirm.")).ExitCode);
        var junk = Assert.Single(await Mailbox.ContentsAsync(reader.GetFolder(MailKit.SpecialFolder.Junk)!));
        Assert.Contains("MAIL_BOMB", System.Text.Encoding.UTF8.GetString(junk.Content), StringComparison.Ordinal);
        // A code comes through.
        Assert.Equal(0, (await SendAsync(server, "198.51.98.7", "no-reply@bank98.example", "Confirm your sign-in", "Your code is 482913.")).ExitCode);
        Assert.Contains((await Mailbox.ContentsAsync(reader.Inbox!)).Select(mail => System.Text.Encoding.UTF8.GetString(mail.Content)), text => text.Contains("482913", StringComparison.Ordinal));
    }

    private static Task<Peer.Outcome> SendAsync(InstalledServer server, string client, string sender, string subject, string body) => Peer.RunAsync("swaks",
    [
        "--server", "127.0.0.1", "--port", server.Ports["mx"].ToString(CultureInfo.InvariantCulture), "--local-interface", "127.0.0.2",
        "--proxy-version", "2", "--proxy-family", "AF_INET", "--proxy-source", client, "--proxy-source-port", "40000", "--proxy-dest", "127.0.0.1", "--proxy-dest-port", "25",
        "--from", sender, "--to", InstalledServer.Administrator, "--ehlo", "mail." + sender[(sender.IndexOf('@', StringComparison.Ordinal) + 1)..], "--h-Subject", subject, "--body", body,
    ]);
}
