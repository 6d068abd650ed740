using Sternpost.Filter;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter.Evidence;

public sealed class BounceTests
{
    private const string Bounce =
        "From: MAILER-DAEMON@mx.elsewhere.example\nTo: alice@example.com\nSubject: Undelivered\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <b@mx.elsewhere.example>\nMIME-Version: 1.0\n"
        + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\n"
        + "Reporting-MTA: dns; mx.elsewhere.example\n\nFinal-Recipient: rfc822; ben@elsewhere.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n"
        + "From: alice@example.com\nTo: ben@elsewhere.example\nSubject: Hello\nMessage-ID:\n <sent@example.com>\n\nHello.\n\n--b--\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bounce_of_what_was_sent_is_told_from_one_of_what_was_not()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        world.Evidence.Submitted(world.Ids["alice"], Letter.Octets("From: alice@example.com\nMessage-ID: <sent@example.com>\n\nHello.\n"), [Letter.Address("ben@elsewhere.example")]);
        await world.Evidence.FlushAsync();
        Assert.Contains("BOUNCE_OF_OURS", await FindAsync(world, Bounce));
        var foreign = Bounce.Replace("<sent@", "<forged@", StringComparison.Ordinal);
        // A server that began to watch today does not know what was sent yesterday.
        Assert.DoesNotContain("BACKSCATTER", await FindAsync(world, foreign));
        world.Time.Advance(TimeSpan.FromDays(8));
        await world.RestartAsync();
        Assert.Contains("BACKSCATTER", await FindAsync(world, foreign));
        Assert.DoesNotContain("BACKSCATTER", await FindAsync(world, Bounce));
        // A notice that brings nothing back says nothing about what it is for.
        Assert.DoesNotContain("BACKSCATTER", await FindAsync(world, foreign.Replace("Message-ID:\n", "X-Id:\n", StringComparison.Ordinal)));
    }

    private static async Task<List<string>> FindAsync(EvidenceWorld world, string text)
    {
        var session = Letter.Session("198.51.100.7", "mx.elsewhere.example") with { ReceivedAt = world.Time.GetUtcNow() };
        var judgement = await world.Panel.JudgeAsync(new MessageUnderJudgement(session, new Envelope(null, [new EnvelopeRecipient(Letter.Address("alice@example.com"))]), Letter.Octets(text)), Cancellation);
        return [.. judgement.Verdict.Findings.Select(finding => finding.Symbol)];
    }
}
