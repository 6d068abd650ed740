using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>The server looks at itself as others see it, and the administrator hears of it on every way that was set up.</summary>
public sealed class SeenByOthersTests
{
    [Fact]
    public async Task What_others_see_is_told_by_webhook_and_by_mail()
    {
        await using var dns = new ScriptedDns();
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        await using var server = await InstalledServer.StartAsync($"""
            dns.resolvers = ["{dns.Address}"]
            watch.every = "1s"
            alerts.webhook = "http://127.0.0.1:{((IPEndPoint)web.LocalEndpoint).Port}/alerts"
            """);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var told = JsonDocument.Parse(await TakenAsync(web, deadline.Token));
        Assert.Equal("seen-by-others", told.RootElement.GetProperty("kind").GetString());
        Assert.StartsWith("Others see this: ", told.RootElement.GetProperty("subject").GetString());
        Assert.Contains("What to do: ", told.RootElement.GetProperty("body").GetString());

        using var postmaster = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        await postmaster.Inbox!.OpenAsync(FolderAccess.ReadOnly, deadline.Token);
        await Mailbox.WaitForMailAsync(postmaster);
        var subjects = new List<string>();
        for (var i = 0; i < postmaster.Inbox.Count; i++) subjects.Add((await postmaster.Inbox.GetMessageAsync(i, deadline.Token)).Subject ?? "");
        Assert.Contains(told.RootElement.GetProperty("subject").GetString(), subjects);
    }

    // One POST, its body, and a 204.
    private static async Task<string> TakenAsync(TcpListener web, CancellationToken cancellation)
    {
        using var client = await web.AcceptTcpClientAsync(cancellation);
        var stream = client.GetStream();
        var octets = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var count = await stream.ReadAsync(buffer, cancellation);
            if (count == 0) break;
            octets.AddRange(buffer.AsSpan(0, count));
            var text = Encoding.UTF8.GetString([.. octets]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0) continue;
            var length = text[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            if (length is not null && octets.Count >= Encoding.UTF8.GetByteCount(text[..(end + 4)]) + int.Parse(length[15..].Trim(), System.Globalization.CultureInfo.InvariantCulture))
            {
                await stream.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
                return text[(end + 4)..];
            }
            if (length is null && text.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
                // One chunk: its length in hexadecimal, a line end, itself.
                var body = text[(end + 4)..];
                return body[(body.IndexOf('\n', StringComparison.Ordinal) + 1)..body.LastIndexOf("\r\n0\r\n\r\n", StringComparison.Ordinal)];
            }
        }
        throw new InvalidOperationException("The connection ended before the alert did.");
    }
}
