using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Imap.Server;
using Sternpost.Mailboxes;
using Sternpost.Network;

namespace Sternpost.Imap;

/// <summary>
/// IMAP4rev2 (RFC 9051), and IMAP4rev1 (RFC 3501) for clients that know no newer. One instance serves all connections of a
/// process, on cleartext ports with STARTTLS and on TLS ports; sign-in is offered under TLS only.
/// </summary>
public sealed class ImapServer
{
    private static readonly Meter Meter = new("Sternpost");
    private static readonly UpDownCounter<int> Sessions = Meter.CreateUpDownCounter<int>("sternpost.imap.sessions.open", "{session}");

    /// <summary>How long commands took, IDLE included.</summary>
    internal static readonly Histogram<double> Commands = Meter.CreateHistogram<double>("sternpost.imap.command.duration", "s");

    /// <summary>Serves nothing yet.</summary>
    public ImapServer(MailStore store, AccountDirectory directory, SaslServer sasl, ImapOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Store = store;
        Directory = directory;
        Sasl = sasl;
        Options = options;
        Time = time;
        Logger = loggers.CreateLogger("Sternpost.Imap");
        Memory = new LiteralMemory(options.AppendMemory);
    }

    internal MailStore Store { get; }

    internal AccountDirectory Directory { get; }

    internal SaslServer Sasl { get; }

    internal ImapOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal LiteralMemory Memory { get; }

    /// <summary>Serves one connection until the client leaves, errs too often, idles too long, or the server drains. A <see cref="MailSession"/>.</summary>
    /// <exception cref="IOException">The connection broke; nothing the server answered OK is lost.</exception>
    /// <exception cref="OperationCanceledException">The connection closed during a wait.</exception>
    public async Task ServeAsync(MailConnection connection)
    {
        Sessions.Add(1);
        try
        {
            using var session = new ImapSession(this, connection);
            await session.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            Sessions.Add(-1);
        }
    }
}
