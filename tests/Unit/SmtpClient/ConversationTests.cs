using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Unit.SmtpClient;

/// <summary>Whole sessions as conversations: what is said, in which order, and what it comes to.</summary>
public class ConversationTests
{
    private const string Greeting = """
        S: 220 mx.example ESMTP
        C: EHLO mail.sender.example
        """;

    // The same conversations go over wires of every kind.
    internal virtual IOutboundWires Wires => DirectWires.Instance;

    private ClientOptions Options => new() { Wires = Wires, HelloName = DomainName.Parse("mail.sender.example"), Deadlines = Deadlines(TimeSpan.FromSeconds(10)) };

    [Fact]
    public async Task With_pipelining_the_envelope_goes_in_one_group_and_the_message_is_dot_stuffed()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example greets you
            S: 250-PIPELINING
            S: 250 SIZE 1000000
            C: MAIL FROM:<a@sender.example> SIZE=24
            C: RCPT TO:<b@mx.example>
            C: RCPT TO:<c@mx.example>
            C: DATA
            S: 250 2.1.0 Ok
            S: 250 2.1.5 Ok
            S: 550 5.1.1 No such user
            S: 354 Go
            DATA
            S: 250 2.0.0 Taken
            C: QUIT
            S: 221 Bye
            EOF
            """);
        var results = await SendAsync(server, Message("Subject: x\r\n\r\n.one\r\nlast"), "b@mx.example", "c@mx.example");

        Assert.Equal("Delivered 2.0.0 250 2.0.0 Taken; Failed 5.1.1 550 5.1.1 No such user", Text(results));
        await server.DoneAsync();
        Assert.Equal(["Subject: x\r\n\r\n..one\r\nlast\r\n"], server.Messages);
    }

    [Fact]
    public async Task Without_pipelining_each_command_waits_for_its_reply()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250 mx.example
            C: MAIL FROM:<a@sender.example>
            S: 250 Ok
            C: RCPT TO:<b@mx.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Taken
            C: QUIT
            S: 221 Bye
            """);
        Assert.Equal("Delivered 2.0.0 250 Taken", Text(await SendAsync(server, Message("x\r\n"), "b@mx.example")));
        await server.DoneAsync();
    }

    [Fact]
    public async Task A_server_of_old_that_knows_no_EHLO_is_greeted_with_HELO()
    {
        await using var server = ScriptedServer.Start("""
            S: 220 old
            C: EHLO mail.sender.example
            S: 502 What?
            C: HELO mail.sender.example
            S: 250 old
            C: MAIL FROM:<a@sender.example>
            S: 250
            C: RCPT TO:<b@mx.example>
            S: 251 Will forward
            C: DATA
            S: 354
            DATA
            S: 250
            C: QUIT
            """);
        Assert.Equal("Delivered 2.0.0 250 ", Text(await SendAsync(server, Message("x\r\n"), "b@mx.example")));
        await server.DoneAsync();
    }

    [Fact]
    public async Task Several_messages_go_over_one_connection_with_RSET_only_where_a_transaction_was_left_open()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: DATA
            S: 250 Ok
            S: 550 5.1.1 Nobody
            S: 503 No recipients
            C: RSET
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<c@mx.example>
            C: DATA
            S: 250 Ok
            S: 250 Ok
            S: 250 Ok
            S: 354 Go
            DATA
            S: 250 Ok
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<d@mx.example>
            C: DATA
            S: 250 Ok
            S: 250 Ok
            S: 354 Go
            DATA
            S: 250 Ok
            C: QUIT
            S: 221 Bye
            """);
        await using (var connection = await OpenAsync(server))
        {
            Assert.Equal("Failed 5.1.1 550 5.1.1 Nobody", Text(await connection.SendAsync(Message("1\r\n"), Recipients("b@mx.example"))));
            Assert.Equal("Delivered 2.0.0 250 Ok", Text(await connection.SendAsync(Message("2\r\n"), Recipients("c@mx.example"))));
            Assert.Equal("Delivered 2.0.0 250 Ok", Text(await connection.SendAsync(Message("3\r\n"), Recipients("d@mx.example"))));
            Assert.Equal(3, connection.Messages);
        }
        await server.DoneAsync();
        Assert.Equal(["2\r\n", "3\r\n"], server.Messages);
    }

    [Fact]
    public async Task Where_DATA_is_taken_although_no_recipient_was_the_server_gets_an_empty_message()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: DATA
            S: 250 Ok
            S: 450 4.2.0 Greylisted
            S: 354 Go
            DATA
            S: 554 No valid recipients
            C: QUIT
            S: 221 Bye
            """);
        Assert.Equal("Deferred 4.2.0 450 4.2.0 Greylisted", Text(await SendAsync(server, Message("secret\r\n"), "b@mx.example")));
        await server.DoneAsync();
        Assert.Equal([""], server.Messages);
    }

    [Fact]
    public async Task Recipients_beyond_what_the_server_takes_follow_in_another_transaction()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: RCPT TO:<c@mx.example>
            C: DATA
            S: 250 Ok
            S: 250 Ok
            S: 452 4.5.3 Too many recipients
            S: 354 Go
            DATA
            S: 250 First
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<c@mx.example>
            C: DATA
            S: 250 Ok
            S: 250 Ok
            S: 354 Go
            DATA
            S: 250 Second
            C: QUIT
            S: 221 Bye
            """);
        Assert.Equal("Delivered 2.0.0 250 First; Delivered 2.0.0 250 Second", Text(await SendAsync(server, Message("x\r\n"), "b@mx.example", "c@mx.example")));
        await server.DoneAsync();
    }

    // RFC 9422.
    [Fact]
    public async Task Announced_limits_are_kept()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 LIMITS MAILMAX=1 RCPTMAX=1 NEWLIMIT=x
            C: MAIL FROM:<a@sender.example>
            S: 250 Ok
            C: RCPT TO:<b@mx.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Ok
            C: MAIL FROM:<a@sender.example>
            S: 250 Ok
            C: RCPT TO:<c@mx.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Ok
            C: QUIT
            """);
        await using var connection = await OpenAsync(server);
        Assert.Equal("Delivered 2.0.0 250 Ok; Delivered 2.0.0 250 Ok", Text(await connection.SendAsync(Message("x\r\n"), Recipients("b@mx.example", "c@mx.example"))));
        Assert.False(connection.IsUsable);
    }

    // RFC 5321 §4.5.3.1.10.
    [Fact]
    public async Task Five_five_two_to_every_recipient_is_a_deferral_and_not_a_bounce()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: DATA
            S: 250 Ok
            S: 552 Too many recipients
            S: 503 No
            C: QUIT
            """);
        Assert.Equal("Deferred 4.5.3 552 Too many recipients", Text(await SendAsync(server, Message("x\r\n"), "b@mx.example")));
    }

    [Theory]
    [InlineData("MAIL", "Failed 5.7.1 550 5.7.1 No", "S: 550 5.7.1 No\nS: 503 x\nS: 503 x")]
    [InlineData("RCPT", "Failed 5.0.0 550 No", "S: 250 Ok\nS: 550 No\nS: 503 x")]
    [InlineData("DATA", "Deferred 4.3.1 452 4.3.1 Full", "S: 250 Ok\nS: 250 Ok\nS: 452 4.3.1 Full")]
    [InlineData("final", "Failed 5.7.1 554 5.7.1 Spam", "S: 250 Ok\nS: 250 Ok\nS: 354 Go\nDATA\nS: 554 5.7.1 Spam")]
    public async Task A_refusal_at_any_step_is_the_recipients_result(string step, string expected, string replies)
    {
        await using var server = ScriptedServer.Start(Greeting + "\n" + $"""
            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: DATA
            {replies}
            C: QUIT
            S: 221 Bye
            """);
        Assert.Equal(expected, Text(await SendAsync(server, Message("x\r\n"), "b@mx.example")));
        await server.DoneAsync();
        Assert.NotEmpty(step);
    }

    [Theory]
    [InlineData("S: 421 4.3.2 Shutting down", "Deferred 4.3.2 421 4.3.2 Shutting down; Deferred 4.3.2 421 4.3.2 Shutting down")]
    [InlineData("S: 250 Ok\nS: 421 Bye", "Deferred 4.0.0 421 Bye; Deferred 4.0.0 421 Bye")]
    [InlineData("S: 250 Ok\nS: 550 5.1.1 Nobody\nS: 421 Bye", "Failed 5.1.1 550 5.1.1 Nobody; Deferred 4.0.0 421 Bye")]
    [InlineData("S: 250 Ok\nS: 250 Ok\nS: 250 Ok\nS: 421 Bye", "Deferred 4.0.0 421 Bye; Deferred 4.0.0 421 Bye")]
    [InlineData("S: 250 Ok\nS: 250 Ok\nS: 250 Ok\nS: 354 Go\nDATA\nS: 421 Bye", "Deferred 4.0.0 421 Bye; Deferred 4.0.0 421 Bye")]
    public async Task After_421_nothing_more_is_asked_of_the_server(string replies, string expected)
    {
        await using var server = ScriptedServer.Start(Greeting + "\n" + $"""
            S: 250-mx.example
            S: 250 PIPELINING
            C: MAIL FROM:<a@sender.example>
            C: RCPT TO:<b@mx.example>
            C: RCPT TO:<c@mx.example>
            C: DATA
            {replies}
            EOF
            """);
        await using (var connection = await OpenAsync(server))
        {
            Assert.Equal(expected, Text(await connection.SendAsync(Message("x\r\n"), Recipients("b@mx.example", "c@mx.example"))));
            Assert.False(connection.IsUsable);
        }
        await server.DoneAsync();
    }

    [Theory]
    [InlineData("S: 554 5.7.1 Blocked", true, "5.7.1")]
    [InlineData("S: 521 No mail here", true, "5.0.0")]
    [InlineData("S: 421 4.3.2 Busy", false, "4.3.2")]
    public async Task A_greeting_that_turns_mail_away_says_for_how_long(string greeting, bool permanent, string status)
    {
        await using var server = ScriptedServer.Start(greeting + "\nC: QUIT\nS: 221 Bye");
        var failure = Assert.IsType<ClientOpening.Failed>(await SmtpClientConnection.OpenAsync(Server(server), Options, TimeProvider.System, default)).Failure;
        Assert.Equal(permanent, failure.IsPermanent);
        Assert.Equal(status, failure.Status);
        Assert.NotNull(failure.Reply);
    }

    [Fact]
    public async Task Notification_wishes_are_passed_on_where_the_server_knows_them()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250-8BITMIME
            S: 250-SMTPUTF8
            S: 250 DSN
            C: MAIL FROM:<a@sender.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=one+20two+2Bthree+3D
            S: 250 Ok
            C: RCPT TO:<b@mx.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bx@mx.example
            S: 250 Ok
            C: RCPT TO:<c@mx.example> NOTIFY=NEVER ORCPT=utf-8;\x{FC}ber@mx.example
            S: 250 Ok
            C: RCPT TO:<über@xn--bcher-kva.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Ok
            C: QUIT
            """.Replace("xn--bcher-kva", "bücher"));
        var message = new OutgoingMessage(EmailAddress.Parse("a@sender.example"), Encoding.UTF8.GetBytes("Subject: ü\r\n\r\nx\r\n"), BodyKind.EightBitMime, SmtpUtf8: true, DsnReturn.Headers, "one two+three=");
        await using var connection = await OpenAsync(server);
        var results = await connection.SendAsync(message,
        [
            new(EmailAddress.Parse("b@mx.example"), DsnNotify.Success | DsnNotify.Delay, "rfc822;b+x@mx.example"),
            new(EmailAddress.Parse("c@mx.example"), DsnNotify.Never, "utf-8;über@mx.example"),
            new(EmailAddress.Parse("über@bücher.example")),
        ]);
        Assert.All(results, result => Assert.True(result.NotifiesSuccess && result.Outcome == RecipientOutcome.Delivered));
    }

    [Theory]
    [InlineData("a@sender.example", "Subject: x\r\n\r\n\u00FC\r\n", false, "b@mx.example", "Failed 5.6.3")]
    [InlineData("\u00FC@sender.example", "x\r\n", true, "b@mx.example", "Failed 5.6.7")]
    [InlineData("a@sender.example", "Subject: \u00FC\r\n\r\nx\r\n", true, "b@mx.example", "Failed 5.6.7")]
    [InlineData("a@sender.example", "0123456789\r\n0123456789\r\n0123456789\r\n0123456789\r\n0123456789\r\n", false, "b@mx.example", "Failed 5.3.4")]
    public async Task What_the_server_cannot_take_is_not_sent(string from, string content, bool utf8, string to, string expected)
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250 SIZE 50
            C: QUIT
            S: 221 Bye
            """);
        var message = new OutgoingMessage(EmailAddress.Parse(from), Encoding.UTF8.GetBytes(content), SmtpUtf8: utf8);
        Assert.StartsWith(expected, Text(await SendAsync(server, message, to)));
        await server.DoneAsync();
    }

    [Fact]
    public async Task A_recipient_with_letters_the_server_cannot_handle_does_not_stand_in_the_others_way()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250 mx.example
            C: MAIL FROM:<a@sender.example>
            S: 250 Ok
            C: RCPT TO:<b@mx.example>
            S: 250 Ok
            C: DATA
            S: 354 Go
            DATA
            S: 250 Ok
            C: QUIT
            """);
        var results = await SendAsync(server, Message("x\r\n"), "\u00FC@mx.example", "b@mx.example");
        Assert.Equal(["5.6.7", "2.0.0"], results.Select(result => result.Status));
    }

    // RFC 3030.
    [Fact]
    public async Task Binary_content_goes_as_one_chunk_and_only_to_a_server_that_takes_it()
    {
        await using var server = ScriptedServer.Start(Greeting + """

            S: 250-mx.example
            S: 250-PIPELINING
            S: 250-CHUNKING
            S: 250 BINARYMIME
            C: MAIL FROM:<a@sender.example> BODY=BINARYMIME
            C: RCPT TO:<b@mx.example>
            S: 250 Ok
            S: 250 Ok
            C: BDAT 8 LAST
            BYTES 8
            S: 250 Ok
            C: QUIT
            """);
        var results = await SendAsync(server, new OutgoingMessage(EmailAddress.Parse("a@sender.example"), "\r\n.\n\0\r\n."u8.ToArray(), BodyKind.BinaryMime), "b@mx.example");
        Assert.Equal("Delivered 2.0.0 250 Ok", Text(results));
        await server.DoneAsync();
        Assert.Equal(["\r\n.\n\0\r\n."], server.Messages);
    }

    internal static ClientDeadlines Deadlines(TimeSpan each) => new()
    {
        Connect = each,
        Greeting = each,
        Command = each,
        Handshake = each,
        DataInitiation = each,
        DataBlock = each,
        DataTermination = each,
        Quit = each,
    };

    internal static RemoteServer Server(ScriptedServer server, OutboundTls tls = OutboundTls.Opportunistic, ClientCredentials? credentials = null) =>
        new("mx.example", server.EndPoint, tls, credentials);

    internal static OutgoingMessage Message(string content) => new(EmailAddress.Parse("a@sender.example"), Encoding.UTF8.GetBytes(content));

    internal static EnvelopeRecipient[] Recipients(params string[] addresses) => [.. addresses.Select(address => new EnvelopeRecipient(EmailAddress.Parse(address)))];

    internal static string Text(IEnumerable<RecipientResult> results) =>
        string.Join("; ", results.Select(result => $"{result.Outcome} {result.Status} {result.Reason}"));

    private async Task<SmtpClientConnection> OpenAsync(ScriptedServer server) =>
        Assert.IsType<ClientOpening.Opened>(await SmtpClientConnection.OpenAsync(Server(server), Options, TimeProvider.System, default)).Connection;

    private async Task<IReadOnlyList<RecipientResult>> SendAsync(ScriptedServer server, OutgoingMessage message, params string[] recipients)
    {
        await using var connection = await OpenAsync(server);
        return await connection.SendAsync(message, Recipients(recipients));
    }
}
