using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;

namespace Sternpost.Fuzz.Engine;

/// <summary>The input being read, in a file: where a parser takes the process down or never returns, it is still there afterwards.</summary>
internal sealed class CurrentInput : IDisposable
{
    private const string Memory = "/dev/shm";
    private const int Capacity = 4 * 1024 * 1024;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    internal CurrentInput(string path)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Capacity);
        view = file.CreateViewAccessor();
    }

    /// <summary>Where the input of a target lies: in memory where the system has a folder there, because a disk would make every input wait.</summary>
    internal static string PathFor(string folder) =>
        Directory.Exists(Memory) ? Path.Combine(Memory, "sternpost-fuzz-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16]) : Path.Combine(folder, "current");

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
