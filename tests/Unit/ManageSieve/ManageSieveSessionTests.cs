using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sternpost.Accounts;
using Sternpost.Accounts.Scripts;
using Sternpost.Messages.Addresses;
using Sternpost.Sieve;

namespace Sternpost.Unit.ManageSieve;

/// <summary>Conversations of RFC 5804, as its examples have them in shape, and those that a good client never has.</summary>
public sealed class ManageSieveSessionTests
{
    [Fact]
    public async Task The_greeting_names_what_the_server_can_and_TLS_comes_first()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var clear = await house.ConnectAsync();
        await clear.SendAsync("CAPABILITY\r\n");
        var before = await ManageSieveHouse.AnswerAsync(clear);
        Assert.Contains("\"IMPLEMENTATION\" \"Sternpost\"", before);
        Assert.Contains("\"VERSION\" \"1.0\"", before);
        Assert.Contains("\"SASL\" \"\"", before);
        Assert.Contains("\"STARTTLS\"", before);
        Assert.Contains("\"NOTIFY\" \"mailto\"", before);
        Assert.Contains($"\"SIEVE\" \"{string.Join(' ', ScriptCompiler.Extensions)}\"", before);
        Assert.Contains($"\"MAXREDIRECTS\" \"{ScriptCompiler.MaxRedirects}\"", before);
        Assert.DoesNotContain(before, line => line.StartsWith("\"OWNER\"", StringComparison.Ordinal));
        await clear.PlayAsync($"""
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain()}"
            S: NO (ENCRYPT-NEEDED) *
            C: LISTSCRIPTS
            S: NO *
            C: starttls
            S: OK *
            """);
        await clear.StartTlsAsync();
        // Unasked: RFC 5804 §2.2.
        var after = await ManageSieveHouse.AnswerAsync(clear);
        Assert.Contains("\"SASL\" \"SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\"", after);
        Assert.DoesNotContain("\"STARTTLS\"", after);
        await clear.PlayAsync($"""
            C: STARTTLS
            S: NO *
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain()}"
            S: OK "Signed in"
            """);
        await clear.SendAsync("CAPABILITY\r\n");
        Assert.Contains($"\"OWNER\" \"{ManageSieveHouse.User}\"", await ManageSieveHouse.AnswerAsync(clear));
    }

    [Fact]
    public async Task What_is_sent_in_clear_behind_STARTTLS_is_never_a_command()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConnectAsync();
        await conversation.SendAsync("STARTTLS\r\nNOOP \"smuggled\"\r\n");
        Assert.StartsWith("OK", await conversation.ReadAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(conversation.StartTlsAsync);
    }

    [Fact]
    public async Task Scripts_come_and_go()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await conversation.PlayAsync("""
            C: HAVESPACE "one" 7
            S: OK *
            C: PUTSCRIPT "one" {7+}
            C: keep;
            C:
            S: OK "Stored"
            C: PutScript {3+}
            C: two "stop;"
            S: OK "Stored"
            C: LISTSCRIPTS
            S: "one"
            S: "two"
            S: OK *
            C: SETACTIVE "one"
            S: OK *
            C: LISTSCRIPTS
            S: "one" ACTIVE
            S: "two"
            S: OK *
            C: GETSCRIPT "one"
            S: {7}
            S: keep;
            S:
            S: OK *
            C: DELETESCRIPT "one"
            S: NO (ACTIVE) *
            C: RENAMESCRIPT "one" "two"
            S: NO (ALREADYEXISTS) *
            C: RENAMESCRIPT "one" "thr\"ee"
            S: OK *
            C: LISTSCRIPTS
            S: "thr\"ee" ACTIVE
            S: "two"
            S: OK *
            C: SETACTIVE ""
            S: OK *
            C: SETACTIVE {0+}
            C:
            S: OK *
            C: DELETESCRIPT "thr\"ee"
            S: OK *
            C: GETSCRIPT "thr\"ee"
            S: NO (NONEXISTENT) *
            C: SETACTIVE "thr\"ee"
            S: NO (NONEXISTENT) *
            C: DELETESCRIPT "thr\"ee"
            S: NO (NONEXISTENT) *
            C: RENAMESCRIPT "thr\"ee" "one"
            S: NO (NONEXISTENT) *
            C: LOGOUT
            S: OK *
            """);
        Assert.Null(await conversation.ReadAsync());
        Assert.Equal("two", Assert.Single(await house.Scripts.ListAsync(await house.AliceAsync(), default)).Name.Value);
    }

    [Fact]
    public async Task A_script_that_is_not_sound_is_refused_with_the_line_and_replaces_nothing()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await conversation.PlayAsync("""
            C: PUTSCRIPT "one" "keep;"
            S: OK *
            """);
        foreach (var command in (string[])["PUTSCRIPT \"one\"", "CHECKSCRIPT"])
        {
            await conversation.SendAsync($"{command} {{25+}}\r\nkeep;\r\nif true {{ keep; \r\n\r\n");
            Assert.Matches("^NO \"line [23]: ", await conversation.ReadAsync());
        }
        await conversation.SendAsync("CHECKSCRIPT \"require \\\"no-such-extension\\\";\"\r\n");
        var refusal = await conversation.ReadAsync();
        Assert.StartsWith("NO \"line 1: ", refusal, StringComparison.Ordinal);
        Assert.Contains("no-such-extension", refusal, StringComparison.Ordinal);
        await conversation.PlayAsync("""
            C: GETSCRIPT "one"
            S: {5}
            S: keep;
            S: OK *
            C: CHECKSCRIPT "keep;"
            S: OK *
            """);
    }

    [Fact]
    public async Task Octets_that_are_not_UTF8_are_no_name_and_come_back_from_a_script_as_they_went()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await conversation.SendAsync([.. "PUTSCRIPT \"one\" {6+}\r\n#"u8, 0xFF, .. "\r\n\r\n\r\n"u8]);
        Assert.StartsWith("OK", await conversation.ReadAsync(), StringComparison.Ordinal);
        await conversation.PlayAsync("""
            C: GETSCRIPT "one"
            S: {6}
            S: #\u00FF
            S:
            S:
            S: OK *
            """.Replace("\\u00FF", "\u00FF", StringComparison.Ordinal));
        await conversation.SendAsync([.. "PUTSCRIPT {1+}\r\n"u8, 0xFF, .. " \"keep;\"\r\n"u8]);
        Assert.StartsWith("NO", await conversation.ReadAsync(), StringComparison.Ordinal);
        Assert.Single(await house.Scripts.ListAsync(await house.AliceAsync(), default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0085b")]
    [InlineData("a\u2028b")]
    public async Task Names_that_RFC_5804_forbids_are_refused(string name)
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        foreach (var command in (string[])["PUTSCRIPT \"{0}\" \"keep;\"", "HAVESPACE \"{0}\" 5", "RENAMESCRIPT \"{0}\" \"x\"", "GETSCRIPT \"{0}\"", "DELETESCRIPT \"{0}\""])
        {
            await conversation.SendAsync(Encoding.UTF8.GetBytes(command.Replace("{0}", name, StringComparison.Ordinal) + "\r\n"));
            Assert.StartsWith("NO", await conversation.ReadAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Quotas_are_told_as_such()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await conversation.PlayAsync($"""
            C: HAVESPACE "one" {ScriptStore.MaxOctets + 1}
            S: NO (QUOTA/MAXSIZE) *
            C: HAVESPACE "one" {ScriptStore.MaxOctets}
            S: OK *
            C: PUTSCRIPT "empty" ""
            S: NO *
            """);
        await conversation.SendAsync($"PUTSCRIPT \"one\" {{{ScriptStore.MaxOctets + 1000}+}}\r\n{new string('#', ScriptStore.MaxOctets + 1000)}\r\n");
        Assert.StartsWith("NO (QUOTA/MAXSIZE)", await conversation.ReadAsync(), StringComparison.Ordinal);
        var largest = "#" + new string('x', ScriptStore.MaxOctets - 3) + "\r\n";
        await conversation.SendAsync($"PUTSCRIPT \"one\" {{{largest.Length}+}}\r\n{largest}\r\n");
        Assert.StartsWith("OK", await conversation.ReadAsync(), StringComparison.Ordinal);
        for (var i = 1; i < ScriptStore.MaxScripts; i++) await conversation.PlayAsync($"""
            C: PUTSCRIPT "{i}" "keep;"
            S: OK *
            """);
        await conversation.PlayAsync("""
            C: PUTSCRIPT "more" "keep;"
            S: NO (QUOTA/MAXSCRIPTS) *
            C: HAVESPACE "more" 5
            S: NO (QUOTA/MAXSCRIPTS) *
            C: HAVESPACE "one" 5
            S: OK *
            """);
    }

    [Fact]
    public async Task Tags_come_back_whatever_is_in_them()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConnectAsync();
        await conversation.PlayAsync("""
            C: NOOP
            S: OK "Still here"
            C: NOOP "STARTTLS-SYNC-42"
            S: OK (TAG "STARTTLS-SYNC-42") *
            C: NOOP "a\"b\\c"
            S: OK (TAG "a\"b\\c") *
            C: NOOP {4+}
            C: a
            C: b
            S: OK (TAG {4}
            S: a
            S: b) *
            """);
    }

    [Fact]
    public async Task Commands_in_one_packet_are_answered_in_their_order()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await conversation.SendAsync(string.Concat(Enumerable.Range(0, 40).Select(i => $"PUTSCRIPT \"{i}\" {{5+}}\r\nkeep;\r\nNOOP \"{i}\"\r\n")));
        for (var i = 0; i < 40; i++)
        {
            Assert.StartsWith("OK \"Stored\"", await conversation.ReadAsync(), StringComparison.Ordinal);
            Assert.StartsWith($"OK (TAG \"{i}\")", await conversation.ReadAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SCRAM_signs_in_by_RFC_5804s_exchange_and_its_last_message_comes_with_OK()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync(signIn: false);
        var bare = $"n={ManageSieveHouse.User},r=clientnonce";
        await conversation.SendAsync($"AUTHENTICATE \"SCRAM-SHA-256\" \"{Base64("n,," + bare)}\"\r\n");
        var first = Text(await conversation.ReadAsync());
        var parts = first.Split(',').ToDictionary(part => part[0], part => part[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(ManageSieveHouse.Password), Convert.FromBase64String(parts['s']), int.Parse(parts['i']), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var without = $"c=biws,r={parts['r']}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"{bare},{first},{without}"));
        var proof = Convert.ToBase64String([.. clientKey.Zip(signature, (a, b) => (byte)(a ^ b))]);
        var final = Base64($"{without},p={proof}");
        await conversation.SendAsync($"{{{final.Length}+}}\r\n{final}\r\n");
        var end = await conversation.ReadAsync();
        Assert.StartsWith("OK (SASL \"", end, StringComparison.Ordinal);
        var expected = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), Encoding.UTF8.GetBytes($"{bare},{first},{without}"));
        Assert.Contains(Base64("v=" + Convert.ToBase64String(expected)), end, StringComparison.Ordinal);
        await conversation.PlayAsync($"""
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain()}"
            S: NO *
            """);
    }

    [Fact]
    public async Task An_exchange_can_be_cancelled_and_nonsense_ends_it()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync(signIn: false);
        await conversation.PlayAsync($"""
            C: AUTHENTICATE "PLAIN"
            S: ""
            C: "*"
            S: NO "Cancelled"
            C: AUTHENTICATE "PLAIN"
            S: ""
            C: "not base64"
            S: NO *
            C: AUTHENTICATE "PLAIN" "@"
            S: NO *
            C: AUTHENTICATE "GSSAPI"
            S: NO *
            C: AUTHENTICATE "PLAIN"
            S: ""
            C: NOOP
            S: NO *
            C: AUTHENTICATE "plain"
            S: ""
            C: "{ManageSieveHouse.Plain()}"
            S: OK *
            """);
    }

    [Fact]
    public async Task Too_many_wrong_passwords_end_the_connection()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { FailuresAllowed = 3 });
        await using var conversation = await house.ConverseAsync(signIn: false);
        await conversation.PlayAsync($"""
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain("wrong one")}"
            S: NO "The name or the password is wrong"
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain("wrong two")}"
            S: NO "The name or the password is wrong"
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain("wrong three")}"
            S: BYE *
            """);
        Assert.Null(await conversation.ReadAsync());
    }

    [Fact]
    public async Task Who_has_signed_out_must_sign_in_again()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        Assert.Equal(1, house.Sessions.Count);
        await conversation.PlayAsync($"""
            C: UNAUTHENTICATE
            S: OK *
            C: UNAUTHENTICATE
            S: NO *
            C: LISTSCRIPTS
            S: NO *
            """);
        Assert.Equal(0, house.Sessions.Count);
        await conversation.PlayAsync($"""
            C: AUTHENTICATE "PLAIN" "{ManageSieveHouse.Plain()}"
            S: OK *
            C: LISTSCRIPTS
            S: OK *
            """);
        Assert.Equal(1, house.Sessions.Count);
    }

    [Fact]
    public async Task A_suspended_account_is_put_out()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        await house.Directory.SetStatusAsync(EmailAddress.Parse(ManageSieveHouse.User), AccountStatus.Suspended, default);
        house.Sessions.Start();
        Assert.StartsWith("BYE \"This sign-in is no longer valid", await conversation.ReadAsync(), StringComparison.Ordinal);
        Assert.Null(await conversation.ReadAsync());
    }

    [Fact]
    public async Task A_server_that_goes_down_says_goodbye()
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConverseAsync();
        var stopping = house.StopAsync();
        Assert.StartsWith("BYE (TRYLATER)", await conversation.ReadAsync(), StringComparison.Ordinal);
        Assert.Null(await conversation.ReadAsync());
        await stopping;
    }

    [Fact]
    public async Task Who_is_silent_too_long_is_told_goodbye()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { LoginTimeout = TimeSpan.FromMilliseconds(500) });
        await using (var stranger = await house.ConnectAsync()) Assert.StartsWith("BYE \"Too long without signing in", await stranger.ReadAsync(), StringComparison.Ordinal);
        await using var other = await ManageSieveHouse.OpenAsync(options => options with { IdleTimeout = TimeSpan.FromMilliseconds(500) });
        await using var user = await other.ConverseAsync();
        Assert.StartsWith("BYE \"Too long without a command", await user.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_are_forgiven_a_few_times()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { ErrorsAllowed = 5 });
        await using var conversation = await house.ConnectAsync();
        await conversation.PlayAsync("""
            C: WHAT
            S: NO "There is no such command"
            C: NOOP "a" "b"
            S: NO *
            C: NOOP 5
            S: NO *
            C: ((((
            S: NO *
            C: GETSCRIPT "one"
            S: NO *
            S: BYE *
            """);
        Assert.Null(await conversation.ReadAsync());
    }

    [Fact]
    public async Task Commands_without_signing_in_are_counted()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { CommandsBeforeLogin = 3 });
        await using var conversation = await house.ConnectAsync();
        await conversation.PlayAsync("""
            C: NOOP
            S: OK *
            C: NOOP
            S: OK *
            C: NOOP
            S: OK *
            C: NOOP
            S: BYE *
            """);
    }

    [Theory]
    [InlineData("NOOP {5000+}\r\n", 5000, "NO")]
    [InlineData("NOOP {99999999999+}\r\n", 0, "BYE")]
    [InlineData("NOOP {17000000+}\r\n", 0, "BYE")]
    [InlineData("(( {5000+}\r\n", 5000, "NO")]
    public async Task A_stranger_cannot_make_the_server_hold_much(string announcement, int octets, string answer)
    {
        await using var house = await ManageSieveHouse.OpenAsync();
        await using var conversation = await house.ConnectAsync();
        await conversation.SendAsync(announcement + new string('x', octets) + (octets > 0 ? "\r\n" : ""));
        Assert.StartsWith(answer, await conversation.ReadAsync(), StringComparison.Ordinal);
        if (answer == "NO") await conversation.PlayAsync("""
            C: NOOP
            S: OK *
            """);
    }

    [Fact]
    public async Task What_all_sessions_receive_at_once_is_bounded()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { ScriptMemory = 100_000 });
        await using var first = await house.ConverseAsync();
        await using var second = await house.ConverseAsync();
        await first.SendAsync("PUTSCRIPT \"one\" {60000+}\r\n#");
        var script = "#" + new string('x', 59_997) + "\r\n";
        // Until the first has announced its script, the second is not refused.
        string? answer;
        do
        {
            await second.SendAsync($"PUTSCRIPT \"two\" {{60000+}}\r\n{script}\r\n");
            answer = await second.ReadAsync();
        }
        while (answer!.StartsWith("OK", StringComparison.Ordinal));
        Assert.StartsWith("NO (TRYLATER)", answer, StringComparison.Ordinal);
        await first.SendAsync(script[1..] + "\r\n");
        Assert.StartsWith("OK", await first.ReadAsync(), StringComparison.Ordinal);
        await second.SendAsync($"PUTSCRIPT \"two\" {{60000+}}\r\n{script}\r\n");
        Assert.StartsWith("OK", await second.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_answers_sense_after_any_nonsense()
    {
        await using var house = await ManageSieveHouse.OpenAsync(options => options with { ErrorsAllowed = int.MaxValue / 20, CommandsBeforeLogin = int.MaxValue });
        var conversations = new List<string>();
        string[] words = ["NOOP", "PUTSCRIPT", "AUTHENTICATE \"PLAIN\"", "STARTTLS \"x\"", "\"a\"", " ", "{3+}\r\nabc", "{0+}\r\n", "\"", "\\", "\r\n", "\n", "\r", "\0", "9"];
        Gen.OneOf(Gen.Int[0, words.Length - 1].Select(i => words[i]), Gen.Char.Select(character => ((char)(character % 256)).ToString()))
            .Array[1, 20].Select(string.Concat).Sample(text => conversations.Add(text), iter: 200, threads: 1);
        await using var conversation = await house.ConnectAsync();
        foreach (var text in conversations)
        {
            // Nonsense may announce octets: three hundred of an empty line end whatever it began, if it is not more than that.
            if (System.Text.RegularExpressions.Regex.IsMatch(text, "[0-9]{3,}\\+}|STARTTLS ?\r|LOGOUT")) continue;
            var mark = Guid.NewGuid().ToString("n");
            await conversation.SendAsync(text + string.Concat(Enumerable.Repeat("\r\n", 60)) + $"NOOP \"{mark}\"\r\n");
            string? line;
            do line = await conversation.ReadAsync();
            while (line is not null && !line.Contains(mark, StringComparison.Ordinal));
            Assert.NotNull(line);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(string? quoted) => Encoding.UTF8.GetString(Convert.FromBase64String(quoted!.Trim('"')));
}
