using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Scripts;
using Sternpost.ManageSieve.Server;
using Sternpost.Network;

namespace Sternpost.ManageSieve;

/// <summary>
/// ManageSieve (RFC 5804): users keep their Sieve scripts here, and choose the one their mail is filtered by. One instance serves all
/// connections of a process. Sign-in is offered under TLS only; a script that does not compile is never stored; what was answered
/// <c>OK</c> is on the disk.
/// </summary>
public sealed class ManageSieveServer(ScriptStore scripts, SaslServer sasl, ManageSieveOptions options, TimeProvider time, ILogger<ManageSieveServer> logger)
{
    private static readonly Meter Meter = new("Sternpost");
    private static readonly UpDownCounter<int> Sessions = Meter.CreateUpDownCounter<int>("sternpost.managesieve.sessions.open", "{session}");

    /// <summary>How long commands took.</summary>
    internal static readonly Histogram<double> Commands = Meter.CreateHistogram<double>("sternpost.managesieve.command.duration", "s");

    internal ScriptStore Scripts => scripts;

    internal SaslServer Sasl => sasl;

    internal ManageSieveOptions Options => options;

    internal TimeProvider Time => time;

    internal ILogger Logger => logger;

    internal LiteralMemory Memory { get; } = new(options.ScriptMemory);

    /// <summary>Serves one connection until the client leaves, errs too often, idles too long, or the server drains. A <see cref="MailSession"/>.</summary>
    /// <exception cref="IOException">The connection broke; nothing the server answered OK is lost.</exception>
    public async Task ServeAsync(MailConnection connection)
    {
        Sessions.Add(1);
        try
        {
            using var session = new ManageSieveSession(this, connection);
            await session.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            Sessions.Add(-1);
        }
    }
}
