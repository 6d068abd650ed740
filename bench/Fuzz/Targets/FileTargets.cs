using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Sternpost.Fuzz.Engine;
using Sternpost.Malware;
using Sternpost.Malware.Documents;
using Sternpost.Malware.Scanning;

namespace Sternpost.Fuzz.Targets;

/// <summary>Attachments of strangers, and what virus scanners answer. The decoders of other makers run inside our budgets here as they do in the server.</summary>
internal static class FileTargets
{
    private const long Most = 512 * 1024;

    // Archives as other programs make them; those that .NET cannot write stand here as they are.
    private const string SevenZip = "N3q8ryccAAR7fYi0OQAAAAAAAABaAAAAAAAAAOMpMkTgAFwAMV0AJpaOcAAX9+wFu+r0/5QBL1lL/e25WDyeLrZg59uUsxTcRXJm8slIeBu+c912YCCbUwABBAYAAQk5AAcLAQABISEBAAxdAAgKAX2pCmAAAAUBGQwAAAAAAAAAAAAAAAARFQBzAGUAdAB1AHAALgBlAHgAZQAAABQKAQBRkekba33dARUGAQAggKSBAAA=";
    private const string Rar = "UmFyIRoHAQAAAAAAAwEAAAAAAAAOAgAAAQCAeAABYQAAAAA=";
    private const string Xz = "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAEaGVsbG8KAAAA";
    private const string Bzip2 = "QlpoOTFBWSZTWdhyAS8AAAFXgAAQQAAAQACABkSQACAAIgaG1CDJiMdp6Cgfi7kinChIbDkAl4A=";

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("archives", "zip, 7z, rar, tar, gzip, bzip2 and xz, nested and encrypted, under a small budget", input => Look(input, "a.zip"))
        {
            MoreSeeds = () => [Zip("a.txt", "hello"u8.ToArray()), Zip("b.zip", Zip("c.js", "x"u8.ToArray())), Gzip("hello"u8.ToArray()), Tar(), .. new[] { SevenZip, Rar, Xz, Bzip2 }.Select(Convert.FromBase64String)],
            Words = ["PK\u0003\u0004", "PK\u0001\u0002", "PK\u0005\u0006", "7z\u00BC\u00AF\u0027\u001C", "Rar!\u001A\u0007\u0001\0", "\u001F\u008B\u0008", "BZh9", "\u00FD7zXZ\0", "ustar", "a.exe", "\u0001\u0099", "\u00FF\u00FF\u00FF\u00FF"],
            Time = TimeSpan.FromMilliseconds(2000),
            Allocation = 256L << 20,
        },
        new("office", "compound files with VBA, OOXML and RTF", input => Look(input, "a.doc"))
        {
            MoreSeeds = () => [Compound(), Zip2("[Content_Types].xml", "_rels/.rels", "word/vbaProject.bin"), [.. "{\\rtf1{\\object\\objupdate{\\*\\objdata 01}}}"u8]],
            Words = ["_VBA_PROJECT", "\u0001Ole10Native", "EncryptedPackage", "Workbook", "AutoOpen", "Shell", "<Relationship Target=\"http://x\" TargetMode=\"External\"", "\\objdata", "\u00FE\u00FF\u00FF\u00FF"],
            Time = TimeSpan.FromMilliseconds(1000),
            Allocation = 192L << 20,
        },
        new("vba", "the compression of VBA modules", input => VbaSource.Decompress(input)) { MoreSeeds = () => [[0x01, 0xB0, 0, (byte)'a'], [0x03, 0xB0, 0x02, (byte)'a', 0, 0]], Time = TimeSpan.FromMilliseconds(200) },
        new("pdf", "PDF: objects, streams, actions, links and text", input => Look(input, "a.pdf"))
        {
            Seeds = ["%PDF-1.7\n1 0 obj\n<</Type/Catalog/OpenAction 2 0 R>>\nendobj\n2 0 obj\n<</S/JavaScript/JS(app.alert\\(1\\))>>\nendobj\n3 0 obj\n<</A<</URI(http://x.example/)>>>>\nendobj\n"],
            MoreSeeds = () => [[.. "%PDF-1.5\n1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n"u8, .. Deflate("4 0 <</S/Launch>> BT (text) Tj ET"u8.ToArray()), .. "\nendstream\nendobj\n"u8]],
            Words = ["stream\n", "endstream", " obj", "/FlateDecode", "/ObjStm", "/Launch", "/J#53", "/URI(", "\\ddd", "BT", "Tj", "TJ", "(", ")", "<FEFF"],
            Time = TimeSpan.FromMilliseconds(1000),
            Allocation = 192L << 20,
        },
        new("markup", "HTML and SVG that came as files", input => Look(input, "a.html"))
        {
            Seeds = ["<html><script>var b=new Blob([atob('" + new string('A', 2100) + "')]);a.download='x';URL.createObjectURL(b)</script></html>", "<svg onload=\"x\"></svg>"],
            Words = ["<script", "atob(", "createObjectURL", "javascript:", "<svg", "<html", "foreignObject", "document.write"],
            Time = TimeSpan.FromMilliseconds(200),
        },
        new("scanner-answers", "what clamd and ICAP servers answer", input =>
        {
            var text = Encoding.Latin1.GetString(input);
            foreach (var outcome in (ScanOutcome[])[ClamdScanner.Read(text), IcapScanner.Read(text)])
            {
                // The name goes into an SMTP reply and a log.
                if (outcome is ScanOutcome.Found found && found.Name.Any(c => c is < ' ' or > '~')) throw new LawBroken("a name with characters that end lines");
            }
        })
        {
            Seeds = ["1: stream: Eicar FOUND", "stream: OK", "INSTREAM size limit exceeded. ERROR", "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Threat=EICAR;\r\n\r\nHTTP/1.1 403 Forbidden\r\n", "ICAP/1.0 204 No Content\r\n\r\n"],
        },
    ];

    // The answer need only come, within the budget.
    private static void Look(byte[] input, string name)
    {
        var budget = new InspectionBudget(Most, members: 200, TimeSpan.FromSeconds(30), depth: 4) { MaxMember = 256 * 1024, MaxWindow = 4 << 20 };
        var inspection = new Inspection(budget, static () => ["secret"]);
        inspection.Look(input, name);
        if (budget.Unpacked > Most + (64 * 1024)) throw new LawBroken($"{budget.Unpacked} octets unpacked of at most {Most}");
        if (inspection.Dangers.Any(danger => danger.Path.Any(char.IsControl))) throw new LawBroken("a path with control characters");
    }

    private static byte[] Zip(string name, byte[] content)
    {
        using var result = new MemoryStream();
        using (var archive = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name).Open();
            entry.Write(content);
        }
        return result.ToArray();
    }

    private static byte[] Zip2(params string[] names)
    {
        using var result = new MemoryStream();
        using (var archive = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(name.EndsWith(".bin", StringComparison.Ordinal) ? Compound() : "<Relationship Type=\"x/attachedTemplate\" Target=\"http://x.example/\" TargetMode=\"External\"/>"u8.ToArray());
            }
        }
        return result.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest)) gzip.Write(content);
        return result.ToArray();
    }

    private static byte[] Deflate(byte[] content)
    {
        using var result = new MemoryStream();
        using (var zlib = new ZLibStream(result, CompressionLevel.Fastest)) zlib.Write(content);
        return result.ToArray();
    }

    private static byte[] Tar()
    {
        using var result = new MemoryStream();
        using (var tar = new TarWriter(result, TarEntryFormat.Ustar, leaveOpen: true))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "a.js") { DataStream = new MemoryStream("x"u8.ToArray()) });
        return result.ToArray();
    }

    // A header, one sector of allocation table, one of directory with a root and a stream, and the stream.
    private static byte[] Compound()
    {
        var file = new byte[512 * 11];
        new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 }.CopyTo(file, 0);
        BitConverter.TryWriteBytes(file.AsSpan(30), (ushort)9);
        BitConverter.TryWriteBytes(file.AsSpan(44), 1);
        BitConverter.TryWriteBytes(file.AsSpan(48), 1);
        BitConverter.TryWriteBytes(file.AsSpan(56), 4096);
        BitConverter.TryWriteBytes(file.AsSpan(60), -2);
        BitConverter.TryWriteBytes(file.AsSpan(68), -2);
        for (var at = 76; at < 512; at += 4) BitConverter.TryWriteBytes(file.AsSpan(at), -1);
        BitConverter.TryWriteBytes(file.AsSpan(76), 0);
        int[] table = [-3, -2, 3, 4, 5, 6, 7, 8, 9, -2];
        for (var i = 0; i < 128; i++) BitConverter.TryWriteBytes(file.AsSpan(512 + (4 * i)), i < table.Length ? table[i] : -1);
        Entry("Root Entry", 5, -2, 0, 1024);
        Entry("_VBA_PROJECT", 2, 2, 4096, 1024 + 128);
        "AutoOpen Shell"u8.CopyTo(file.AsSpan(1536));
        return file;

        void Entry(string name, byte type, int start, int size, int at)
        {
            Encoding.Unicode.GetBytes(name, file.AsSpan(at));
            BitConverter.TryWriteBytes(file.AsSpan(at + 64), (ushort)((name.Length * 2) + 2));
            file[at + 66] = type;
            BitConverter.TryWriteBytes(file.AsSpan(at + 116), start);
            BitConverter.TryWriteBytes(file.AsSpan(at + 120), size);
        }
    }
}
