using Sternpost.Messages.Envelopes;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>MAIL and RCPT: paths, parameters, who may receive.</summary>
public sealed class AddressTests : IAsyncLifetime
{
    private SmtpHost host = null!;

    public async ValueTask InitializeAsync() => host = await SmtpHost.StartAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("FROM:<a@outside.example>", "250 2.1.0 Ok")]
    [InlineData("from:<a@outside.example>", "250 2.1.0 Ok")]
    [InlineData("FROM:<>", "250 2.1.0 Ok")]
    [InlineData("FROM: <a@outside.example>", "250 2.1.0 Ok")]
    [InlineData("FROM:<\"a b\"@outside.example>", "250 2.1.0 Ok")]
    // RFC 5321 §4.1.1.3: a source route is read and forgotten.
    [InlineData("FROM:<@relay.example,@other.example:a@outside.example>", "250 2.1.0 Ok")]
    [InlineData("FROM:<a@outside.example> BODY=8BITMIME SIZE=1000", "250 2.1.0 Ok")]
    [InlineData("FROM:<a@outside.example> BODY=7BIT", "250 2.1.0 Ok")]
    [InlineData("FROM:<a@outside.example> RET=HDRS ENVID=QQ314159", "250 2.1.0 Ok")]
    [InlineData("FROM:<a@outside.example> SMTPUTF8", "250 2.1.0 Ok")]
    [InlineData("FROM:<grüße@outside.example> SMTPUTF8", "250 2.1.0 Ok")]
    [InlineData("FROM:<a@bücher.example> SMTPUTF8", "250 2.1.0 Ok")]
    [InlineData("", "501 5.5.4 *")]
    [InlineData("a@outside.example", "501 5.5.4 *")]
    [InlineData("FROM:a@outside.example", "501 5.1.7 *")]
    [InlineData("FROM:<a@outside.example", "501 5.1.7 *")]
    [InlineData("FROM:<a>", "501 5.1.7 *")]
    [InlineData("FROM:<a@>", "501 5.1.7 *")]
    [InlineData("FROM:<@outside.example>", "501 5.1.7 *")]
    [InlineData("FROM:<a b@outside.example>", "501 5.1.7 *")]
    [InlineData("FROM:<a@out side.example>", "501 5.1.7 *")]
    [InlineData("FROM:<\"\"@outside.example>", "501 5.1.7 *")]
    [InlineData("FROM:<a@[192.0.2.1]>", "553 5.1.7 *")]
    [InlineData("FROM:<a@[192.0.2]>", "501 5.1.7 *")]
    [InlineData("FROM:<grüße@outside.example>", "553 5.6.7 *")]
    [InlineData("FROM:<a@bücher.example>", "553 5.6.7 *")]
    [InlineData("FROM:<a@outside.example>SIZE=1000", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> SIZE=big", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> SIZE", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> SIZE=1 SIZE=2", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> BODY=BINARYMIME", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> RET=ALL", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> ENVID=a+4", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> SMTPUTF8=yes", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> AUTH=<>", "555 5.5.4 The parameter AUTH *")]
    [InlineData("FROM:<a@outside.example> X-NEW=1", "555 5.5.4 The parameter X-NEW *")]
    [InlineData("FROM:<a@outside.example> SIZE==5", "501 5.5.4 *")]
    [InlineData("FROM:<a@outside.example> -A=5", "501 5.5.4 *")]
    public Task Reverse_paths_and_parameters(string argument, string reply) => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL {argument}
        S: {reply}
        """);

    [Theory]
    [InlineData("TO:<alice@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<ALICE@HERE.TEST>", "250 2.1.5 Ok")]
    [InlineData("TO:<alice+shop@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<sales@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<far@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<whoever@catchall.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<@relay.example:alice@here.test>", "250 2.1.5 Ok")]
    // RFC 5321 §4.5.1: postmaster always exists, with and without the domain.
    [InlineData("TO:<postmaster@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<Postmaster>", "250 2.1.5 Ok")]
    [InlineData("TO:<abuse@here.test>", "250 2.1.5 Ok")]
    [InlineData("TO:<alice@here.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;alice@here.test", "250 2.1.5 Ok")]
    [InlineData("TO:<alice@here.test> NOTIFY=NEVER", "250 2.1.5 Ok")]
    [InlineData("TO:<alice@here.test> notify=never orcpt=RFC822;a+40b", "250 2.1.5 Ok")]
    [InlineData("TO:<grüße@here.test>", "553 5.6.7 *")]
    [InlineData("TO:<nobody@here.test>", "550 5.1.1 <nobody@here.test>: nobody here *")]
    [InlineData("TO:<full@here.test>", "452 4.2.2 <full@here.test>: the mailbox is full*")]
    [InlineData("TO:<a@elsewhere.example>", "550 5.7.1 <a@elsewhere.example>: this server does not relay*")]
    [InlineData("TO:<a%elsewhere.example@here.test>", "550 5.1.1 *")]
    [InlineData("TO:<elsewhere.example!a@here.test>", "550 5.1.1 *")]
    [InlineData("TO:<\"a@elsewhere.example\"@here.test>", "550 5.1.1 *")]
    [InlineData("TO:<@here.test:a@elsewhere.example>", "550 5.7.1 *")]
    [InlineData("TO:<alice@[127.0.0.1]>", "550 5.1.2 *")]
    [InlineData("TO:<>", "501 5.1.3 *")]
    [InlineData("TO:<alice>", "501 5.1.3 *")]
    [InlineData("TO:<alice@here.test> NOTIFY=NEVER,DELAY", "501 5.5.4 *")]
    [InlineData("TO:<alice@here.test> NOTIFY=SUCCESS,SUCCESS", "501 5.5.4 *")]
    [InlineData("TO:<alice@here.test> NOTIFY=", "501 5.5.4 *")]
    [InlineData("TO:<alice@here.test> NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4 *")]
    [InlineData("TO:<alice@here.test> ORCPT=alice@here.test", "501 5.5.4 *")]
    [InlineData("TO:<alice@here.test> RRVS=2014", "555 5.5.4 *")]
    public Task Forward_paths_and_parameters(string argument, string reply) => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example>
        S: 250 *
        C: RCPT {argument}
        S: {reply}
        """);

    [Theory]
    [InlineData(64, "250 *")]
    [InlineData(65, "501 5.1.7 *too long*")]
    public Task Local_parts_have_at_most_64_octets(int length, string reply) => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<{new string('a', length)}@outside.example>
        S: {reply}
        """);

    [Fact]
    public Task A_domain_of_more_than_255_octets_is_refused() => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@{string.Concat(Enumerable.Repeat("abcdefghi.", 26))}example>
        S: 501 5.1.7 *
        """);

    [Fact]
    public async Task What_DSN_parameters_ask_reaches_the_envelope()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<a@outside.example> RET=FULL ENVID=id+2B1
            S: 250 *
            C: RCPT TO:<alice@here.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Alice+2Bx@here.test
            S: 250 *
            C: RCPT TO:<bob@here.test>
            S: 250 *
            C: DATA
            S: 354 *
            C: Subject: x
            C: .
            S: 250 2.0.0 *
            """);
        var envelope = host.Intake.Single.Envelope;
        Assert.Equal((DsnReturn.Full, "id+1"), (envelope.Return, envelope.EnvelopeId));
        Assert.Equal((DsnNotify.Success | DsnNotify.Delay, "rfc822;Alice+x@here.test"), (envelope.Recipients[0].Notify, envelope.Recipients[0].OriginalRecipient));
        Assert.Equal((DsnNotify.Default, null), (envelope.Recipients[1].Notify, envelope.Recipients[1].OriginalRecipient));
    }

    [Fact]
    public async Task International_addresses_with_SMTPUTF8()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<köln@bücher.example> SMTPUTF8
            S: 250 *
            C: RCPT TO:<grüße@here.test> ORCPT=utf-8;gr\x{FC}ße@here.test
            S: 250 *
            C: DATA
            S: 354 *
            C: Subject: Grüße
            C: .
            S: 250 2.0.0 *
            """);
        var message = host.Intake.Single;
        Assert.True(message.Envelope.SmtpUtf8);
        Assert.Equal("köln@bücher.example", message.Envelope.ReversePath!.ToString());
        Assert.Equal("utf-8;grüße@here.test", message.Envelope.Recipients[0].OriginalRecipient);
        Assert.Equal("UTF8SMTP", message.Session.Protocol);
        Assert.Contains("for <grüße@here.test>", host.Intake.SingleTrace);
    }

    [Fact]
    public async Task The_same_recipient_twice_is_one_recipient()
    {
        await host.PlayAsync("""
            S: 220 *
            C: EHLO client.example
            S: 250 *
            C: MAIL FROM:<a@outside.example>
            C: RCPT TO:<alice@here.test>
            C: RCPT TO:<Alice@Here.Test>
            C: DATA
            S: 250 *
            S: 250 *
            S: 250 *
            S: 354 *
            C: Subject: x
            C: .
            S: 250 2.0.0 *
            """);
        Assert.Single(host.Intake.Single.Envelope.Recipients);
    }

    [Fact]
    public async Task One_hundred_recipients_are_taken_and_the_next_must_wait()
    {
        await using var conversation = await host.ConnectAsync();
        await conversation.PlayAsync("S: 220 *\nC: EHLO client.example\nS: 250 *\nC: MAIL FROM:<a@outside.example>\nS: 250 *");
        await conversation.SendAsync(string.Concat(Enumerable.Range(1, 101).Select(number => $"RCPT TO:<alice+{number}@here.test>\r\n")));
        for (var i = 0; i < 100; i++) await conversation.ExpectAsync("250 2.1.5 Ok");
        await conversation.ExpectAsync("452 4.5.3 *");
        await conversation.PlayAsync("C: DATA\nS: 354 *\nC: Subject: x\nC: .\nS: 250 2.0.0 *");
        Assert.Equal(100, host.Intake.Single.Envelope.Recipients.Count);
    }

    [Theory]
    [InlineData("SIZE=52428800", "250 *")]
    [InlineData("SIZE=52428801", "552 5.3.4 *52428800 octets*")]
    [InlineData("SIZE=99999999999999999999", "552 5.3.4 *")]
    public Task An_announced_size_is_refused_at_MAIL(string size, string reply) => host.PlayAsync($"""
        S: 220 *
        C: EHLO client.example
        S: 250 *
        C: MAIL FROM:<a@outside.example> {size}
        S: {reply}
        """);
}
