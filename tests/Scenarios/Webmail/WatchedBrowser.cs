using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A browser for which every name but localhost leads to a listener of the test: whatever a page fetches from elsewhere is seen, by whatever way it asks.</summary>
public sealed partial class WatchedBrowser : RealBrowser
{
    // Where this browser asks of itself for updates and accounts; no fixture names them, and they lead nowhere.
    private static readonly string[] Own = ["*.google.com", "*.googleapis.com", "*.gvt1.com", "*.gstatic.com", "*.googleusercontent.com"];

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> heard = new();
    private Task listening = Task.CompletedTask;

    /// <summary>The beginning of each connection that was made to anywhere else.</summary>
    public IReadOnlyCollection<string> Heard => heard;

    /// <inheritdoc/>
    protected override IEnumerable<string> Arguments => ["--host-resolver-rules=" + string.Join(',', Own.Select(host => $"MAP {host} ~NOTFOUND").Append($"MAP * 127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}").Append("EXCLUDE localhost"))];

    public override async ValueTask InitializeAsync()
    {
        listener.Start();
        listening = ListenAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await stop.CancelAsync();
        listener.Stop();
        await listening;
        stop.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                heard.Enqueue(await BeginningAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    // A request in the clear says what it wants; of TLS the name it asks for can be read.
    private async Task<string> BeginningAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            patience.CancelAfter(TimeSpan.FromSeconds(2));
            var read = await client.GetStream().ReadAsync(buffer, patience.Token);
            var text = Encoding.Latin1.GetString(buffer, 0, read);
            return text.StartsWith('\x16') ? "TLS for " + string.Join(" or ", HostName().Matches(text)) : text.Split("\r\n\r\n")[0];
        }
        catch (Exception silent) when (silent is IOException or OperationCanceledException)
        {
            return "(a connection that said nothing)";
        }
    }

    [GeneratedRegex(@"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();
}
