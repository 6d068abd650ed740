using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Results;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.MailAuth;

/// <summary>What <c>check</c> says of each method: its result, and why.</summary>
public sealed class ResultLinesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task A_message_that_is_proved_says_by_what()
    {
        using var key = DkimSigningKey.GenerateRsa(DomainName.Parse("example.org"), "sel");
        var zone = new ZoneResolver().Txt("example.org", "v=spf1 ip4:192.0.2.0/24 -all").Txt("_dmarc.example.org", "v=DMARC1; p=reject").Txt(key.RecordName.Ascii, key.RecordText);
        Assert.Equal(
            [
                "iprev pass the name of 192.0.2.1 leads back to it",
                "spf pass example.org, the domain of the reverse-path: \"ip4:192.0.2.0/24\" lets 192.0.2.1 send",
                "dkim pass example.org, selector sel, rsa-sha256, 2048 bits: the signature is good, and nothing it covers was changed",
                "dmarc pass a signature of example.org aligns with example.org; the record of example.org asks for p=reject",
                "arc none the message was not sealed on its way",
                "dkim2 none the message bears no DKIM2 signature",
            ],
            await LinesAsync(zone, "192.0.2.1", "pass", message => [.. DkimSigner.Sign(message, key, Now), .. message]));
    }

    [Fact]
    public async Task A_message_that_fails_says_why()
    {
        var zone = new ZoneResolver().Txt("example.org", "v=spf1 ip4:198.51.100.0/24 -all exp=why.example.org").Txt("why.example.org", "ask us").Txt("_dmarc.example.org", "v=DMARC1; p=quarantine");
        Assert.Equal(
            [
                "iprev permerror 192.0.2.1 has no name",
                "spf fail example.org, the domain of the reverse-path: \"-all\" forbids 192.0.2.1 to send; it says: ask us",
                "dkim permerror example.org, selector gone, rsa-sha256: no key is published at gone._domainkey.example.org",
            ],
            (await LinesAsync(zone, "192.0.2.1", "permerror", message => [.. "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=gone; h=from; bh=AAAA; b=AAAA\r\n"u8, .. message])).Take(3));
        var dmarc = (await LinesAsync(zone, "192.0.2.1", "permerror", message => message)).Single(line => line.StartsWith("dmarc", StringComparison.Ordinal));
        Assert.StartsWith("dmarc fail ", dmarc);
        Assert.EndsWith("asks for p=quarantine", dmarc);
    }

    [Fact]
    public async Task What_DNS_does_not_answer_is_said_to_be_so()
    {
        var lines = await LinesAsync(new ZoneResolver().Fails("example.org").Fails("_dmarc.example.org"), "192.0.2.1", "temperror", message => message);
        Assert.Contains(lines, line => line.StartsWith("spf temperror", StringComparison.Ordinal));
        Assert.Contains("dmarc temperror DNS did not answer for _dmarc.example.org", lines);
        Assert.All(lines, line => Assert.True(line.Split(' ').Length > 4, line));
    }

    private static async Task<IReadOnlyList<string>> LinesAsync(ZoneResolver zone, string client, string iprev, Func<byte[], byte[]> make)
    {
        var message = make(Encoding.ASCII.GetBytes("From: Ann <ann@example.org>\r\nSubject: x\r\nDate: Fri, 2 Jan 2026 03:04:05 +0000\r\n\r\nbody\r\n"));
        var session = new SessionFacts(IPAddress.Parse(client), "mail.example.org", "ESMTP", null, null, null, Now, "test") { ReverseResult = iprev };
        var envelope = new Envelope(EmailAddress.Parse("ann@example.org"), [new EnvelopeRecipient(EmailAddress.Parse("bob@example.net"))]);
        var outcome = await new Authentication(zone, TimeProvider.System) { VerifyDkim2 = true }.EvaluateAsync(session, envelope, message, default);
        return [.. ResultLines.Of(outcome).Select(line => $"{line.Method} {line.Result} {line.Reason}")];
    }
}
