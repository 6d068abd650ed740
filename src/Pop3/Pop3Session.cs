using Microsoft.Extensions.Logging;
using Sternpost.Accounts.Sasl;
using Sternpost.Mailboxes;
using Sternpost.Network;
using Sternpost.Wire;

namespace Sternpost.Pop3;

/// <summary>
/// One client: reads commands, answers each, ends. The commands of the AUTHORIZATION state and of the TRANSACTION state (RFC 1939 §4,
/// §5) are in files of their own.
/// </summary>
internal sealed partial class Pop3Session : IAsyncDisposable
{
    // RFC 2449 §4 has commands of 255 octets; SASL responses and long passwords need more.
    private const int MaxLine = 4096;

    private readonly MailConnection connection;
    private readonly MailStore mail;
    private readonly SaslServer sasl;
    private readonly MaildropLocks locks;
    private readonly Pop3Options options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly LineReader lines = new(MaxLine);
    private readonly Pop3Output output;
    private readonly long began;
    private Maildrop? drop;
    private IDisposable? signedIn;
    private int faults;
    private bool ended;

    internal Pop3Session(MailConnection connection, MailStore mail, SaslServer sasl, MaildropLocks locks, Pop3Options options, TimeProvider time, ILogger logger)
    {
        this.connection = connection;
        this.mail = mail;
        this.sasl = sasl;
        this.locks = locks;
        this.options = options;
        this.time = time;
        this.logger = logger;
        output = new Pop3Output(connection, options.Send);
        began = time.GetTimestamp();
    }

    internal async Task RunAsync()
    {
        // The input is another one after STLS, so it is asked for when the time comes.
        using var draining = connection.Draining.UnsafeRegister(static session => ((Pop3Session)session!).connection.Input.CancelPendingRead(), this);
        await OkAsync($"{options.HostName} Sternpost POP3 ready").ConfigureAwait(false);
        while (!ended)
        {
            switch (await ReadLineAsync().ConfigureAwait(false))
            {
                case LineStatus.Line:
                    await CommandAsync().ConfigureAwait(false);
                    break;
                case LineStatus.Closed:
                    return;
                case LineStatus.Interrupted:
                    if (!connection.Draining.IsCancellationRequested) break;
                    await EndAsync($"-ERR {(connection.EndReason is { } reason ? "[AUTH] " + reason : "[SYS/TEMP] The server is shutting down")}; nothing was deleted").ConfigureAwait(false);
                    break;
                case LineStatus.TooLong:
                    await FaultAsync("The line is too long").ConfigureAwait(false);
                    break;
                default:
                    await FaultAsync("Lines end with CRLF").ConfigureAwait(false);
                    break;
            }
        }
        await output.FlushAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        signedIn?.Dispose();
        drop?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the next line; what was answered goes out first. A client that is silent too long is cut off without a word and without an update (RFC 1939 §3).</summary>
    private async ValueTask<LineStatus> ReadLineAsync()
    {
        if (connection.Draining.IsCancellationRequested) return LineStatus.Interrupted;
        // A client that sends without pause is never waited for, so its time must be looked at here too.
        if (Patience() == TimeSpan.Zero) return LineStatus.Closed;
        if (lines.TryRead(connection.Input, out var status)) return status;
        await output.FlushAsync().ConfigureAwait(false);
        return await lines.ReadAsync(connection.Input, connection.Within(Patience())).ConfigureAwait(false);
    }

    private TimeSpan Patience()
    {
        if (drop is not null) return options.Idle;
        var left = options.SignIn - time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async ValueTask CommandAsync()
    {
        if (Pop3Command.TryParse(lines.Line.Span) is not { } command)
        {
            await FaultAsync("That is not a command").ConfigureAwait(false);
            return;
        }
        switch (command.Keyword)
        {
            case "CAPA":
                await CapabilitiesAsync().ConfigureAwait(false);
                break;
            case "QUIT":
                await QuitAsync().ConfigureAwait(false);
                break;
            default:
                if (!await InStateAsync(command).ConfigureAwait(false)) await FaultAsync("That command is unknown, or not for now").ConfigureAwait(false);
                break;
        }
    }

    private ValueTask<bool> InStateAsync(Pop3Command command) => drop is null ? AuthorizationAsync(command) : TransactionAsync(drop, command);

    private async ValueTask CapabilitiesAsync()
    {
        await OkAsync("What this server can").ConfigureAwait(false);
        foreach (var capability in Capabilities()) await output.LineAsync(capability).ConfigureAwait(false);
        await output.EndAsync().ConfigureAwait(false);
    }

    // RFC 2449 §6. What takes a password is named only where it is taken (RFC 2595 §2.2).
    private IEnumerable<string> Capabilities()
    {
        yield return "TOP";
        yield return "UIDL";
        yield return "PIPELINING";
        yield return "EXPIRE NEVER";
        yield return "RESP-CODES";
        yield return "AUTH-RESP-CODE";
        if (connection.IsTls)
        {
            yield return "USER";
            yield return "SASL " + string.Join(' ', SaslServer.Mechanisms(connection.TlsServerEndPoint is not null));
        }
        else
        {
            yield return "STLS";
        }
    }

    private ValueTask OkAsync(string text) => output.LineAsync("+OK " + text);

    private ValueTask ErrorAsync(string text) => output.LineAsync("-ERR " + text);

    /// <summary>Answers what no good client sends; too much of it ends the session.</summary>
    private async ValueTask FaultAsync(string text)
    {
        if (++faults < options.MaxFaults) await ErrorAsync(text).ConfigureAwait(false);
        else await EndAsync("-ERR Too many commands that are none; goodbye").ConfigureAwait(false);
    }

    private async ValueTask EndAsync(string line)
    {
        ended = true;
        await output.LineAsync(line).ConfigureAwait(false);
    }
}
