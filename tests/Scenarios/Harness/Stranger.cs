using System.Globalization;

namespace Sternpost.Scenarios.Harness;

/// <summary>Mail from other servers to one that was installed: swaks, with the sender's address in a PROXY header, which <see cref="Settings"/> let it give.</summary>
internal static class Stranger
{
    /// <summary>What the server's configuration needs for it.</summary>
    internal const string Settings = "limits.proxy_from = [\"127.0.0.2\"]";

    /// <summary>Sends one; what swaks said is the outcome.</summary>
    internal static Task<Peer.Outcome> SendAsync(InstalledServer server, string client, string sender, string to, string subject, string body, params string[] more) => Peer.RunAsync("swaks",
    [
        "--server", "127.0.0.1", "--port", server.Ports["mx"].ToString(CultureInfo.InvariantCulture), "--local-interface", "127.0.0.2",
        "--proxy-version", "2", "--proxy-family", "AF_INET", "--proxy-source", client, "--proxy-source-port", "40000", "--proxy-dest", "127.0.0.1", "--proxy-dest-port", "25",
        "--from", sender, "--to", to, "--ehlo", "mail." + sender[(sender.IndexOf('@', StringComparison.Ordinal) + 1)..], "--h-Subject", subject, "--body", body, .. more,
    ]);
}
