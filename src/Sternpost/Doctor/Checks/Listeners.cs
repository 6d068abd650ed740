using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Whether each listener of the configuration takes a connection, and the one for other servers greets by the right name.</summary>
internal static class Listeners
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        if (!RunningServer.IsRunning(patient.DataFolder)) return [new CheckResult("Listeners", CheckLevel.Skipped, "not looked at: the server does not run", "")];
        var asked = patient.Configuration.Listeners.All.SelectMany(listener => listener.Listener.EndPoints.Select(endPoint => (listener.Name, EndPoint: Reachable(endPoint)))).DistinctBy(one => (one.Name, one.EndPoint.AddressFamily)).ToList();
        var answers = await Task.WhenAll(asked.Select(async one => (one.Name, one.EndPoint, Reason: await TryAsync(one.Name, one.EndPoint, patient, cancellation))));
        var results = answers.Where(answer => answer.Reason is not null)
            .Select(answer => CheckResult.Failed("Listeners", $"{answer.Name} at {answer.EndPoint} {answer.Reason}", "The server reads listeners when it starts: restart it (systemctl restart sternpost). What has the port otherwise: ss -ltnp")).ToList();
        if (patient.Configuration.Sites.Socket is { Length: > 0 } socket && await TryLocalAsync(socket, cancellation) is { } problem)
            results.Add(CheckResult.Failed("Listeners", $"the socket {socket} for programs of this computer {problem}", "Its folder must exist and be writable by the server; under systemd: RuntimeDirectory=sternpost with RuntimeDirectoryMode=0755. Then restart the server."));
        if (results.Count == 0) results.Add(CheckResult.Ok("Listeners", $"{string.Join(", ", asked.Select(one => one.Name).Distinct())} answer"));
        return results;
    }

    private static IPEndPoint Reachable(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endPoint.Port) : endPoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port) : endPoint;

    private static async Task<string?> TryAsync(string name, IPEndPoint endPoint, Patient patient, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, deadline.Token);
            // Doors that expect a PROXY header say nothing before it.
            if (name != "mx" || patient.Configuration.Limits.ProxyFrom.Any(network => network.Contains(endPoint.Address)) || patient.IsDemo) return null;
            var buffer = new byte[512];
            var greeting = Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token));
            // RFC 5321 §4.1.1.1: the name that other servers see in the greeting and in EHLO.
            var host = patient.Configuration.Server.Hostname.Ascii;
            return greeting.StartsWith("421", StringComparison.Ordinal) ? "is full: " + greeting.Trim()
                : greeting.StartsWith("220 " + host, StringComparison.OrdinalIgnoreCase) ? null
                : $"greets with '{greeting.Trim()}', not as {host}: another program may have the port";
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode == SocketError.ConnectionRefused ? "does not accept connections" : "cannot be reached: " + refused.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "does not answer in time";
        }
    }

    private static async Task<string?> TryLocalAsync(string path, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return null;
        }
        catch (SocketException refused)
        {
            return $"cannot be reached ({refused.Message})";
        }
    }
}
