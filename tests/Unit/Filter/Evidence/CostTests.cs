using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Filter;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Views;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter.Evidence;

/// <summary>What stored evidence costs a message, honest or hostile.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    private const string Words = "we are writing to let you know that the balance of your membership will be charged this week unless you visit the page below and choose another plan which costs less ";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_ordinary_message_costs_microseconds_and_one_read()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var text = new StringBuilder("From: Club <club@stranger.example>\nTo: alice@example.com\nSubject: Your membership\nMessage-ID: <1@stranger.example>\nReferences: <a@b.example> <c@d.example>\n\n");
        for (var i = 0; i < 12; i++) text.Append(Words).Append(System.Globalization.CultureInfo.InvariantCulture, $"http://www.site{i % 4}.example/page/{i}\n");
        var raw = Letter.Octets(text.ToString());
        var envelope = new Envelope(Letter.Address("club@stranger.example"), [new EnvelopeRecipient(Letter.Address("alice@example.com"))]);
        // Views are made by whoever comes first; here they are there already, as when the judges before have run.
        var messages = Enumerable.Range(0, 500).Select(_ =>
        {
            var message = new MessageUnderJudgement(Letter.Session("198.51.100.7", "mail.stranger.example"), envelope, raw);
            return (message.Text.Visible.Length, message.Subject, message.From, Message: message).Message;
        }).ToList();
        foreach (var (what, work) in (IEnumerable<(string, Action<MessageUnderJudgement>)>)
        [
            ("sketch", message => Sternpost.Filter.Evidence.Campaigns.TextSketch.Of(message)), ("code", message => LoginCodes.IsIn(message)), ("bulk", message => BulkMail.IsBulk(message.Header)), ("sign-up", message => BulkMail.IsSignUp(message)),
            ("facts", message => MessageFacts.Of(message, new FilterOptions().Attachments, 1, [1], false)), ("key", message => EvidenceKey.Of(EvidenceKind.Link, "example.com")),
        ])
        {
            var least = TimeSpan.MaxValue;
            for (var round = 0; round < 20; round++)
            {
                var before = Environment.CpuUsage.TotalTime;
                foreach (var message in messages) work(message);
                var spent = Environment.CpuUsage.TotalTime - before;
                if (spent < least) least = spent;
            }
            output.WriteLine($"{what} {least.TotalMicroseconds / messages.Count:0.00}");
        }
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            foreach (var message in messages)
            {
                message.Facts = await world.Evidence.FactsAsync(message, Cancellation);
                foreach (var judge in world.Evidence.Judges) await judge.JudgeAsync(message, Cancellation);
            }
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, (Environment.CpuUsage.TotalTime - before).Ticks));
        }
        output.WriteLine($"{best.TotalMicroseconds / messages.Count:0.0} µs a message");
        // Ten times what it takes where nothing else runs.
        Assert.True(best / messages.Count < TimeSpan.FromMicroseconds(500), best.ToString());
    }

    [Fact]
    public async Task Writing_down_what_became_of_a_message_costs_microseconds_of_the_writer()
    {
        await using var world = await EvidenceWorld.MakeAsync();
        var raw = Letter.Octets("From: Club <club@stranger.example>\nTo: alice@example.com\nSubject: Your membership\nMessage-ID: <1@stranger.example>\n\n" + Words + Words);
        var envelope = new Envelope(Letter.Address("club@stranger.example"), [new EnvelopeRecipient(Letter.Address("alice@example.com"))]);
        var least = TimeSpan.MaxValue;
        for (var round = 0; round < 4; round++)
        {
            var judged = new List<Judgement>();
            for (var i = 0; i < 1000; i++) judged.Add(await world.Panel.JudgeAsync(new MessageUnderJudgement(Letter.Session("198.51.100.7", "mail.stranger.example"), envelope, raw), Cancellation));
            var before = Environment.CpuUsage.TotalTime;
            foreach (var judgement in judged) world.Evidence.Delivered(judgement, [new DeliveredCopy(world.Ids["alice"], world.Database.NextId(), 1, 1, judgement.Verdict)]);
            await world.Evidence.FlushAsync();
            var spent = Environment.CpuUsage.TotalTime - before;
            if (spent < least) least = spent;
        }
        output.WriteLine($"{least.TotalMicroseconds / 1000:0.0} µs a message");
        Assert.True(least < TimeSpan.FromMilliseconds(1000), least.ToString());
    }

    [Fact]
    public void Hostile_text_costs_no_more_than_its_bounds()
    {
        foreach (var body in (string[])
        [
            string.Concat(Enumerable.Repeat("code ", 200_000)), string.Concat(Enumerable.Repeat("code 12", 100_000)), string.Concat(Enumerable.Repeat("http://a.b.c.d.e.example/ ", 20_000)),
            new string('1', 1_000_000), string.Concat(Enumerable.Repeat("\nMessage-ID: ", 60_000)), string.Concat(Enumerable.Repeat("1-", 400_000)), string.Concat(Enumerable.Repeat("$ ", 400_000)),
        ])
        {
            var message = new MessageUnderJudgement(Letter.Session("198.51.100.7"), new Envelope(null, [new EnvelopeRecipient(Letter.Address("alice@example.com"))]), Letter.Octets("Subject: x\n\n" + body));
            Assert.True(message.Text.Visible.Length > 0);
            MessageFacts.Of(message, new FilterOptions().Attachments, 1, [1], trap: false);
            var clock = Stopwatch.StartNew();
            MessageFacts.Of(message, new FilterOptions().Attachments, 1, [1], trap: false);
            Assert.True(clock.ElapsedMilliseconds < 250, $"{clock.Elapsed}: {body[..20]}");
        }
    }

    [Fact]
    public void Message_ids_are_read_from_any_header()
    {
        Gen.String[Gen.Char["<>@ab \t\r\n,;"], 0, 120].Sample(value =>
        {
            var whole = Encoding.UTF8.GetBytes($"References: {value.Replace('\n', ' ').Replace('\r', ' ')}\r\n\r\n");
            var header = HeaderFields.Parse(whole, 0, whole.Length);
            var ids = MessageIds.Answered(header);
            Assert.True(ids.Count <= 20);
            Assert.All(ids, id => Assert.DoesNotContain('>', id));
        });
    }

    [Fact]
    public void A_returned_message_is_looked_for_in_any_octets()
    {
        Gen.Byte.Array[0, 400].Sample(octets =>
        {
            var raw = (byte[])[.. "Subject: x\r\n\r\nMessage-ID: "u8, .. octets];
            var message = new MessageUnderJudgement(Letter.Session(), new Envelope(null, [new EnvelopeRecipient(Letter.Address("alice@example.com"))]), raw);
            Assert.True(ReturnedMessage.IdIn(message) is null or { Length: <= 400 });
        });
    }
}
