using System.CommandLine;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using MailKit.Net.Imap;
using MailKit.Security;
using Sternpost.Bench;

namespace Sternpost.Commands;

/// <summary><c>bench imap</c>.</summary>
internal static class BenchImapCommand
{
    private const int WarmUp = 200;

    public static Command Create()
    {
        var host = new Option<string?>("--host") { Description = "The server. Where neither this nor --port is given, a demo is started in a process of its own." };
        var port = new Option<int?>("--port") { Description = "Its port. [default: 2993]" };
        var security = new Option<string>("--security") { Description = "How the connection is protected: tls, starttls or none.", HelpName = "HOW", DefaultValueFactory = _ => "tls" };
        security.AcceptOnlyFromAmong("tls", "starttls", "none");
        var user = new Option<string>("--user") { Description = "Who signs in.", HelpName = "NAME", DefaultValueFactory = _ => "alice@demo.test" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from standard input instead of asking." };
        var connections = BenchCommand.Positive("--connections", "Connections at once.", 10);
        var messages = BenchCommand.Positive("--messages", "Messages altogether.", 2000);
        var size = BenchCommand.Positive("--size", "Octets of each message.", 4096);
        var serverProcess = new Option<int?>("--server-pid") { Description = "The server's process id on this machine, to measure its processor time.", HelpName = "PID" };
        var json = CommonOptions.Json();
        var command = new Command("imap", "Fills, lists, reads, searches and empties mailboxes over IMAP; prints throughput, latency and the server's processor time of each.")
        {
            host, port, security, user, fromInput, connections, messages, size, serverProcess, json,
        };
        command.SetAction(async (result, cancellation) =>
        {
            var own = result.GetValue(host) is null && result.GetValue(port) is null ? await DemoProcess.StartAsync(cancellation) : null;
            try
            {
                var name = result.GetRequiredValue(user);
                var password = own?.PasswordOf(name) ?? Inputs.Secret($"Password of {name}: ", result.GetValue(fromInput));
                var server = (Host: result.GetValue(host) ?? "localhost", Port: own?.ImapsPort ?? result.GetValue(port) ?? 2993);
                var how = result.GetValue(security) switch { "tls" => SecureSocketOptions.SslOnConnect, "starttls" => SecureSocketOptions.StartTls, _ => SecureSocketOptions.None };
                ImapLoad Load(int count) => new(token => SignInAsync(server.Host, server.Port, how, name, password, token), Math.Min(count, result.GetValue(connections)), count, result.GetValue(size), own?.Id ?? result.GetValue(serverProcess));
                // A server of our own has compiled nothing yet; what is wanted is its steady state.
                if (own is not null) await Load(WarmUp).RunAsync(cancellation);
                Print(await Load(result.GetValue(messages)).RunAsync(cancellation), result.GetValue(json));
            }
            finally
            {
                if (own is not null) await own.DisposeAsync();
            }
        });
        return command;
    }

    private static async Task<ImapClient> SignInAsync(string host, int port, SecureSocketOptions how, string user, string password, CancellationToken cancellation)
    {
        var client = new ImapClient { CheckCertificateRevocation = false };
        // On this machine nobody can sit between, and a demo's certificate is its own.
        var isHere = host is "localhost" or "127.0.0.1" or "::1";
        client.ServerCertificateValidationCallback = (_, _, _, errors) => isHere || errors == SslPolicyErrors.None;
        try
        {
            await client.ConnectAsync(host, port, how, cancellation);
            await client.AuthenticateAsync(user, password, cancellation);
            return client;
        }
        catch (Exception failed) when (failed is SocketException or IOException or SslHandshakeException or AuthenticationException or ImapProtocolException or ImapCommandException)
        {
            client.Dispose();
            throw new OperationFailedException($"{user} could not sign in at {host}, port {port}: {failed.Message}");
        }
    }

    private static void Print(IReadOnlyList<ImapOperation> operations, bool json) => Facts.PrintList(operations, json, "Nothing was measured.",
        ("OPERATION", each => each.Operation), ("TIMES", each => each.Count.ToString(CultureInfo.InvariantCulture)), ("PER SECOND", each => each.PerSecond.ToString("F0", CultureInfo.InvariantCulture)),
        ("P50 MS", each => Milliseconds(each.LatencyMilliseconds.P50)), ("P95 MS", each => Milliseconds(each.LatencyMilliseconds.P95)), ("P99 MS", each => Milliseconds(each.LatencyMilliseconds.P99)), ("MAX MS", each => Milliseconds(each.LatencyMilliseconds.Max)),
        ("SERVER CPU MS", each => each.ServerCpuMilliseconds is { } cpu ? cpu.ToString("F2", CultureInfo.InvariantCulture) : "unknown"));

    private static string Milliseconds(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
