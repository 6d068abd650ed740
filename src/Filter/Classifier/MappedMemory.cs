using System.Buffers;

namespace Sternpost.Filter.Classifier;

/// <summary>The octets of an embedded resource in place: the assembly's own mapping, valid as long as the process.</summary>
internal sealed unsafe class MappedMemory(UnmanagedMemoryStream stream) : MemoryManager<byte>
{
    private readonly byte* pointer = stream.PositionPointer;
    private readonly int length = checked((int)stream.Length);

    public override Span<byte> GetSpan() => new(pointer, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(pointer + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
