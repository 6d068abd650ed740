using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Mailboxes;
using Sternpost.Queue;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.Signing;
using Sternpost.Smtp.Client;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Bench.Outbound;

/// <summary>The queue's runner as the server has it, without the rest of the server. Runs until its standard input ends.</summary>
internal static class QueueProgram
{
    public static async Task RunAsync(string folder, string nameServer, int port, int connections, CancellationToken cancellation)
    {
        using var loggers = LogLines.ToStandardError(LogLevel.Information);
        await using var database = await Database.OpenAsync(folder, TimeProvider.System, cancellation);
        var directory = new AccountDirectory(database, TimeProvider.System);
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [IPEndPoint.Parse(nameServer)] }, TimeProvider.System, loggers.CreateLogger<DnsResolver>());
        await using var runner = new QueueRunner(
            database, directory, new MailStore(database, directory, TimeProvider.System), resolver, new DkimMessageSigner(database, TimeProvider.System).SignAsync, new QueueSignal(),
            Options(port, connections), TimeProvider.System, loggers.CreateLogger<QueueRunner>(), new TraceBook(database, TimeProvider.System, loggers.CreateLogger<TraceBook>()));
        await runner.StartAsync(cancellation);
        await Console.Out.WriteLineAsync("runs");
        await Console.In.ReadToEndAsync(cancellation);
    }

    /// <summary>As shipped, but with waits that a measurement can live with; Postfix gets the same (<see cref="PostfixQueue"/>).</summary>
    public static QueueOptions Options(int port, int connections) => new()
    {
        HostName = DomainName.Parse("sender.bench.test"),
        Port = port,
        Connections = connections,
        ConnectionsPerDestination = 10,
        LoopbackDestinations = true,
        RetryDelays = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)],
        RestAfterFailure = TimeSpan.FromSeconds(5),
        PollInterval = TimeSpan.FromSeconds(5),
        WireKeeper = WireKeeperProgram.Command,
        Deadlines = new ClientDeadlines { Connect = Patience, Greeting = Patience, Command = Patience, DataInitiation = Patience, DataBlock = Patience, DataTermination = Patience },
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
}
