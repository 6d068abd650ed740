using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Sternpost.Wire;

namespace Sternpost.Unit.Wire;

public class LineReaderTests
{
    [Theory]
    [InlineData("NOOP\r\n", "Line:NOOP")]
    [InlineData("\r\n", "Line:")]
    [InlineData("A\r\nB\r\nC", "Line:A Line:B")]
    [InlineData("A\nB\r\n", "BareLineFeed Line:B")]
    [InlineData("A\rB\r\nC\r\n", "BareCarriageReturn Line:C")]
    [InlineData("12345678\r\n", "Line:12345678")]
    [InlineData("123456789\r\nA\r\n", "TooLong Line:A")]
    [InlineData("12345678901234567890\r\nA\r\n", "TooLong Line:A")]
    public async Task Lines_end_by_crlf_alone(string input, string expected)
    {
        Assert.Equal(expected, await ReadAll(Encoding.ASCII.GetBytes(input), [input.Length]));
        Assert.Equal(expected, await ReadAll(Encoding.ASCII.GetBytes(input), [1]));
    }

    [Fact]
    public async Task However_the_octets_are_cut_the_lines_are_the_same()
    {
        await Gen.Select(Gen.Int[0, 5].Select(pick => "\r\n.a\0\u00FF"[pick]).Select(c => (byte)c).Array[0, 60], Gen.Int[1, 7].Array[1, 8])
            .SampleAsync(async (octets, cuts) => Assert.Equal(await ReadAll(octets, [1000]), await ReadAll(octets, cuts)), iter: 500);
    }

    private static async Task<string> ReadAll(byte[] octets, int[] cuts)
    {
        var pipe = new Pipe();
        var lines = new LineReader(8);
        var outcomes = new List<string>();
        var reading = Task.Run(async () =>
        {
            while (true)
            {
                if (!lines.TryRead(pipe.Reader, out var status)) status = await lines.ReadAsync(pipe.Reader, default);
                if (status == LineStatus.Closed) return;
                outcomes.Add(status == LineStatus.Line ? "Line:" + Encoding.Latin1.GetString(lines.Line.Span) : status.ToString());
            }
        });
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            var count = Math.Min(cuts[cut % cuts.Length], octets.Length - at);
            await pipe.Writer.WriteAsync(octets.AsMemory(at, count));
            at += count;
        }
        await pipe.Writer.CompleteAsync();
        await reading;
        return string.Join(' ', outcomes);
    }
}
