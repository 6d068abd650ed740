using System.Buffers;
using System.Text;
using CsCheck;
using Sternpost.Smtp.Client;
using Sternpost.Wire;

namespace Sternpost.Unit.SmtpClient;

/// <summary>The pieces of the client alone: dot-stuffing and replies.</summary>
public class PartsTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData(".\r\n..\r\nx.\r\n", "..\r\n...\r\nx.\r\n.\r\n")]
    [InlineData("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r.\rb\r", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\r\nb", "a\r\n\r\nb\r\n.\r\n")]
    public void Dots_are_stuffed_and_no_line_end_stands_alone(string content, string sent)
    {
        Assert.Equal(sent, Stuff(Encoding.ASCII.GetBytes(content), 1));
        Assert.Equal(sent, Stuff(Encoding.ASCII.GetBytes(content), 100));
    }

    [Fact]
    public void What_is_stuffed_is_what_the_receiving_side_unstuffs_wherever_it_is_cut()
    {
        Gen.Select(Gen.Int[0, 3].Select(pick => (byte)"\r\n.a"[pick]).Array[0, 60], Gen.Int[1, 9]).Sample((octets, cut) =>
        {
            var sent = Encoding.Latin1.GetBytes(Stuff(octets, cut));
            var unstuffer = new DotUnstuffer();
            var received = new ArrayBufferWriter<byte>();
            Assert.True(unstuffer.Take(sent, received, out var consumed));
            Assert.Equal(sent.Length, consumed);
            Assert.False(unstuffer.HasBareLineEnding);
            Assert.Equal(Lines(octets), Encoding.Latin1.GetString(received.WrittenSpan));
        });
    }

    [Theory]
    [InlineData("250 2.1.0 Ok", 250, "2.1.0", "Ok")]
    [InlineData("250 Ok", 250, null, "Ok")]
    [InlineData("250", 250, null, "")]
    [InlineData("550 4.1.1 the class does not agree", 550, null, "4.1.1 the class does not agree")]
    [InlineData("550 5.1.1", 550, "5.1.1", "")]
    [InlineData("550 5.1.1000 x", 550, null, "5.1.1000 x")]
    [InlineData("550-5.7.1 one|550-5.7.1 two|550 5.7.1 three", 550, "5.7.1", "one|two|three")]
    [InlineData("550-5.7.1 one|550 other", 550, "5.7.1", "one|other")]
    [InlineData("250-x|550 the last line speaks", 550, null, "x|the last line speaks")]
    public void Replies_are_read(string lines, int code, string? status, string text)
    {
        var assembly = new ReplyAssembly();
        var step = ReplyStep.More;
        foreach (var line in lines.Split('|')) step = assembly.Add(Encoding.ASCII.GetBytes(line));
        Assert.Equal(ReplyStep.Complete, step);
        Assert.Equal((code, status, text), (assembly.Reply.Code, assembly.Reply.Status, string.Join('|', assembly.Reply.Lines)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("25")]
    [InlineData("2a0 x")]
    [InlineData("100 x")]
    [InlineData("600 x")]
    [InlineData("250x")]
    [InlineData("250\tx")]
    public void What_is_no_reply_is_malformed(string line) => Assert.Equal(ReplyStep.Malformed, new ReplyAssembly().Add(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void No_octets_make_the_reply_parser_throw_and_its_text_is_always_one_printable_line()
    {
        Gen.Byte.Array[0, 80].Array[1, 5].Sample(lines =>
        {
            var assembly = new ReplyAssembly();
            foreach (var line in lines)
            {
                if (assembly.Add(line) != ReplyStep.Complete) continue;
                Assert.DoesNotContain(assembly.Reply.ToLine(), c => c is < ' ' or > '~');
                return;
            }
        });
    }

    [Fact]
    public void Extensions_are_taken_from_the_lines_after_the_first()
    {
        var offered = ServerExtensions.Of(new SmtpReply(250, null, ["PIPELINING.example", "size 10240000", "AUTH=LOGIN", "AUTH PLAIN CRAM-MD5", "8bitmime", "XCLIENT NAME", ""]));
        Assert.False(offered.Pipelining);
        Assert.True(offered.EightBitMime);
        Assert.Equal(10240000, offered.MaxSize);
        Assert.Equal(["LOGIN", "PLAIN", "CRAM-MD5"], offered.AuthMechanisms);
        Assert.Null(ServerExtensions.Of(new SmtpReply(250, null, ["x", "SIZE 0"])).MaxSize);
        Assert.Null(ServerExtensions.Of(new SmtpReply(250, null, ["x", "SIZE 99999999999999999999"])).MaxSize);
    }

    private static string Stuff(byte[] content, int cut)
    {
        var output = new ArrayBufferWriter<byte>();
        var stuffer = new DotStuffer();
        for (var at = 0; at < content.Length; at += cut) stuffer.Write(content.AsSpan(at, Math.Min(cut, content.Length - at)), output);
        stuffer.End(output);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private static string Lines(byte[] octets)
    {
        var text = Encoding.Latin1.GetString(octets).Replace("\r\n", "\n").Replace('\r', '\n');
        return (text.Length == 0 || text[^1] == '\n' ? text : text + "\n").Replace("\n", "\r\n");
    }
}
