using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Sternpost.Dialogue;

namespace Sternpost.Bench;

/// <summary>Sends messages to a server over several connections and measures each.</summary>
/// <param name="Server">Where.</param>
/// <param name="Recipient">To whom.</param>
/// <param name="Connections">Connections at once.</param>
/// <param name="Messages">How many altogether.</param>
/// <param name="Size">Octets of each.</param>
/// <param name="Reconnect">A new connection for each message.</param>
/// <param name="ServerProcess">The server's process where it runs on this machine.</param>
internal sealed record SmtpLoad(IPEndPoint Server, string Recipient, int Connections, int Messages, int Size, bool Reconnect, int? ServerProcess)
{
    // Letters are made ahead by one task per so many connections, so that making them is not what is measured.
    private const int AheadPerConnection = 8;

    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        var letters = Channel.CreateBounded<(string From, byte[] Dotted)>(Math.Min(Messages, 64 + (Connections * AheadPerConnection)));
        var latencies = new ConcurrentBag<double>();
        var tally = new Tally();
        var maker = MakeAsync(letters.Writer, cancellation);
        var cpuBefore = ServerProcess is { } before ? ProcessCpu.Of(before) : null;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => SendAsync(letters.Reader, latencies, tally, cancellation), cancellation)));
        await maker;
        var seconds = clock.Elapsed.TotalSeconds;
        var cpu = ServerProcess is { } after ? ProcessCpu.Of(after) - cpuBefore : null;
        return new LoadResult(Connections, Messages, Size, tally.Accepted, tally.Refused, Math.Round(seconds, 3), Math.Round(tally.Accepted / seconds, 1),
            Percentiles.Of(latencies), cpu is { } used && tally.Accepted > 0 ? Math.Round(used.TotalMilliseconds / tally.Accepted, 3) : null, tally.FirstRefusal);
    }

    private async Task MakeAsync(ChannelWriter<(string From, byte[] Dotted)> letters, CancellationToken cancellation)
    {
        var maker = new LetterMaker(Size, Recipient, Random.Shared.Next());
        for (var i = 0; i < Messages; i++) await letters.WriteAsync(maker.Next(), cancellation);
        letters.Complete();
    }

    private async Task SendAsync(ChannelReader<(string From, byte[] Dotted)> letters, ConcurrentBag<double> latencies, Tally tally, CancellationToken cancellation)
    {
        SmtpDialogue? dialogue = null;
        try
        {
            await foreach (var (from, dotted) in letters.ReadAllAsync(cancellation))
            {
                var began = Stopwatch.GetTimestamp();
                dialogue ??= await SmtpDialogue.OpenAsync(Server, "bench.example", null, cancellation);
                var reply = await dialogue.SendMessageAsync(from, Recipient, dotted, cancellation);
                latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                tally.Count(reply);
                // 421 ends the connection (RFC 5321 §3.8), for instance after messages_per_connection.
                if (!Reconnect && reply.Code != 421) continue;
                if (reply.Code != 421) await dialogue.QuitAsync(cancellation);
                dialogue.Dispose();
                dialogue = null;
            }
            if (dialogue is not null) await dialogue.QuitAsync(cancellation);
        }
        finally
        {
            dialogue?.Dispose();
        }
    }

    private sealed class Tally
    {
        private readonly Lock gate = new();

        public int Accepted { get; private set; }
        public int Refused { get; private set; }
        public string? FirstRefusal { get; private set; }

        public void Count(SmtpReplyText reply)
        {
            lock (gate)
            {
                if (reply.Code == 250) Accepted++;
                else
                {
                    Refused++;
                    FirstRefusal ??= reply.ToString();
                }
            }
        }
    }
}
