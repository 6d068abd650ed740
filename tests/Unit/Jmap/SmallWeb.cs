using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Jmap;

/// <summary>A web server of a few lines, which counts what it is asked and answers what a test says.</summary>
internal sealed class SmallWeb : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, byte[]> answers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task working;

    internal SmallWeb()
    {
        listener.Start();
        working = RunAsync();
    }

    /// <summary>Every request as it came.</summary>
    internal ConcurrentQueue<string> Asked { get; } = new();

    internal string Url(string path) => $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}{path}";

    internal void Answer(string path, byte[] body, string type = "image/png") => answers[path] = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body];

    internal void Redirect(string path, string to) => answers[path] = Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    internal void Raw(string path, string answer) => answers[path] = Encoding.ASCII.GetBytes(answer);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await working;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(stopping.Token);
                var stream = client.GetStream();
                var request = new StringBuilder();
                var buffer = new byte[4096];
                while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, stopping.Token) is > 0 and var read) request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                Asked.Enqueue(request.ToString());
                var path = request.ToString().Split(' ') is [_, var asked, ..] ? asked : "";
                await stream.WriteAsync(answers.TryGetValue(path, out var answer) ? answer : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), stopping.Token);
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException or SocketException)
            {
                // The asker left, or the test is over.
            }
        }
    }
}
