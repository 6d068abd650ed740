using System.IO.Compression;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Fronts;
using Sternpost.Fronts.Spamd;

namespace Sternpost.Unit.Fronts;

/// <summary>The spamd protocol as its clients speak it.</summary>
public sealed class SpamdFrontTests
{
    private static SpamdFront Front(FrontTeacher? teacher = null) =>
        new(FrontServer.Panel(), FrontServer.Options, teacher, TimeProvider.System, NullLoggerFactory.Instance);

    private static byte[] Request(string head, string message) =>
        Encoding.UTF8.GetBytes($"{head}\r\nContent-length: {Encoding.UTF8.GetByteCount(message)}\r\n\r\n{message}");

    [Fact]
    public async Task Ping_is_answered()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        Assert.Equal("SPAMD/1.5 0 PONG\r\n", await server.AskAsync("PING SPAMC/1.5\r\n\r\n"u8.ToArray()));
    }

    [Fact]
    public async Task Check_says_false_below_five_and_true_above()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        Assert.Matches(@"^SPAMD/1\.5 0 EX_OK\r\nSpam: False ; -?[0-9.]+ / 5\.0\r\n\r\n$", await server.AskAsync(Request("CHECK SPAMC/1.5", FrontMail.Wanted)));
        var refused = await server.AskAsync(Request("CHECK SPAMC/1.5", FrontMail.Virus));
        Assert.Matches(@"^SPAMD/1\.5 0 EX_OK\r\nSpam: True ; [0-9.]+ / 5\.0\r\n\r\n$", refused);
        Assert.True(double.Parse(refused.Split("; ")[1].Split(" /")[0], System.Globalization.CultureInfo.InvariantCulture) >= 15);
    }

    [Fact]
    public async Task Symbols_lists_findings()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var reply = await server.AskAsync(Request("SYMBOLS SPAMC/1.5", FrontMail.Virus));
        var body = reply.Split("\r\n\r\n")[1];
        Assert.Contains($"Content-length: {body.Length}\r\n", reply);
        Assert.Contains(",", body);
        Assert.DoesNotContain(" ", body);
    }

    [Fact]
    public async Task Report_for_clients_before_1_3_begins_with_score_and_threshold()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        Assert.Matches(@"^SPAMD/1\.1 0 EX_OK\r\nContent-length: [0-9]+\r\n\r\n[0-9.]+/5\.0\r\n", await server.AskAsync(Request("REPORT SPAMC/1.2\r\nUser: bob", FrontMail.Virus)));
    }

    [Fact]
    public async Task Process_marks_the_message_removes_forged_marks_and_leaves_the_rest()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var reply = await server.AskAsync(Request("PROCESS SPAMC/1.5", FrontMail.Virus));
        var message = reply[(reply.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.StartsWith("X-Spam-Flag: YES\n", message);
        Assert.DoesNotContain("No, forged", message);
        Assert.DoesNotContain("\r", message);
        Assert.EndsWith(FrontMail.Virus[FrontMail.Virus.IndexOf("MIME-Version", StringComparison.Ordinal)..], message);
    }

    [Fact]
    public async Task A_separator_of_mbox_files_stays_the_first_line()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var reply = await server.AskAsync(Request("PROCESS SPAMC/1.5", "From MAILER-DAEMON Thu Nov 26 09:20:33 2026\n" + FrontMail.Wanted));
        Assert.Contains("\r\n\r\nFrom MAILER-DAEMON Thu Nov 26 09:20:33 2026\nX-Spam-", reply);
    }

    [Fact]
    public async Task Headers_answers_the_header_alone()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var reply = await server.AskAsync(Request("HEADERS SPAMC/1.5", FrontMail.Wanted));
        Assert.EndsWith("charset=utf-8\n\n", reply);
        Assert.Contains("X-Spam-Status: No, score=", reply);
    }

    [Fact]
    public async Task A_compressed_message_is_judged_like_the_plain_one()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var packed = new MemoryStream();
        await using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(Encoding.UTF8.GetBytes(FrontMail.Wanted));
        byte[] request = [.. Encoding.ASCII.GetBytes($"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: {packed.Length}\r\n\r\n"), .. packed.ToArray()];
        Assert.Equal(await server.AskAsync(Request("CHECK SPAMC/1.5", FrontMail.Wanted)), await server.AskAsync(request));
    }

    [Fact]
    public async Task A_bomb_in_zlib_is_refused()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        var packed = new MemoryStream();
        await using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(new byte[FrontServer.Options.MaxMessage + 1]);
        byte[] request = [.. Encoding.ASCII.GetBytes($"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: {packed.Length}\r\n\r\n"), .. packed.ToArray()];
        Assert.StartsWith("SPAMD/1.5 65 ", await server.AskAsync(request));
    }

    [Fact]
    public async Task A_message_shorter_than_promised_is_an_error()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        Assert.StartsWith("SPAMD/1.5 76 ", await server.AskAsync("CHECK SPAMC/1.5\r\nContent-length: 9999\r\n\r\nshort"u8.ToArray()));
    }

    [Fact]
    public async Task A_message_larger_than_is_judged_is_refused_before_it_is_read()
    {
        await using var server = await FrontServer.StartAsync(Front().ServeAsync);
        Assert.StartsWith("SPAMD/1.5 98 ", await server.AskAsync("CHECK SPAMC/1.5\r\nContent-length: 2000000000\r\n\r\n"u8.ToArray()));
    }

    [Theory]
    [InlineData("Message-class: spam\r\nSet: local", FrontLesson.Spam, "DidSet: local")]
    [InlineData("Message-class: ham\r\nSet: local", FrontLesson.Ham, "DidSet: local")]
    [InlineData("Remove: local", FrontLesson.Forget, "DidRemove: local")]
    [InlineData("Message-class: spam\r\nSet: local, remote", FrontLesson.Spam, "DidSet: local")]
    public async Task Tell_teaches(string fields, FrontLesson expected, string answer)
    {
        var taught = new List<(FrontLesson Lesson, string? User, string Message)>();
        await using var server = await FrontServer.StartAsync(Front((message, lesson, user, _) =>
        {
            taught.Add((lesson, user, Encoding.UTF8.GetString(message.Span)));
            return ValueTask.FromResult(true);
        }).ServeAsync);
        var reply = await server.AskAsync(Request($"TELL SPAMC/1.5\r\nUser: bob@example.net\r\n{fields}", FrontMail.Wanted));
        Assert.Contains(answer + "\r\n", reply);
        Assert.Equal([(expected, "bob@example.net", FrontMail.Wanted.Replace("\n", "\r\n", StringComparison.Ordinal))], taught);
    }

    [Fact]
    public async Task Rubbish_is_answered_with_a_protocol_error_and_the_server_lives() =>
        await Gen.String[0, 200].Select(text => Encoding.UTF8.GetBytes(text + "\r\n\r\n")).Array[20].SampleAsync(
            async requests =>
            {
                await using var server = await FrontServer.StartAsync(Front().ServeAsync);
                foreach (var request in requests)
                {
                    var reply = await server.AskAsync(request);
                    Assert.True(reply.Length == 0 || reply.StartsWith("SPAMD/1.5 76 ", StringComparison.Ordinal), reply);
                }
                Assert.Equal("SPAMD/1.5 0 PONG\r\n", await server.AskAsync("PING SPAMC/1.5\r\n\r\n"u8.ToArray()));
            },
            iter: 3,
            threads: 1);
}
