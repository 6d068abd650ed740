using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Sternpost.Fuzz.Engine;

/// <summary>
/// Which branches an input took. The instrumented parsers count each edge in a map of 64 KB (the form of AFL); an input that takes an
/// edge no other took, or takes it by an order of magnitude more often, is worth keeping.
/// </summary>
internal sealed unsafe class Coverage : IDisposable
{
    private const int Size = 64 * 1024;

    // The count of an edge as one bit of eight: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more.
    private static readonly byte[] Bucket = [.. Enumerable.Range(0, 256).Select(count => (byte)(count switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 }))];

    private readonly byte* map;
    private readonly byte[] seen = new byte[Size];

    private Coverage(byte* map) => this.map = map;

    /// <summary>For parsers that are not instrumented: every input looks alike.</summary>
    internal static Coverage None { get; } = new(null);

    /// <summary>How many edges were taken by any input.</summary>
    internal int Edges { get; private set; }

    internal static Coverage OfInstrumented()
    {
        var map = (byte*)NativeMemory.AllocZeroed(Size);
        Trace.SharedMem = map;
        return new Coverage(map);
    }

    internal void Begin()
    {
        if (map == null) return;
        new Span<byte>(map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>True where the input took a way none took before.</summary>
    internal bool End()
    {
        if (map == null) return false;
        var isNew = false;
        var words = new ReadOnlySpan<ulong>(map, Size / sizeof(ulong));
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (var at = word * sizeof(ulong); at < (word + 1) * sizeof(ulong); at++)
            {
                var bit = Bucket[map[at]];
                if ((seen[at] & bit) == bit) continue;
                if (seen[at] == 0) Edges++;
                seen[at] |= bit;
                isNew = true;
            }
        }
        return isNew;
    }

    public void Dispose()
    {
        if (map == null) return;
        // The parsers go on counting until the process ends, so the map stays where it is.
        GC.KeepAlive(this);
    }
}
