using System.Text;
using CsCheck;
using Sternpost.Wire;

namespace Sternpost.Unit.Wire;

public class LineEndingsTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("a\r\nb\r\n\r\n", false)]
    [InlineData("a\nb", true)]
    [InlineData("a\rb", true)]
    [InlineData("\n", true)]
    [InlineData("a\r", true)]
    [InlineData("a\r\r\n", true)]
    [InlineData("a\r\n\n", true)]
    public void Bare_line_ends(string text, bool bare) => Assert.Equal(bare, HasBare(Encoding.ASCII.GetBytes(text), [text.Length + 1]));

    [Fact]
    public void However_the_octets_are_cut_the_answer_is_the_same_and_true() =>
        Gen.Select(Gen.Int[0, 2].Select(pick => (byte)"\r\na"[pick]).Array[0, 20], Gen.Int[1, 4].Array[1, 6]).Sample((octets, cuts) =>
        {
            var bare = Encoding.ASCII.GetString(octets).Replace("\r\n", "", StringComparison.Ordinal).AsSpan().IndexOfAny('\r', '\n') >= 0;
            Assert.Equal(bare, HasBare(octets, cuts));
        }, iter: 20_000);

    private static bool HasBare(byte[] octets, int[] cuts)
    {
        var lines = default(LineEndings);
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            var count = Math.Min(cuts[cut % cuts.Length], octets.Length - at);
            lines.Take(octets.AsSpan(at, count));
            at += count;
        }
        lines.End();
        return lines.HasBare;
    }
}
