using System.Collections.Concurrent;
using System.Diagnostics;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace Sternpost.Bench;

/// <summary>What one kind of command came to; printed as it is with <c>--json</c>.</summary>
/// <param name="Operation">What was asked of the server.</param>
/// <param name="Count">How often.</param>
/// <param name="Seconds">All of it together.</param>
/// <param name="PerSecond">How many a second.</param>
/// <param name="LatencyMilliseconds">From the command to the whole answer, the client's work included.</param>
/// <param name="ServerCpuMilliseconds">The server's processor time for one; null where its process is not known.</param>
internal sealed record ImapOperation(string Operation, int Count, double Seconds, double PerSecond, Percentiles LatencyMilliseconds, double? ServerCpuMilliseconds);

/// <summary>
/// A day of mail programs in a minute: several connections fill a mailbox of their own, open it, list it, read, search and mark messages, and take it away again.
/// The client is MailKit, which parses what it is sent.
/// </summary>
/// <param name="SignInAsync">Makes a connection that has signed in.</param>
/// <param name="Connections">Connections at once.</param>
/// <param name="Messages">Messages in all mailboxes together.</param>
/// <param name="Size">Octets of each.</param>
/// <param name="ServerProcess">The server's process where it runs on this machine.</param>
internal sealed record ImapLoad(Func<CancellationToken, Task<ImapClient>> SignInAsync, int Connections, int Messages, int Size, int? ServerProcess)
{
    private const int Opened = 20, Searched = 5, Marked = 50;

    public async Task<IReadOnlyList<ImapOperation>> RunAsync(CancellationToken cancellation)
    {
        var run = Guid.NewGuid().ToString("n")[..8];
        var results = new List<ImapOperation>();
        var clients = new ImapClient[Connections];
        var folders = new IMailFolder[Connections];
        try
        {
            results.Add(await MeasureAsync("sign-in", 1, async (i, _) => clients[i] = await SignInAsync(cancellation)));
            for (var i = 0; i < Connections; i++) folders[i] = (await clients[i].GetFolder(clients[i].PersonalNamespaces[0]).CreateAsync($"Bench {run} {i}", isMessageFolder: true, cancellation))!;
            var each = Math.Max(1, Messages / Connections);
            var letters = Enumerable.Range(0, Connections).Select(i => new LetterMaker(Size, "bench@bench.example", i + 1)).ToArray();
            results.Add(await MeasureAsync("append", each, (i, _) => folders[i].AppendAsync(new AppendRequest(MimeKit.MimeMessage.Load(new MemoryStream(letters[i].NextPlain().Content)), MessageFlags.None), cancellation)));
            results.Add(await MeasureAsync("select", Opened, async (i, _) =>
            {
                if (folders[i].IsOpen) await folders[i].CloseAsync(expunge: false, cancellation);
                await folders[i].OpenAsync(FolderAccess.ReadWrite, cancellation);
            }));
            results.Add(await MeasureAsync("list (envelopes of all)", Searched, (i, _) => folders[i].FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags | MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate | MessageSummaryItems.BodyStructure, cancellation)));
            results.Add(await MeasureAsync("read (one message)", each, async (i, turn) =>
            {
                await using var content = await folders[i].GetStreamAsync(turn % folders[i].Count, "", cancellation);
                await content.CopyToAsync(Stream.Null, cancellation);
            }));
            results.Add(await MeasureAsync("search (subject)", Searched, (i, _) => folders[i].SearchAsync(SearchQuery.SubjectContains("invoice"), cancellation)));
            results.Add(await MeasureAsync("search (whole text)", Searched, (i, _) => folders[i].SearchAsync(SearchQuery.BodyContains("documentation chapter"), cancellation)));
            results.Add(await MeasureAsync("mark", Math.Min(each, Marked), (i, turn) => folders[i].StoreAsync([turn], new StoreFlagsRequest(StoreAction.Add, MessageFlags.Seen) { Silent = true }, cancellation)));
            results.Add(await MeasureAsync("delete and expunge", 1, async (i, _) =>
            {
                await folders[i].StoreAsync([.. Enumerable.Range(0, folders[i].Count)], new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true }, cancellation);
                await folders[i].ExpungeAsync(cancellation);
            }));
            return results;
        }
        finally
        {
            foreach (var folder in folders)
            {
                if (folder is null) continue;
                if (folder.IsOpen) await folder.CloseAsync(expunge: false, CancellationToken.None);
                await folder.DeleteAsync(CancellationToken.None);
            }
            foreach (var client in clients) client?.Dispose();
        }
    }

    private async Task<ImapOperation> MeasureAsync(string operation, int times, Func<int, int, Task> actAsync)
    {
        var latencies = new ConcurrentBag<double>();
        var cpuBefore = ServerProcess is { } before ? ProcessCpu.Of(before) : null;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(async () =>
        {
            for (var turn = 0; turn < times; turn++)
            {
                var began = Stopwatch.GetTimestamp();
                await actAsync(i, turn);
                latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        })));
        var seconds = clock.Elapsed.TotalSeconds;
        var cpu = ServerProcess is { } after ? ProcessCpu.Of(after) - cpuBefore : null;
        return new ImapOperation(operation, latencies.Count, Math.Round(seconds, 3), Math.Round(latencies.Count / seconds, 1), Percentiles.Of(latencies), cpu is { } used ? Math.Round(used.TotalMilliseconds / latencies.Count, 3) : null);
    }
}
