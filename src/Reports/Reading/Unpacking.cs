using System.Buffers;
using System.IO.Compression;

namespace Sternpost.Reports.Reading;

/// <summary>
/// Takes documents out of gzip (RFC 1952) and zip. What is packed inside what is packed stays closed: no reporter does that, and
/// bombs live by it.
/// </summary>
internal static class Unpacking
{
    private const int FirstMegabyte = 1024 * 1024;

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];
    private static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;
    private static ReadOnlySpan<byte> DirectoryMagic => "PK\x01\x02"u8;

    internal static bool IsGzip(ReadOnlySpan<byte> document) => document.StartsWith(GzipMagic);

    internal static bool IsZip(ReadOnlySpan<byte> document) => document.StartsWith(ZipMagic);

    /// <summary>The document itself, or what was packed in it.</summary>
    /// <exception cref="ReportException">It is broken, or larger than it may be.</exception>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Open(ReadOnlyMemory<byte> document, ReportBudget budget, ReportDeadline deadline)
    {
        if (document.Length > budget.PackedOctets) throw new ReportException($"it is larger than {budget.PackedOctets} octets");
        try
        {
            if (IsGzip(document.Span)) return [Gunzip(document, budget, deadline)];
            if (IsZip(document.Span)) return Unzip(document, budget, deadline);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or NotSupportedException)
        {
            throw new ReportException("it cannot be unpacked");
        }
        return [document];
    }

    private static ReadOnlyMemory<byte> Gunzip(ReadOnlyMemory<byte> document, ReportBudget budget, ReportDeadline deadline)
    {
        using var unpacked = new GZipStream(Stream(document), CompressionMode.Decompress);
        return Read(unpacked, document.Length, budget.Octets, budget, deadline);
    }

    private static List<ReadOnlyMemory<byte>> Unzip(ReadOnlyMemory<byte> document, ReportBudget budget, ReportDeadline deadline)
    {
        // Counted before the library makes an object of each.
        if (document.Span.Count(DirectoryMagic) > 8 * budget.Members) throw new ReportException("the archive has too many members");
        var members = new List<ReadOnlyMemory<byte>>();
        var left = budget.Octets;
        using var archive = new ZipArchive(Stream(document), ZipArchiveMode.Read);
        foreach (var entry in archive.Entries)
        {
            // Folders, and what one system packs for its own use beside every file.
            if (entry.FullName.EndsWith('/') || entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
            if (members.Count == budget.Members) throw new ReportException("the archive has too many members");
            if (entry.IsEncrypted) throw new ReportException("the archive is encrypted");
            using var unpacked = entry.Open();
            var member = Read(unpacked, Math.Max(entry.CompressedLength, 1), left, budget, deadline);
            left -= member.Length;
            members.Add(member);
        }
        return members;
    }

    private static ReadOnlyMemory<byte> Read(Stream unpacked, long packed, int limit, ReportBudget budget, ReportDeadline deadline)
    {
        var content = new ArrayBufferWriter<byte>(64 * 1024);
        while (true)
        {
            deadline.Check();
            var read = unpacked.Read(content.GetSpan(64 * 1024));
            if (read == 0) return content.WrittenMemory;
            content.Advance(read);
            if (content.WrittenCount > limit) throw new ReportException($"it unpacks to more than {budget.Octets} octets");
            if (content.WrittenCount > FirstMegabyte && content.WrittenCount / packed > budget.Ratio) throw new ReportException("it unpacks to far more than it is");
        }
    }

    private static MemoryStream Stream(ReadOnlyMemory<byte> document) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(document, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(document.ToArray(), writable: false);
}
