using System.Text;
using CsCheck;
using Sternpost.Unit.Smtp.Harness;

namespace Sternpost.Unit.Smtp;

/// <summary>Whatever a client sends, in whatever pieces: the server answers in order, in the form of replies, and never with an error of its own.</summary>
public sealed class AnySessionTests
{
    private static readonly string[] Pieces =
    [
        "EHLO client.example\r\n", "HELO client.example\r\n", "EHLO\r\n", "MAIL FROM:<a@outside.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
        "RCPT TO:<alice@here.test>\r\n", "RCPT TO:<nobody@here.test> NOTIFY=NEVER\r\n", "RCPT TO:<Postmaster>\r\n", "DATA\r\n", "Subject: x\r\n\r\n", ".\r\n", "..\r\n", "text\n",
        "\r", "\n", "\0", "BDAT 5\r\n12345", "BDAT 4 LAST\r\na\r\n\n", "BDAT 0 LAST\r\n", "BDAT x\r\n", "RSET\r\n", "NOOP\r\n", "VRFY a\r\n", "HELP\r\n", "AUTH PLAIN\r\n", "STARTTLS x\r\n", "QUIT\r\n",
        "GET / HTTP/1.1\r\n", "\u00ff\u00fe\r\n", "MAIL FROM:", "x",
    ];

    [Fact]
    public async Task Never_an_error_of_ours()
    {
        await using var host = await SmtpHost.StartAsync();
        await Gen.Select(Gen.Int[0, Pieces.Length - 1].Array[1, 40], Gen.Int[1, 200].Array[1, 8]).SampleAsync(async (picks, cuts) =>
        {
            var octets = Encoding.Latin1.GetBytes(string.Concat(picks.Select(pick => Pieces[pick])));
            await using var conversation = await host.ConnectAsync();
            try
            {
                for (int at = 0, cut = 0; at < octets.Length; cut++)
                {
                    var count = Math.Min(cuts[cut % cuts.Length], octets.Length - at);
                    await conversation.SendAsync(octets.AsMemory(at, count));
                    at += count;
                }
                conversation.SendNothingMore();
            }
            catch (IOException)
            {
                // The server has ended the session already.
            }
            foreach (var reply in await conversation.RepliesToEndAsync())
            {
                Assert.Matches(@"^[2-5]\d\d ", reply);
                Assert.DoesNotContain("421 4.3.0", reply);
                Assert.All(reply, c => Assert.InRange(c, ' ', '~'));
            }
        }, iter: 400, threads: 4);
        foreach (var message in host.Intake.Messages)
        {
            var text = Encoding.Latin1.GetString(message.Content.Span).Replace("\r\n", "", StringComparison.Ordinal);
            Assert.True(text.AsSpan().IndexOfAny('\r', '\n') < 0, "A message with a bare line end was taken.");
        }
    }
}
