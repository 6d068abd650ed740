using System.Net.Sockets;

namespace Sternpost.Unit.Imap;

public class SessionTests
{
    [Fact]
    public async Task Before_tls_nothing_is_offered_but_tls()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await Talk.ConnectAsync(house.ClearPort, tls: false);
        Assert.Equal("* OK [CAPABILITY IMAP4rev2 IMAP4rev1 LITERAL+ ID ENABLE SASL-IR STARTTLS LOGINDISABLED] mail.example.test Sternpost", talk.Greeting);
        await talk.SayAsync("""
            C: a LOGIN alice@example.test wrong
            S: a NO [PRIVACYREQUIRED] …
            C: b AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
            S: b NO [PRIVACYREQUIRED] …
            C: c SELECT INBOX
            S: c BAD Sign in first
            C: d STARTTLS
            S: d OK …
            """);
        await talk.StartTlsAsync();
        await talk.SayAsync($"""
            C: e CAPABILITY
            S: * CAPABILITY IMAP4rev2 IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN
            S: e OK …
            C: f STARTTLS
            S: f BAD …
            C: g LOGIN alice@example.test "{ImapHouse.Password}"
            S: g OK [CAPABILITY … IDLE … APPENDLIMIT=50000000] …
            C: h LOGOUT
            S: * BYE …
            S: h OK …
            """);
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task What_is_pipelined_behind_starttls_is_never_read_as_a_command()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await Talk.ConnectAsync(house.ClearPort, tls: false);
        await talk.SendRawAsync("a STARTTLS\r\nb LOGIN alice@example.test x\r\n");
        Assert.StartsWith("a OK", await talk.LineAsync());
        // The handshake fails on what was pipelined; no answer to b may ever come.
        while (await talk.TryLineAsync() is { } line) Assert.DoesNotContain("b ", line);
    }

    [Fact]
    public async Task Every_way_to_sign_in_works()
    {
        await using var house = await ImapHouse.OpenAsync();
        var plain = Convert.ToBase64String("\0alice@example.test\0correct horse"u8);
        var scripts = new[]
        {
            "C: a LOGIN \"alice@example.test\" \"correct horse\"",
            "C: a LOGIN {18}\nS: + …\nC: alice@example.test {13}\nS: + …\nC: correct horse",
            "C: a LOGIN {18+}\nC: alice@example.test {13+}\nC: correct horse",
            $"C: a AUTHENTICATE PLAIN {plain}",
            $"C: a AUTHENTICATE plain\nS: + …\nC: {plain}",
            $"C: a AUTHENTICATE LOGIN\nS: + …\nC: {Convert.ToBase64String("alice@example.test"u8)}\nS: + …\nC: {Convert.ToBase64String("correct horse"u8)}",
        };
        foreach (var script in scripts)
        {
            await using var talk = await house.ConnectAsync();
            await talk.SayAsync(script + "\nS: a OK [CAPABILITY …");
        }
    }

    [Fact]
    public async Task A_failed_sign_in_says_one_thing_whatever_was_wrong_and_the_last_allowed_ends_the_connection()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { FailuresAllowed = 4 });
        await using var talk = await house.ConnectAsync();
        await talk.SayAsync("""
            C: a LOGIN alice@example.test wrong
            S: a NO [AUTHENTICATIONFAILED] The name or the password is wrong
            C: b LOGIN nobody@example.test wrong
            S: b NO [AUTHENTICATIONFAILED] The name or the password is wrong
            C: c AUTHENTICATE PLAIN
            S: +…
            C: *
            S: c BAD …
            C: d AUTHENTICATE DIGEST-MD5
            S: d NO [CANNOT] …
            C: e LOGIN "" ""
            S: e NO …
            C: f LOGIN alice@example.test wrong
            S: f NO …
            S: * BYE …
            """);
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task Too_many_errors_end_the_connection()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.ConnectAsync();
        for (var i = 0; i < 9; i++) await talk.SayAsync($"C: {i} GUESS\nS: {i} BAD There is no such command");
        await talk.SayAsync("C: x GUESS\nS: x BAD …\nS: * BYE Too many errors");
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task Lines_are_ended_by_crlf_alone()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.ConnectAsync();
        await talk.SendRawAsync("a NOOP\nb NOOP\r\n");
        await talk.SayAsync("S: * BAD …\nS: b OK …");
        await talk.SendRawAsync("c NO\rOP\r\nd NOOP\r\n");
        await talk.SayAsync("S: * BAD …\nS: d OK …");
        await talk.SendRawAsync("e NOOP " + new string('x', 70_000) + "\r\nf NOOP\r\n");
        await talk.SayAsync("S: * BAD …\nS: f OK …");
    }

    [Fact]
    public async Task Literals_before_sign_in_are_small()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.ConnectAsync();
        await talk.SayAsync("""
            C: a LOGIN {4097}
            S: a BAD …
            C: b NOOP
            S: b OK …
            """);
        // Sent unasked it is skipped, and the session goes on.
        await talk.SendRawAsync("c LOGIN {5000+}\r\n" + new string('x', 5000) + " y\r\nd NOOP\r\n");
        await talk.SayAsync("S: c BAD …\nS: d OK …");
        await talk.SendRawAsync("e LOGIN {999999999999+}\r\n");
        await talk.SayAsync("S: * BYE [TOOBIG] …");
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task A_client_that_does_not_sign_in_is_dismissed()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { LoginTimeout = TimeSpan.FromMilliseconds(300) });
        await using var talk = await house.ConnectAsync();
        await talk.SayAsync("C: a NOOP\nS: a OK …\nS: * BYE Too long without signing in");
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task A_command_begun_does_not_stretch_the_time_for_signing_in()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { LoginTimeout = TimeSpan.FromMilliseconds(500) });
        await using var talk = await house.ConnectAsync();
        await talk.SayAsync("C: a LOGIN {10}\nS: + …\nS: * BYE Too long without signing in");
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task An_idle_client_is_logged_out()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("S: * BYE Too long without a command");
        Assert.Null(await talk.TryLineAsync());
    }

    [Fact]
    public async Task A_server_that_stops_says_goodbye()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var waiting = await house.SignInAsync();
        await using var idling = await house.SelectAsync();
        await idling.SayAsync("C: i IDLE\nS: + …");
        var stopping = house.StopAsync(TimeSpan.FromSeconds(10));
        await waiting.SayAsync("S: * BYE The server is shutting down");
        await idling.SayAsync("S: * BYE The server is shutting down");
        await stopping;
    }

    [Fact]
    public async Task Pipelined_commands_are_all_answered_in_order()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        await talk.SendRawAsync(string.Concat(Enumerable.Range(0, 1000).Select(i => $"p{i} NOOP\r\n")));
        for (var i = 0; i < 1000; i++) Assert.StartsWith($"p{i} OK", await talk.LineAsync());
    }

    [Fact]
    public async Task A_flood_of_commands_is_slowed_down()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { CommandsPerSecond = 20 });
        await using var talk = await house.SignInAsync();
        var begun = System.Diagnostics.Stopwatch.StartNew();
        await talk.SendRawAsync(string.Concat(Enumerable.Range(0, 110).Select(i => $"p{i} NOOP\r\n")));
        for (var i = 0; i < 110; i++) await talk.LineAsync();
        Assert.True(begun.Elapsed > TimeSpan.FromMilliseconds(300), $"{begun.Elapsed}");
    }

    [Fact]
    public async Task The_small_commands_answer()
    {
        await using var house = await ImapHouse.OpenAsync(quota: 10_000_000);
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a ID ("name" "Test" "version" NIL)
            S: * ID ("name" "Sternpost")
            S: a OK …
            C: b ID NIL
            S: * ID …
            S: b OK …
            C: c NAMESPACE
            S: * NAMESPACE (("" "/")) NIL NIL
            S: c OK …
            C: d GETQUOTAROOT INBOX
            S: * QUOTAROOT "INBOX" ""
            S: * QUOTA "" (STORAGE 0 9765)
            S: d OK …
            C: e GETQUOTA ""
            S: * QUOTA "" (STORAGE 0 9765)
            S: e OK …
            C: f GETQUOTA other
            S: f NO [NONEXISTENT] …
            C: g ENABLE CONDSTORE X-UNKNOWN UTF8=ACCEPT
            S: * ENABLED CONDSTORE UTF8=ACCEPT
            S: g OK …
            C: h NOOP extra
            S: h BAD …
            C: i UID NOOP
            S: i BAD …
            C: j FETCH 1 FLAGS
            S: j BAD Select a mailbox first
            C: k LOGIN a b
            S: k BAD …
            C: * NOOP
            S: * BAD …
            """);
    }

    [Fact]
    public async Task A_client_that_vanishes_in_the_middle_of_a_literal_harms_nobody()
    {
        await using var house = await ImapHouse.OpenAsync();
        var talk = await house.SignInAsync();
        await talk.SayAsync("C: a APPEND INBOX {1000}\nS: + …");
        await talk.SendRawAsync("half a mess");
        await talk.DisposeAsync();
        await using var other = await house.SelectAsync();
        await other.SayAsync("C: a STATUS INBOX (MESSAGES)\nS: * STATUS \"INBOX\" (MESSAGES 0)\nS: a OK …");
    }
}
