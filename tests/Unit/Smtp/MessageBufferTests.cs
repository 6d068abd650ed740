using System.Buffers;
using CsCheck;
using Sternpost.Smtp.Server;

namespace Sternpost.Unit.Smtp;

/// <summary>Where a message gathers.</summary>
public sealed class MessageBufferTests
{
    [Fact]
    public void What_is_written_in_pieces_is_read_whole_and_the_budget_is_settled() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Int[0, 300_000], Gen.Byte.Array[0, 70_000].Array[0, 6]).Sample((limit, announced, pieces) =>
        {
            var budget = new MemoryBudget(long.MaxValue);
            var buffer = new MessageBuffer(limit, announced, budget);
            foreach (var piece in pieces) buffer.Write(piece);
            var whole = pieces.SelectMany(piece => piece).ToArray();
            Assert.Equal(whole.Length > limit, buffer.TooLarge);
            Assert.Equal(whole.Length > limit ? [] : whole, buffer.Content.ToArray());
            buffer.Release();
            Assert.Equal(0, budget.Taken);
        }, iter: 300);

    [Fact]
    public void Without_room_in_the_budget_a_message_lets_go_of_what_it_has()
    {
        var budget = new MemoryBudget(200_000);
        var first = new MessageBuffer(1_000_000, 0, budget);
        first.Write(new byte[150_000]);
        var second = new MessageBuffer(1_000_000, 0, budget);
        second.Write(new byte[150_000]);
        Assert.False(first.NoRoom);
        Assert.True(second.NoRoom);
        Assert.Equal(0, second.Content.Length);
        first.Release();
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void The_first_64_KB_are_always_there()
    {
        var buffer = new MessageBuffer(1_000_000, 1_000_000, new MemoryBudget(0));
        buffer.Write(new byte[64 * 1024]);
        Assert.False(buffer.NoRoom);
        buffer.Write(new byte[1]);
        Assert.True(buffer.NoRoom);
    }
}
