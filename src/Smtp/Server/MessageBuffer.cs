using System.Buffers;

namespace Sternpost.Smtp.Server;

/// <summary>
/// Where an arriving message gathers: one pooled array that doubles, so that it ends contiguous. Beyond the size limit, or without
/// room in the budget, it lets go of what it has and swallows the rest, so that the session can go on reading to the end.
/// </summary>
internal sealed class MessageBuffer : IBufferWriter<byte>
{
    // What a message may take without asking the budget: most mail is smaller, and it must get through while large mail waits.
    private const int Free = 64 * 1024;
    private const int FirstArray = 8 * 1024;
    // A client's word for the size saves copying, but costs memory before a single octet came.
    private const int MostOnItsWord = 256 * 1024;

    private static readonly byte[] Swallowed = new byte[4096];

    private readonly MemoryBudget budget;
    private readonly int limit;
    private byte[] array;
    private int length;
    private long taken;

    /// <param name="limit">Octets of the largest message.</param>
    /// <param name="announced">What SIZE said; 0 where it said nothing.</param>
    /// <param name="budget">Shared by all sessions.</param>
    internal MessageBuffer(long limit, long announced, MemoryBudget budget)
    {
        this.budget = budget;
        this.limit = (int)Math.Min(limit, Array.MaxLength - 1);
        array = [];
        var first = (int)Math.Min(Math.Min(announced + (announced / 64), MostOnItsWord), this.limit);
        if (!TryGrow(Math.Max(first, FirstArray))) TryGrow(FirstArray);
    }

    /// <summary>More octets came than the limit.</summary>
    internal bool TooLarge { get; private set; }

    /// <summary>The budget had no room.</summary>
    internal bool NoRoom { get; private set; }

    /// <summary>What came; empty where the message was <see cref="TooLarge"/> or had <see cref="NoRoom"/>.</summary>
    internal Memory<byte> Content => array.AsMemory(0, length);

    private bool Swallows => TooLarge || NoRoom;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if (Swallows) return;
        length += count;
        if (length <= limit) return;
        TooLarge = true;
        Release();
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (Swallows) return Swallowed;
        if (length == array.Length && !TryGrow((int)Math.Min(2L * array.Length, limit + 1L)))
        {
            NoRoom = true;
            Release();
            return Swallowed;
        }
        return array.AsMemory(length);
    }

    /// <summary>Cuts the message to its first <paramref name="count"/> octets, after some were moved forward.</summary>
    internal void Truncate(int count) => length = Math.Min(length, count);

    /// <summary>Gives the memory back. Only when nobody reads <see cref="Content"/> any more: the array then belongs to another message.</summary>
    internal void Release()
    {
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        Forget();
    }

    /// <summary>Leaves the memory to the garbage collector, because something that failed may still read it.</summary>
    internal void Forget()
    {
        array = [];
        length = 0;
        budget.Give(taken);
        taken = 0;
    }

    private bool TryGrow(int capacity)
    {
        // The pool hands out powers of two; what it really gives is what counts.
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        var more = Math.Max(0, larger.Length - Free) - taken;
        if (!budget.TryTake(more))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        taken += Math.Max(0, more);
        array.AsSpan(0, length).CopyTo(larger);
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        array = larger;
        return true;
    }
}
