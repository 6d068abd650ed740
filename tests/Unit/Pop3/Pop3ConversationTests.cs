using System.Net.Sockets;
using System.Text;
using CsCheck;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Pop3;

namespace Sternpost.Unit.Pop3;

public class Pop3ConversationTests
{
    private const string Letter = "From: bob@example.org\r\nSubject: Hello\r\n\r\nOne\r\n.Two\r\n..\r\n.\r\nFour\r\n";

    // RFC 1939 §10 in shape, with our words.
    [Fact]
    public async Task A_session_from_greeting_to_goodbye()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter, "Subject: Second\r\n\r\nBody\r\n");
        await using var conversation = await room.ConverseAsync(signIn: false);
        var inbox = await room.InboxAsync();
        await conversation.PlayAsync($"""
            C: USER Alice@Example.com
            S: +OK *
            C: PASS {Pop3Room.Password}
            S: +OK 2 messages ({Letter.Length + 25} octets)
            C: stat
            S: +OK 2 {Letter.Length + 25}
            C: LIST
            S: +OK 2 messages
            S: 1 {Letter.Length}
            S: 2 25
            S: .
            C: LIST 2
            S: +OK 2 25
            C: UIDL
            S: +OK 2 messages
            S: 1 {inbox.UidValidity}.1
            S: 2 {inbox.UidValidity}.2
            S: .
            C: UIDL 2
            S: +OK 2 {inbox.UidValidity}.2
            C: RETR 1
            S: +OK {Letter.Length} octets
            S: From: bob@example.org
            S: Subject: Hello
            S:
            S: One
            S: ..Two
            S: ...
            S: ..
            S: Four
            S: .
            C: TOP 1 0
            S: +OK *
            S: From: bob@example.org
            S: Subject: Hello
            S:
            S: .
            C: TOP 1 2
            S: +OK *
            S: From: bob@example.org
            S: Subject: Hello
            S:
            S: One
            S: ..Two
            S: .
            C: TOP 2 1000
            S: +OK *
            S: Subject: Second
            S:
            S: Body
            S: .
            C: DELE 1
            S: +OK *
            C: DELE 1
            S: -ERR There is no message 1; *
            C: RETR 1
            S: -ERR *
            C: STAT
            S: +OK 1 25
            C: LIST
            S: +OK 1 messages
            S: 2 25
            S: .
            C: RSET
            S: +OK 2 messages *
            C: DELE 2
            S: +OK *
            C: NOOP
            S: +OK *
            C: QUIT
            S: +OK Goodbye
            """);
        Assert.Null(await conversation.ReadAsync());
        var left = Assert.Single(await room.EntriesAsync());
        Assert.Equal((1u, Sternpost.Mailboxes.MessageFlags.Seen), (left.Uid, left.Flags));
    }

    [Fact]
    public async Task An_empty_maildrop()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var conversation = await room.ConverseAsync();
        await conversation.PlayAsync("""
            C: STAT
            S: +OK 0 0
            C: LIST
            S: +OK 0 messages
            S: .
            C: UIDL
            S: +OK 0 messages
            S: .
            C: RETR 1
            S: -ERR There is no message 1; *
            C: LIST 0
            S: -ERR *
            C: TOP 1 1
            S: -ERR *
            C: QUIT
            S: +OK *
            """);
    }

    [Fact]
    public async Task Without_TLS_no_name_and_no_password_is_taken()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var conversation = await room.ConverseAsync(tls: false);
        await conversation.PlayAsync($"""
            C: CAPA
            S: +OK *
            S: TOP
            S: UIDL
            S: PIPELINING
            S: EXPIRE NEVER
            S: RESP-CODES
            S: AUTH-RESP-CODE
            S: STLS
            S: .
            C: USER {Pop3Room.User}
            S: -ERR Start TLS first *
            C: PASS {Pop3Room.Password}
            S: -ERR Start TLS first *
            C: AUTH PLAIN
            S: -ERR Start TLS first *
            C: APOP {Pop3Room.User} c4c9334bac560ecc979e58001b3e22fb
            S: -ERR *
            C: STAT
            S: -ERR *
            C: STLS now
            S: -ERR *
            C: STLS
            S: +OK *
            """);
        await conversation.StartTlsAsync();
        await conversation.PlayAsync($"""
            C: CAPA
            S: +OK *
            S: TOP
            S: UIDL
            S: PIPELINING
            S: EXPIRE NEVER
            S: RESP-CODES
            S: AUTH-RESP-CODE
            S: USER
            S: SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN
            S: .
            C: STLS
            S: -ERR TLS is already up
            C: PASS {Pop3Room.Password}
            S: -ERR First the name: *
            C: USER {Pop3Room.User}
            S: +OK *
            C: PASS {Pop3Room.Password}
            S: +OK 0 messages *
            C: STLS
            S: -ERR *
            C: USER x
            S: -ERR *
            C: QUIT
            S: +OK *
            """);
    }

    // CVE-2011-0411: what a man in the middle puts behind STLS must not be taken for what came through TLS.
    [Fact]
    public async Task Commands_injected_behind_STLS_are_never_answered()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var conversation = await room.ConverseAsync(tls: false);
        await conversation.SendAsync("STLS\r\nCAPA\r\nUSER mallory@example.com\r\n");
        Assert.StartsWith("+OK", await conversation.ReadAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await conversation.StartTlsAsync();
            await conversation.PlayAsync("""
                C: NOOP
                S: -ERR *
                """);
        });
    }

    [Fact]
    public async Task A_wrong_password_and_a_name_nobody_has_are_answered_alike_and_the_third_ends_it()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var conversation = await room.ConverseAsync(signIn: false);
        await conversation.PlayAsync($"""
            C: USER {Pop3Room.User}
            S: +OK *
            C: PASS wrong password
            S: -ERR [AUTH] Wrong name or password
            C: PASS {Pop3Room.Password}
            S: -ERR First the name: *
            C: USER nobody@example.com
            S: +OK *
            C: PASS {Pop3Room.Password}
            S: -ERR [AUTH] Wrong name or password
            C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHdyb25nIHBhc3N3b3Jk
            S: -ERR [AUTH] Wrong name or password
            """);
        Assert.Null(await conversation.ReadAsync());
    }

    [Fact]
    public async Task Too_many_failures_are_told_apart_from_a_wrong_password()
    {
        await using var room = await Pop3Room.OpenAsync(new Pop3Options { HostName = "mail.example.com", MaxFailedSignIns = 100 });
        await using var conversation = await room.ConverseAsync(signIn: false);
        // The count fades as the clock runs, so that the tenth may not be quite ten.
        for (var i = 0; i < 11; i++)
        {
            await conversation.PlayAsync($"""
                C: USER {Pop3Room.User}
                S: +OK *
                C: PASS wrong password {i}
                S: -ERR [*
                """);
        }
        await conversation.PlayAsync($"""
            C: USER {Pop3Room.User}
            S: +OK *
            C: PASS {Pop3Room.Password}
            S: -ERR [SYS/TEMP] Too many failed attempts; *
            """);
    }

    [Fact]
    public async Task AUTH_with_and_without_initial_response()
    {
        await using var room = await Pop3Room.OpenAsync(new Pop3Options { HostName = "mail.example.com", MaxFailedSignIns = 100 });
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Pop3Room.User}\0{Pop3Room.Password}"));
        var (name, password) = (Convert.ToBase64String(Encoding.UTF8.GetBytes(Pop3Room.User)), Convert.ToBase64String(Encoding.UTF8.GetBytes(Pop3Room.Password)));
        string[] scripts =
        [
            $"C: AUTH PLAIN {plain}\nS: +OK *",
            $"C: auth plain\nS: +\nC: {plain}\nS: +OK *",
            $"C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: {name}\nS: + UGFzc3dvcmQ6\nC: {password}\nS: +OK *",
            "C: AUTH PLAIN\nS: +\nC: *\nS: -ERR Ended *",
            "C: AUTH PLAIN\nS: +\nC: not base64!\nS: -ERR *",
            "C: AUTH PLAIN\nS: +\nC: AAAA AAAA\nS: -ERR *",
            "C: AUTH PLAIN =\nS: -ERR *",
            "C: AUTH PLAIN %%%\nS: -ERR That is not base64",
            "C: AUTH CRAM-MD5\nS: -ERR AUTH takes *",
            "C: AUTH\nS: -ERR AUTH takes *",
            $"C: AUTH PLAIN\nS: +\nC: {new string('A', 4000)}\nS: -ERR *",
            $"C: AUTH PLAIN\nS: +\nC: {new string('A', 5000)}\nS: -ERR *",
        ];
        foreach (var script in scripts)
        {
            await using var conversation = await room.ConverseAsync(signIn: false);
            // An empty challenge is a plus and a space (RFC 5034 §4), which the script's trimming takes off.
            await conversation.PlayAsync(script.Replace("S: +\n", "S: + *\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_maildrop_has_one_session_at_a_time()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var first = await room.ConverseAsync();
        await using var second = await room.ConverseAsync(signIn: false);
        var script = $"C: USER {Pop3Room.User}\nS: +OK *\nC: PASS {Pop3Room.Password}\n";
        await second.PlayAsync(script + "S: -ERR [IN-USE] *");
        await first.PlayAsync("C: QUIT\nS: +OK *");
        Assert.Null(await first.ReadAsync());
        await second.PlayAsync(script + "S: +OK *");
    }

    [Fact]
    public async Task A_client_that_goes_without_QUIT_changes_nothing_and_frees_the_maildrop()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        await using (var first = await room.ConverseAsync())
        {
            await first.PlayAsync("C: DELE 1\nS: +OK *");
            first.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
            first.Socket.Close();
        }
        // The lock goes when the server has noticed; until then the answer is IN-USE.
        string? answer;
        do
        {
            await using var second = await room.ConverseAsync(signIn: false);
            await second.PlayAsync($"C: USER {Pop3Room.User}\nS: +OK *\nC: PASS {Pop3Room.Password}");
            answer = await second.ReadAsync();
        }
        while (answer!.StartsWith("-ERR [IN-USE]", StringComparison.Ordinal));
        Assert.StartsWith("+OK 1 messages", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        await using var conversation = await room.ConverseAsync(signIn: false);
        await conversation.SendAsync($"USER {Pop3Room.User}\r\nPASS {Pop3Room.Password}\r\nSTAT\r\nTOP 1 0\r\nNOOP\r\nDELE 1\r\nQUIT\r\n");
        await conversation.PlayAsync($"""
            S: +OK *
            S: +OK 1 messages *
            S: +OK 1 {Letter.Length}
            S: +OK *
            S: From: bob@example.org
            S: Subject: Hello
            S:
            S: .
            S: +OK *
            S: +OK *
            S: +OK Goodbye
            """);
        Assert.Empty(await room.EntriesAsync());
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nno end", "Subject: x||no end")]
    [InlineData("Subject: x\n\nunix\n.\nlines\n", "Subject: x||unix|..|lines")]
    [InlineData("Subject: only a header\r\n", "Subject: only a header")]
    [InlineData(".starts with a dot\r\n\r\n.", "..starts with a dot||..")]
    [InlineData("\r\nno header", "|no header")]
    [InlineData("a\rb: x\r\n\r\n", "a\rb: x|")]
    public async Task However_a_message_is_shaped_its_end_is_where_it_ends(string message, string expected)
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(message);
        await using var conversation = await room.ConverseAsync();
        await conversation.PlayAsync("C: RETR 1\nS: +OK *");
        Assert.Equal(expected, string.Join('|', await conversation.ReadLinesAsync()));
        await conversation.PlayAsync("C: NOOP\nS: +OK *");
    }

    [Fact]
    public async Task A_message_another_program_removed_is_said_to_be_gone_and_QUIT_is_content()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter, Letter);
        await using var conversation = await room.ConverseAsync();
        var inbox = await room.InboxAsync();
        await room.Mail.StoreFlagsAsync(inbox.Id, [1], Sternpost.Mailboxes.FlagOperation.Add, Sternpost.Mailboxes.MessageFlags.Deleted, [], null, Pop3Room.Cancellation);
        await room.Mail.ExpungeAsync(inbox.Id, [1], Pop3Room.Cancellation);
        await conversation.PlayAsync("""
            C: RETR 1
            S: -ERR Another mail program *
            C: DELE 1
            S: +OK *
            C: DELE 2
            S: +OK *
            C: QUIT
            S: +OK Goodbye
            """);
        Assert.Empty(await room.EntriesAsync());
    }

    [Fact]
    public async Task What_arrives_during_a_session_is_for_the_next()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        await using var conversation = await room.ConverseAsync();
        await room.AppendAsync("Subject: late\r\n\r\n");
        await conversation.PlayAsync("""
            C: STAT
            S: +OK 1 *
            C: DELE 1
            S: +OK *
            C: QUIT
            S: +OK *
            """);
        Assert.Equal(2u, Assert.Single(await room.EntriesAsync()).Uid);
    }

    [Theory]
    [InlineData("RETR")]
    [InlineData("RETR x")]
    [InlineData("RETR 1 2")]
    [InlineData("RETR -1")]
    [InlineData("RETR 99999999999999999999")]
    [InlineData("DELE")]
    [InlineData("TOP 1")]
    [InlineData("TOP 1 -1")]
    [InlineData("TOP 1 1 1")]
    [InlineData("LIST a")]
    [InlineData("XYZW")]
    [InlineData("EXPUNGE")]
    [InlineData("")]
    [InlineData(" STAT")]
    [InlineData("ST\u00c4T")]
    [InlineData("PASS \u00ff")]
    public async Task What_is_no_command_is_an_error_and_no_more(string line)
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        await using var conversation = await room.ConverseAsync();
        await conversation.SendAsync(line + "\r\n");
        Assert.StartsWith("-ERR", await conversation.ReadAsync(), StringComparison.Ordinal);
        await conversation.PlayAsync("C: STAT\nS: +OK 1 *");
    }

    [Fact]
    public async Task Lines_too_long_or_without_CR_are_errors_and_too_many_end_the_session()
    {
        await using var room = await Pop3Room.OpenAsync();
        await using var conversation = await room.ConverseAsync(signIn: false);
        await conversation.SendAsync(new string('x', 100_000) + "\r\nQUIT\n" + "a\rb\r\n");
        await conversation.PlayAsync("S: -ERR The line is too long\nS: -ERR Lines end with CRLF\nS: -ERR Lines end with CRLF");
        await conversation.SendAsync(string.Concat(Enumerable.Repeat("?\r\n", 17)));
        for (var i = 0; i < 16; i++) Assert.Equal("-ERR That is not a command".Length > 0, (await conversation.ReadAsync())!.StartsWith("-ERR", StringComparison.Ordinal));
        Assert.Equal("-ERR Too many commands that are none; goodbye", await conversation.ReadAsync());
        Assert.Null(await conversation.ReadAsync());
    }

    [Fact]
    public async Task A_silent_client_is_cut_off_without_an_update()
    {
        await using var room = await Pop3Room.OpenAsync(new Pop3Options { HostName = "mail.example.com", Idle = TimeSpan.FromMilliseconds(300), SignIn = TimeSpan.FromSeconds(20) });
        await room.AppendAsync(Letter);
        await using var conversation = await room.ConverseAsync();
        await conversation.PlayAsync("C: DELE 1\nS: +OK *");
        Assert.Null(await conversation.ReadAsync());
        Assert.Single(await room.EntriesAsync());
    }

    [Fact]
    public async Task Who_does_not_sign_in_is_cut_off_however_busy()
    {
        await using var room = await Pop3Room.OpenAsync(new Pop3Options { HostName = "mail.example.com", SignIn = TimeSpan.FromMilliseconds(500), MaxFaults = int.MaxValue });
        await using var conversation = await room.ConverseAsync(signIn: false);
        var ended = false;
        for (var i = 0; i < 100_000 && !ended; i++)
        {
            try
            {
                await conversation.SendAsync("CAPA\r\n");
                string? line;
                do line = await conversation.ReadAsync();
                while (line is not (null or "."));
                ended = line is null;
            }
            catch (IOException)
            {
                ended = true;
            }
        }
        Assert.True(ended);
    }

    [Fact]
    public async Task Who_sends_without_waiting_for_answers_is_cut_off_too()
    {
        await using var room = await Pop3Room.OpenAsync(new Pop3Options { HostName = "mail.example.com", SignIn = TimeSpan.FromMilliseconds(500), MaxFaults = int.MaxValue });
        await using var conversation = await room.ConverseAsync(signIn: false);
        var flood = string.Concat(Enumerable.Repeat("CAPA\r\n", 200));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var sending = Task.Run(async () =>
        {
            try
            {
                while (!stop.IsCancellationRequested) await conversation.SendAsync(flood);
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        });
        var answers = new byte[4096];
        try
        {
            // Octets, not lines: the connection may end within one.
            while (await conversation.Socket.ReceiveAsync(answers, stop.Token) > 0) { }
        }
        catch (SocketException)
        {
            // Reset with answers under way.
        }
        Assert.True(await sending);
    }

    [Fact]
    public async Task A_server_that_stops_says_so_and_deletes_nothing()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        await using var conversation = await room.ConverseAsync();
        await conversation.PlayAsync("C: DELE 1\nS: +OK *");
        await room.StopAsync();
        await conversation.PlayAsync("S: -ERR [SYS/TEMP] The server is shutting down; *");
        Assert.Null(await conversation.ReadAsync());
        Assert.Single(await room.EntriesAsync());
    }

    [Fact]
    public async Task Rubbish_gets_answers_or_the_end_and_never_a_hang()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.AppendAsync(Letter);
        string[] pieces = ["USER ", "PASS ", "AUTH PLAIN ", "AUTH SCRAM-SHA-256 =", "CAPA", "STAT", "LIST ", "RETR 1", "TOP 1 ", "UIDL", "RSET", "NOOP", "\r\n", "\n", "\r", "\0", "=", "*", " ", "1", "99", "\u00ff", "biws"];
        await Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 40].Select(string.Concat).SampleAsync(
            async rubbish =>
            {
                await using var conversation = await room.ConverseAsync(signIn: false);
                await conversation.SendAsync(rubbish + "\r\nQUIT\r\nQUIT\r\n");
                while (await conversation.ReadAsync() is not null) { }
            },
            iter: 200, threads: 2);
    }

    [Fact]
    public async Task A_suspended_account_cannot_sign_in()
    {
        await using var room = await Pop3Room.OpenAsync();
        await room.Directory.SetStatusAsync(EmailAddress.Parse(Pop3Room.User), AccountStatus.Suspended, Pop3Room.Cancellation);
        await using var conversation = await room.ConverseAsync(signIn: false);
        await conversation.PlayAsync($"C: USER {Pop3Room.User}\nS: +OK *\nC: PASS {Pop3Room.Password}\nS: -ERR [AUTH] *");
    }
}
