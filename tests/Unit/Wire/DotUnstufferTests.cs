using System.Buffers;
using System.Text;
using CsCheck;
using Sternpost.Wire;

namespace Sternpost.Unit.Wire;

public class DotUnstufferTests
{
    [Theory]
    [InlineData(".\r\n", "", true, false)]
    [InlineData("a\r\n.\r\n", "a\r\n", true, false)]
    [InlineData("..\r\n.\r\n", ".\r\n", true, false)]
    [InlineData(".a\r\n...b\r\n.\r\n", "a\r\n..b\r\n", true, false)]
    [InlineData("a.\r\n.\r\n", "a.\r\n", true, false)]
    // Every false end of data that a smuggler may try.
    [InlineData("a\n.\n", "a\n.\n", false, true)]
    [InlineData("a\n.\r\n", "a\n.\r\n", false, true)]
    [InlineData("a\r.\r\n", "a\r.\r\n", false, true)]
    [InlineData("a\r.\r", "a\r.\r", false, true)]
    [InlineData("a\r\n.\nb", "a\r\n\nb", false, true)]
    [InlineData("a\r\n.\rb", "a\r\n\rb", false, true)]
    [InlineData("a\r\r\n.\r\n", "a\r\r\n", true, true)]
    [InlineData("a\n\r\n.\r\n", "a\n\r\n", true, true)]
    [InlineData("a\r\n\0.\r\n", "a\r\n\0.\r\n", false, false)]
    public void Only_crlf_dot_crlf_ends_data(string input, string output, bool ended, bool bare)
    {
        foreach (var cut in new[] { 1, 2, 3, input.Length })
        {
            Assert.Equal((output, ended, bare), Run(Encoding.Latin1.GetBytes(input), [cut]));
        }
    }

    [Fact]
    public void However_the_octets_are_cut_the_message_is_the_same() =>
        Gen.Select(Gen.Int[0, 3].Select(pick => (byte)"\r\n.a"[pick]).Array[0, 40], Gen.Int[1, 5].Array[1, 6])
            .Sample((octets, cuts) => Assert.Equal(Run(octets, [octets.Length + 1]), Run(octets, cuts)), iter: 20_000);

    [Fact]
    public void Unstuffing_undoes_stuffing() =>
        Gen.String[Gen.Int[0, 2].Select(pick => "a. "[pick]), 0, 6].Array[0, 8].Sample(lines =>
        {
            var message = string.Concat(lines.Select(line => line + "\r\n"));
            var stuffed = string.Concat(lines.Select(line => (line.StartsWith('.') ? "." : "") + line + "\r\n")) + ".\r\n";
            Assert.Equal((message, true, false), Run(Encoding.Latin1.GetBytes(stuffed), [3]));
        }, iter: 5_000);

    [Fact]
    public void What_follows_the_end_is_left_for_the_next_command()
    {
        var unstuffer = default(DotUnstuffer);
        Assert.True(unstuffer.Take("a\r\n.\r\nQUIT\r\n"u8, null, out var consumed));
        Assert.Equal(6, consumed);
    }

    private static (string Output, bool Ended, bool Bare) Run(byte[] octets, int[] cuts)
    {
        var unstuffer = default(DotUnstuffer);
        var output = new ArrayBufferWriter<byte>();
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            var count = Math.Min(Math.Max(cuts[cut % cuts.Length], 1), octets.Length - at);
            if (unstuffer.Take(octets.AsSpan(at, count), output, out _)) return (Encoding.Latin1.GetString(output.WrittenSpan), true, unstuffer.HasBareLineEnding);
            at += count;
        }
        return (Encoding.Latin1.GetString(output.WrittenSpan), false, unstuffer.HasBareLineEnding);
    }
}
