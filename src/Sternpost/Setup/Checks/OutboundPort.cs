using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Setup.Checks;

/// <summary>Whether this machine may connect to port 25 of others, which many access and cloud providers forbid. Nothing is sent: hearing a greeting is enough.</summary>
internal static class OutboundPort
{
    // Any one that greets shows that the way is open; two, so that the outage of one is not taken for a block.
    private static readonly string[] Domains = ["gmail.com", "outlook.com"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<CheckResult> CheckAsync(PreflightSubject subject, CancellationToken cancellation)
    {
        if (subject.Configuration.Queue.Smarthost is { } relay) return CheckResult.Ok("Port 25 outwards", $"not needed: mail leaves by {relay}");
        var asked = await Task.WhenAll(Domains.Select(domain => TryAsync(domain, subject.Resolver, cancellation)));
        if (asked.Contains(Answer.Greeted)) return CheckResult.Ok("Port 25 outwards", "open");
        return asked.All(answer => answer == Answer.Unknown)
            ? CheckResult.Warning("Port 25 outwards", "could not be tried, because DNS does not answer", "Check the network and the resolver of this machine.")
            : CheckResult.Failed("Port 25 outwards", "blocked", "Ask the provider of this machine to open port 25 outwards, or send through a relay: [queue] smarthost in the configuration.");
    }

    private enum Answer
    {
        Unknown,
        Blocked,
        Greeted,
    }

    private static async Task<Answer> TryAsync(string domain, IDnsResolver resolver, CancellationToken cancellation)
    {
        var exchanges = await resolver.MxAsync(DomainName.Parse(domain), cancellation);
        if (exchanges.Records is not [{ Exchange: { } host }, ..]) return Answer.Unknown;
        var addresses = await resolver.AddressesAsync(host, AddressFamily.InterNetwork, cancellation);
        if (addresses.Records.Count == 0) return Answer.Unknown;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(addresses.Records[0], 25, deadline.Token);
            var greeting = new byte[512];
            return await socket.ReceiveAsync(greeting, SocketFlags.None, deadline.Token) > 0 ? Answer.Greeted : Answer.Blocked;
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return Answer.Blocked;
        }
    }
}
