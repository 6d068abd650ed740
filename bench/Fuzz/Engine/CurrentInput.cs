using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Sternpost.Fuzz.Engine;

/// <summary>The input being read, in a file: where a parser takes the process down or never returns, it is still there afterwards.</summary>
internal sealed class CurrentInput : IDisposable
{
    internal const string FileName = "current";
    private const int Capacity = 4 * 1024 * 1024;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    internal CurrentInput(string path)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Capacity);
        view = file.CreateViewAccessor();
    }

    internal void Set(byte[] input)
    {
        view.Write(0, input.Length);
        view.WriteArray(sizeof(int), input, 0, input.Length);
    }

    /// <summary>What a process left behind.</summary>
    internal static byte[] Read(string path)
    {
        var octets = File.ReadAllBytes(path);
        return octets.AsSpan(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(octets)).ToArray();
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
