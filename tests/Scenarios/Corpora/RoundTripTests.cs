using System.Collections.Concurrent;
using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Imap;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Corpora;

/// <summary>
/// Every message of the corpora, the malformed ones too, goes in by SMTP and comes back by IMAP with the same octets after
/// the header lines the server added, and nothing in it makes the server stumble. STERNPOST_CORPUS_LIMIT bounds the messages of each index.
/// </summary>
[Collection(Alone.Name)]
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const int Senders = 8;
    private const int Readers = 4;
    private const int Batch = 200;
    private const string Account = "bob@demo.test";

    public static TheoryData<string> Indexes => [.. Corpus.Indexes.Select(index => Path.GetFileNameWithoutExtension(index)!).DefaultIfEmpty("none")];

    [Theory]
    [MemberData(nameof(Indexes))]
    public async Task Comes_back_as_it_was_sent(string name)
    {
        Assert.SkipWhen(Corpus.Folder is null, "No corpora here: unpack them into ~/.cache/sternpost or name their folder in STERNPOST_CORPORA.");
        var limit = int.Parse(Environment.GetEnvironmentVariable("STERNPOST_CORPUS_LIMIT") ?? "0");
        var files = new ConcurrentQueue<string>(Corpus.Messages(Path.Combine(Corpus.Folder, name + ".index")).Take(limit == 0 ? int.MaxValue : limit));
        var expected = files.Count;

        // Refusing is the filter's right and tried elsewhere; here every message must reach the store.
        await using var server = await DemoServer.StartAsync("--no-scene", "--never-refuse");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var sent = new SentMessages();
        var refused = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            await using var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]);
            while (files.TryDequeue(out var file))
            {
                var message = Corpus.AsSent(await File.ReadAllBytesAsync(file));
                var reply = await smtp.SendAsync("carol@outside.example", Account, message);
                if (reply.StartsWith("250", StringComparison.Ordinal)) sent.Add(message);
                else refused.Add($"{file}: {reply}");
            }
        })));
        var sendingTook = clock.Elapsed;
        Assert.Empty(refused.Take(10));

        var back = 0;
        var unknown = new ConcurrentBag<string>();
        foreach (var folder in (string[])["INBOX", "Junk"])
        {
            var uids = new ConcurrentQueue<UniqueId[]>((await UidsAsync(server, folder)).Chunk(Batch));
            await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(async () =>
            {
                using var client = await Mailbox.OpenAsync(server, Account);
                var box = await OpenAsync(client, folder);
                while (uids.TryDequeue(out var batch))
                {
                    await box.GetStreamsAsync(batch, async (_, _, uid, stream, stop) =>
                    {
                        using var copy = new MemoryStream();
                        await stream.CopyToAsync(copy, stop);
                        if (sent.Take(copy.ToArray())) Interlocked.Increment(ref back);
                        else unknown.Add($"{folder} uid {uid}");
                    });
                }
            })));
        }
        output.WriteLine($"{name}: {expected} sent in {sendingTook.TotalSeconds:f1} s, {back} came back the same in {(clock.Elapsed - sendingTook).TotalSeconds:f1} s");
        Assert.Empty(unknown.Take(10));
        Assert.Equal(expected, back);
        // 7002 is the event of a session that threw, "fail:" any other error the server noticed in itself.
        Assert.DoesNotContain("fail: ", server.Said);
    }

    private static async Task<IList<UniqueId>> UidsAsync(DemoServer server, string folder)
    {
        using var client = await Mailbox.OpenAsync(server, Account);
        return await (await OpenAsync(client, folder)).SearchAsync(MailKit.Search.SearchQuery.All);
    }

    private static async Task<ImapFolder> OpenAsync(ImapClient client, string folder)
    {
        var box = (ImapFolder)await client.GetFolderAsync(folder);
        await box.OpenAsync(FolderAccess.ReadOnly);
        return box;
    }

    /// <summary>Digests of what was sent, by length, so that each stored message is tried against few.</summary>
    private sealed class SentMessages
    {
        // Added header lines are shorter.
        private const int MostAdded = 16 * 1024;
        private readonly Dictionary<int, Dictionary<UInt128, int>> byLength = [];

        public void Add(byte[] message)
        {
            var digest = Digest(message);
            lock (byLength)
            {
                if (!byLength.TryGetValue(message.Length, out var same)) byLength[message.Length] = same = [];
                same[digest] = same.GetValueOrDefault(digest) + 1;
            }
        }

        /// <summary>What was sent is a suffix of what is stored that begins at a line start; the length tells which one it may be. Each counts once.</summary>
        public bool Take(byte[] stored)
        {
            for (var lineStart = 0; lineStart < Math.Min(stored.Length, MostAdded);)
            {
                lock (byLength)
                {
                    if (byLength.TryGetValue(stored.Length - lineStart, out var same)
                        && Digest(stored.AsSpan(lineStart)) is var digest
                        && same.TryGetValue(digest, out var times) && times > 0)
                    {
                        same[digest] = times - 1;
                        return true;
                    }
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
}
