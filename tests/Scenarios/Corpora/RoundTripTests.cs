using System.Security.Cryptography;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Corpora;

/// <summary>
/// Every message of the corpora, the malformed ones too, goes in by SMTP and comes back by IMAP with the same octets after
/// the header lines the server added. STERNPOST_CORPUS_LIMIT bounds the messages of each index (300 where unset; 0: all).
/// </summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    public static TheoryData<string> Indexes => [.. Corpus.Indexes.Select(index => Path.GetFileNameWithoutExtension(index)!).DefaultIfEmpty("none")];

    [Theory]
    [MemberData(nameof(Indexes))]
    public async Task Comes_back_as_it_was_sent(string name)
    {
        Assert.SkipWhen(Corpus.Folder is null, "No corpora here: unpack them into ~/.cache/sternpost or name their folder in STERNPOST_CORPORA.");
        var limit = int.Parse(Environment.GetEnvironmentVariable("STERNPOST_CORPUS_LIMIT") ?? "300");
        var files = Corpus.Messages(Path.Combine(Corpus.Folder, name + ".index"));
        if (limit > 0) files = files.Take(limit);

        // Refusing is the filter's right and tried elsewhere; here every message must reach the store.
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        var sent = new Dictionary<int, Dictionary<UInt128, int>>();
        var count = 0;
        var refused = new List<string>();
        await Task.WhenAll(files.Chunk(Math.Max(1, (int)Math.Ceiling(files.Count() / 4.0))).Select(chunk => Task.Run(async () =>
        {
            await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]);
            foreach (var file in chunk)
            {
                var message = Corpus.AsSent(await File.ReadAllBytesAsync(file));
                var reply = await smtp.SendAsync("carol@outside.example", "bob@demo.test", message);
                lock (sent)
                {
                    if (!reply.StartsWith("250", StringComparison.Ordinal))
                    {
                        refused.Add($"{file}: {reply}");
                        continue;
                    }
                    count++;
                    if (!sent.TryGetValue(message.Length, out var same)) sent[message.Length] = same = [];
                    var digest = Digest(message);
                    same[digest] = same.GetValueOrDefault(digest) + 1;
                }
            }
        })));
        Assert.Empty(refused);

        var back = 0;
        var unknown = new List<string>();
        using var client = await Mailbox.OpenAsync(server, "bob@demo.test");
        foreach (var folder in new[] { client.Inbox!, client.GetFolder(SpecialFolder.Junk)! })
        {
            foreach (var (uid, content) in await Mailbox.ContentsAsync(folder))
            {
                if (Take(sent, content)) back++;
                else unknown.Add($"{folder.Name} uid {uid}");
            }
        }
        output.WriteLine($"{name}: {count} sent, {back} came back the same");
        Assert.Empty(unknown);
        Assert.Equal(count, back);
    }

    // What was sent is a suffix of what is stored that begins at a line start; the length tells which one it may be.
    private static bool Take(Dictionary<int, Dictionary<UInt128, int>> sent, byte[] stored)
    {
        for (var lineStart = 0; lineStart < Math.Min(stored.Length, 16 * 1024);)
        {
            if (sent.TryGetValue(stored.Length - lineStart, out var same)
                && Digest(stored.AsSpan(lineStart)) is var digest
                && same.TryGetValue(digest, out var times) && times > 0)
            {
                same[digest] = times - 1;
                return true;
            }
            var newline = Array.IndexOf(stored, (byte)'\n', lineStart);
            if (newline < 0) return false;
            lineStart = newline + 1;
        }
        return false;
    }

    private static UInt128 Digest(ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(message, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
