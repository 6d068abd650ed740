using System.Text;
using CsCheck;
using Sternpost.Migration;

namespace Sternpost.Unit.Migration;

/// <summary>Where a message of an mbox file begins and ends.</summary>
public class MboxReaderTests
{
    private const string From = "From a@b.example Mon Mar  2 09:00:00 2026";

    [Theory]
    [InlineData("From - Mon Mar 02 09:00:00 2026", "2026-03-02T09:00:00Z")]
    [InlineData("From a@b.example Mon Mar  2 09:00:00 2026", "2026-03-02T09:00:00Z")]
    [InlineData("From a@b.example Mon Mar  2 09:00 2026", "2026-03-02T09:00:00Z")]
    [InlineData("From 1234@xxx Mon Mar 02 09:00:00 +0200 2026", "2026-03-02T07:00:00Z")]
    [InlineData("From \"a b\"@c.example Sun Jan 31 23:59:59 2010", "2010-01-31T23:59:59Z")]
    public async Task A_message_begins_at_a_line_with_a_time_and_a_year(string line, string date)
    {
        var message = Assert.Single(await ReadAsync($"{line}\nSubject: x\n\nText\n"));
        Assert.Equal(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), message.Date);
        Assert.Equal("Subject: x\n\nText\n", Encoding.ASCII.GetString(message.Content));
    }

    [Fact]
    public async Task Prose_is_no_beginning_and_quoting_is_undone()
    {
        var messages = await ReadAsync($"{From}\n\nHe wrote:\n\nFrom here on it gets better.\n{From}\n>From quoted\n>>From twice\n> From not\n\n{From}\r\nSubject: second\r\n\r\n");
        Assert.Equal(2, messages.Count);
        Assert.Equal($"\nHe wrote:\n\nFrom here on it gets better.\n{From}\nFrom quoted\n>From twice\n> From not\n", Encoding.ASCII.GetString(messages[0].Content));
        Assert.Equal("Subject: second\r\n", Encoding.ASCII.GetString(messages[1].Content));
    }

    [Fact]
    public async Task What_comes_before_the_first_beginning_is_no_message()
    {
        Assert.Empty(await ReadAsync(""));
        Assert.Empty(await ReadAsync("Subject: x\n\nno mbox\n"));
    }

    [Fact]
    public void Whatever_the_octets_nothing_is_lost_or_made_up()
    {
        var line = Gen.OneOf(From, ">From x", "", "From here", "Text", "\r", "From " + new string('x', 2000));
        line.Array[0, 40].Sample(lines =>
        {
            var text = string.Concat(lines.Select(each => each + "\n"));
            var whole = ReadAsync(text).GetAwaiter().GetResult();
            var pieces = ReadAsync(text, 7).GetAwaiter().GetResult();
            Assert.Equal(whole.Select(message => Encoding.ASCII.GetString(message.Content)), pieces.Select(message => Encoding.ASCII.GetString(message.Content)));
            Assert.True(whole.Sum(message => message.Content.Length) <= text.Length);
        }, iter: 200);
    }

    private static async Task<List<MboxMessage>> ReadAsync(string text, int piece = int.MaxValue)
    {
        var messages = new List<MboxMessage>();
        await foreach (var message in MboxReader.ReadAsync(new Trickle(Encoding.Latin1.GetBytes(text), piece), CancellationToken.None)) messages.Add(message);
        return messages;
    }

    private sealed class Trickle(byte[] octets, int piece) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
