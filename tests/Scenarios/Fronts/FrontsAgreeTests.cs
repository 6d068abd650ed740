using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>The same 200 messages through each real program that asks a filter: the verdict is always that of <c>check</c>.</summary>
[Collection(Alone.Name)]
public sealed partial class FrontsAgreeTests(ITestOutputHelper output)
{
    private const int Count = 200;

    [Fact]
    public async Task Spamc_gets_the_verdicts_of_check()
    {
        Peer.Need("spamc");
        await using var fronts = await FrontServer.StartAsync();
        await ComparedAsync(fronts, async mail =>
        {
            // -x: no fallback to an unjudged copy where the daemon fails.
            var asked = await Peer.RunAsync("spamc", ["-x", "-c", "-d", "127.0.0.1", "-p", $"{fronts.Spamd}"], octets: mail.Raw);
            var score = double.Parse(asked.Output.Split('/')[0], CultureInfo.InvariantCulture);
            // spamc exits with 1 where the message is spam.
            Assert.Equal(score >= 5 ? 1 : 0, asked.ExitCode);
            return (OfSpamAssassin(score), (await Peer.RunAsync("spamc", ["-x", "-R", "-d", "127.0.0.1", "-p", $"{fronts.Spamd}"], octets: mail.Raw)).Output);
        });
    }

    [Fact]
    public async Task Spamc_gets_the_message_back_marked_whole_in_headers_report_and_symbols()
    {
        Peer.Need("spamc");
        await using var fronts = await FrontServer.StartAsync();
        var mail = FrontMail.Of("attachments/virus-test-file.mail");
        var text = Encoding.Latin1.GetString(mail.Raw);
        async Task<string> AskAsync(params string[] how) => (await Peer.RunAsync("spamc", ["-x", .. how, "-d", "127.0.0.1", "-p", $"{fronts.Spamd}"], text)).Output;
        var processed = await AskAsync();
        Assert.Contains("X-Spam-Flag: YES", processed);
        Assert.EndsWith(text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..], processed);
        Assert.Contains("X-Spam-Status: Yes", await AskAsync("--headers"));
        Assert.Contains("VIRUS_TEST_FILE", await AskAsync("-R"));
        Assert.Contains("VIRUS_TEST_FILE", await AskAsync("-y"));
        Assert.Equal(0, (await Peer.RunAsync("spamc", ["-K", "-d", "127.0.0.1", "-p", $"{fronts.Spamd}"])).ExitCode);
        var learnt = await Peer.RunAsync("spamc", ["-L", "spam", "-u", InstalledServer.Administrator, "-d", "127.0.0.1", "-p", $"{fronts.Spamd}"], octets: FrontMail.Of("wanted/pharmacy-ready.mail").Raw);
        Assert.Contains("Message successfully un/learned", learnt.Output);
    }

    [Fact]
    public async Task Rspamc_gets_the_verdicts_of_check()
    {
        Peer.Need("rspamc");
        await using var fronts = await FrontServer.StartAsync();
        await ComparedAsync(fronts, async mail =>
        {
            var asked = await Peer.RunAsync("rspamc", ["-h", $"127.0.0.1:{fronts.Rspamd}", "--json", "symbols", mail.FileIn(Path.Combine(fronts.Server.Folder, "check"))]);
            Assert.True(asked.ExitCode == 0, asked.Output + asked.Errors);
            using var json = JsonDocument.Parse(asked.Output[asked.Output.IndexOf('{', StringComparison.Ordinal)..]);
            return (OfAction(json.RootElement.GetProperty("action").GetString()!), asked.Output);
        });
    }

    [Fact]
    public async Task Rspamc_may_say_client_and_envelope_itself_teaches_and_pings()
    {
        Peer.Need("rspamc");
        await using var fronts = await FrontServer.StartAsync();
        var mail = FrontMail.Some(Count)[0];
        await FrontMail.CheckAsync(fronts.Server, [mail]);
        var file = mail.FileIn(Path.Combine(fronts.Server.Folder, "check"));
        var judged = await Peer.RunAsync("rspamc", ["-h", $"127.0.0.1:{fronts.Rspamd}", "-i", "198.51.100.9", "--hostname", "mail.else.example", "--helo", "mail.else.example", "-F", "a@else.example", "-r", FrontMail.Recipient, "symbols", file]);
        Assert.Contains("Action: ", judged.Output);
        var learnt = await Peer.RunAsync("rspamc", ["-h", $"127.0.0.1:{fronts.Rspamd}", "-d", InstalledServer.Administrator, "learn_spam", file]);
        Assert.Contains("success = true", learnt.Output);
    }

    [Fact]
    public async Task Postfix_with_us_as_milter_gets_the_verdicts_of_check()
    {
        Peer.Need("postfix");
        await using var fronts = await FrontServer.StartAsync();
        await using var sink = new SmtpSink();
        await using var postfix = await RealPostfix.StartAsync(fronts.Milter + 400, $"""
            smtpd_milters = inet:127.0.0.1:{fronts.Milter}
            milter_default_action = tempfail
            virtual_mailbox_domains = example.com
            virtual_transport = smtp:[127.0.0.1]:{sink.Port}
            """);
        await ComparedAsync(fronts, async mail =>
        {
            var before = sink.Mails.Count;
            var reply = await SendAsync(postfix, mail);
            if (reply.StartsWith("550 5.7.1", StringComparison.Ordinal)) return ("reject", reply);
            Assert.StartsWith("250", reply);
            return await DeliveredAsync(postfix, sink, mail, before);
        });
    }

    [Theory]
    [InlineData("smtp")]
    [InlineData("lmtp")]
    public async Task Postfix_with_us_as_content_filter_gets_the_verdicts_of_check(string protocol)
    {
        Peer.Need("postfix");
        var again = 425 + Harness.Ports.NextOffset();
        await using var fronts = await FrontServer.StartAsync(again);
        await using var sink = new SmtpSink();
        await using var postfix = await RealPostfix.StartAsync(again + 1, $"""
            content_filter = judge:[127.0.0.1]:{fronts.ContentFilter}
            virtual_mailbox_domains = example.com
            virtual_transport = smtp:[127.0.0.1]:{sink.Port}
            """, $"""
            judge     unix  -       -       n       -       10      {protocol}
              -o {protocol}_send_xforward_command=yes
            127.0.0.1:{again} inet n - n - - smtpd
              -o content_filter=
              -o smtpd_authorized_xforward_hosts=127.0.0.0/8
              -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks
            """);
        await ComparedAsync(fronts, async mail =>
        {
            var before = sink.Mails.Count;
            Assert.StartsWith("250", await SendAsync(postfix, mail));
            return await DeliveredAsync(postfix, sink, mail, before);
        });
        Assert.Equal(Count, sink.Mails.Count);
    }

    [Fact]
    public async Task Exim_with_us_as_spamd_gets_the_verdicts_of_check()
    {
        await using var fronts = await FrontServer.StartAsync();
        await using var exim = await RealExim.StartAsync($"spamd_address = 127.0.0.1 {fronts.Spamd}");
        await ComparedAsync(fronts, async mail =>
        {
            var reply = await exim.OfferAsync(mail);
            var score = ScoreInReply().Match(reply);
            Assert.True(score.Success, reply);
            return (OfSpamAssassin(double.Parse(score.Groups[1].Value, CultureInfo.InvariantCulture) / 10), reply);
        });
    }

    [Fact]
    public async Task A_message_is_not_acknowledged_by_the_content_filter_before_the_next_hop_has_it()
    {
        await using var fronts = await FrontServer.StartAsync(9);
        await using var client = await RawSmtp.ConnectAsync(fronts.ContentFilter);
        Assert.StartsWith("451 4.4.1", await client.SendAsync("a@wanted.example", FrontMail.Recipient, FrontMail.Some(Count)[3].Raw));
    }

    private async Task ComparedAsync(FrontServer fronts, Func<FrontMail, Task<(string, string)>> ask)
    {
        var mails = FrontMail.Some(Count);
        var expected = await FrontMail.CheckAsync(fronts.Server, mails);
        var wrong = new List<string>();
        foreach (var mail in mails)
        {
            var (verdict, detail) = await ask(mail);
            if (verdict == expected[mail.Name].Verdict) continue;
            wrong.Add(mail.Name);
            output.WriteLine($"{mail.Name}: {verdict} instead of {expected[mail.Name]}\n{detail}");
        }
        output.WriteLine($"{mails.Count} messages, {mails.Count - wrong.Count} verdicts alike: {string.Join(", ", expected.Values.GroupBy(one => one.Verdict).Select(group => $"{group.Count()} {group.Key}"))}");
        Assert.Empty(wrong);
        Assert.Equal(3, expected.Values.Select(one => one.Verdict).Distinct().Count());
    }

    // A connection each: Postfix lets a client say XCLIENT once.
    private static async Task<string> SendAsync(RealPostfix postfix, FrontMail mail)
    {
        await using var client = await RawSmtp.ConnectAsync(postfix.Port);
        var name = mail.ReverseName == "unknown" ? "[UNAVAILABLE]" : mail.ReverseName;
        Assert.StartsWith("220", await client.CommandAsync($"XCLIENT NAME={name} ADDR={(mail.Client.Contains(':', StringComparison.Ordinal) ? "IPV6:" : "")}{mail.Client}"));
        Assert.StartsWith("250", await client.CommandAsync("EHLO " + mail.Helo));
        return await client.SendAsync(mail.From, FrontMail.Recipient, mail.Sent);
    }

    // The next mail the sink took; the filter's field says how it was judged. It is known by its place, for several have the same Message-ID.
    private static async Task<(string, string)> DeliveredAsync(RealPostfix postfix, SmtpSink sink, FrontMail mail, int before)
    {
        await postfix.WaitAsync(() => sink.Mails.Count > before);
        var content = sink.Mails.ElementAt(before).Content;
        Assert.Contains(MessageId(mail), content);
        var found = VerdictField().Match(content);
        Assert.True(found.Success, content);
        return (found.Groups[1].Value, content);
    }

    private static string MessageId(FrontMail mail)
    {
        var text = Encoding.Latin1.GetString(mail.Raw);
        var at = text.IndexOf("\r\nMessage-ID:", StringComparison.OrdinalIgnoreCase);
        return text[at..text.IndexOf("\r\n", at + 2, StringComparison.Ordinal)].Trim();
    }

    private static string OfSpamAssassin(double score) => score >= 15 ? "reject" : score >= 5 ? "junk" : "accept";

    private static string OfAction(string action) => action switch { "no action" => "accept", "add header" => "junk", "reject" => "reject", _ => action };

    [GeneratedRegex(@"X-Sternpost-Verdict: (\w+);")]
    private static partial Regex VerdictField();

    [GeneratedRegex(@"score (-?\d+)")]
    private static partial Regex ScoreInReply();
}
