using Microsoft.AspNetCore.Connections;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Scripts;
using Sternpost.ManageSieve.Grammar;
using Sternpost.Network;
using Sternpost.Sieve;

namespace Sternpost.ManageSieve.Server;

/// <summary>
/// One client: reads commands, answers each, ends. Commands run one after another, so a session needs no locks. Signing in and the
/// commands about scripts are in files of their own.
/// </summary>
internal sealed partial class ManageSieveSession : IDisposable
{
    private static readonly TimeSpan CommandTime = TimeSpan.FromMinutes(2);

    // Before sign-in the longest argument is a response of SASL.
    private const long LongestBeforeLogin = 4096;

    // A script costs the work of compiling it: so many octets are as good as one command.
    private const double OctetsOfCommand = 16 * 1024;

    private readonly ManageSieveServer server;
    private readonly MailConnection connection;
    private readonly ResponseWriter writer;
    private readonly CommandReader reader;
    private readonly CommandRate rate;
    private readonly CancellationTokenRegistration draining;
    private long started;
    private int commands;
    private int errors;
    private bool startsTls;
    private bool ended;

    internal ManageSieveSession(ManageSieveServer server, MailConnection connection)
    {
        this.server = server;
        this.connection = connection;
        started = server.Time.GetTimestamp();
        writer = new ResponseWriter(connection, server.Options.WriteTimeout);
        reader = new CommandReader(connection, writer, server.Memory, server.Time);
        rate = new CommandRate(server.Options.CommandsPerSecond, server.Time);
        // The input is another one after STARTTLS, so it is asked for when the time comes.
        draining = connection.Draining.UnsafeRegister(static session => ((ManageSieveSession)session!).connection.Input.CancelPendingRead(), this);
    }

    private ManageSieveOptions Options => server.Options;

    private string Named => account?.Address.ToString() ?? "nobody";

    private Reply Goodbye => connection.EndReason is { } reason ? Reply.Bye(reason) : Reply.Bye("The server is shutting down", "TRYLATER");

    internal async Task RunAsync()
    {
        try
        {
            // RFC 5804 §1.7: the capabilities are the greeting.
            writer.Write(Capability());
            while (!ended)
            {
                if (connection.Draining.IsCancellationRequested) End(Goodbye);
                else if (!await NextAsync().ConfigureAwait(false)) return;
            }
            await writer.FlushAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is gone or was silent for too long; to the latter, say so.
            server.Logger.Ended(connection.Remote, Named, "deadline");
            await writer.FarewellAsync(Reply.Bye(account is null ? "Too long without signing in" : "Too long without a command")).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ConnectionResetException or ConnectionAbortedException)
        {
            server.Logger.Ended(connection.Remote, Named, gone.Message);
        }
    }

    public void Dispose()
    {
        signedIn?.Dispose();
        draining.Dispose();
        reader.Release();
    }

    // One command, from its first octet to its answer in the pipe. False where the client has gone.
    private async ValueTask<bool> NextAsync()
    {
        var patience = Patience;
        switch (await reader.ReadAsync(patience, Step(patience), LongestLiterals).ConfigureAwait(false))
        {
            case CommandStatus.Closed:
                server.Logger.Ended(connection.Remote, Named, "closed by the client");
                return false;
            case CommandStatus.Interrupted:
                return true;
            case CommandStatus.Flood:
                End(Reply.Bye("The literal is too large", "QUOTA/MAXSIZE"));
                break;
            case CommandStatus.Malformed:
                Answer(Reply.Fault(reader.Problem));
                break;
            case CommandStatus.TooLarge:
                Answer(account is null ? Reply.Fault("The literal is too large; sign in first") : TooLarge);
                break;
            case CommandStatus.TooBusy:
                Answer(Reply.No("TRYLATER", "Too many scripts are being received now; try again later"));
                break;
            case CommandStatus.Command:
                var octets = reader.Command.Arguments.Sum(argument => (long)argument.Octets.Length);
                await rate.WaitAsync(connection.Within(CommandTime), 1 + octets / OctetsOfCommand).ConfigureAwait(false);
                await AnswerAsync(reader.Command).ConfigureAwait(false);
                break;
        }
        await writer.FlushIfFullAsync().ConfigureAwait(false);
        return true;
    }

    private async ValueTask AnswerAsync(Command command)
    {
        if (CommandTable.Find(command.Name) is not { } definition)
        {
            Answer(Reply.Fault("There is no such command"));
            return;
        }
        if (account is null && ++commands > Options.CommandsBeforeLogin)
        {
            End(Reply.Bye("Too many commands without signing in"));
            return;
        }
        var begun = server.Time.GetTimestamp();
        var reply = (definition.When & (account is null ? When.NotAuthenticated : When.Authenticated)) == 0
            ? Reply.Fault(account is null ? "Sign in first" : $"{definition.Name} is not for those who have signed in")
            : !definition.Takes(command.Arguments) ? Reply.Fault($"These are not the arguments of {definition.Name}")
            : await ExecuteAsync(definition, command).ConfigureAwait(false);
        Answer(reply);
        ManageSieveServer.Commands.Record(server.Time.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("command", definition.Name), new KeyValuePair<string, object?>("status", reply.Status));
        if (startsTls) await StartTlsAsync().ConfigureAwait(false);
    }

    // A bug in one command must not end the session of a client that could go on.
#pragma warning disable CA1031
    private async ValueTask<Reply> ExecuteAsync(CommandDefinition definition, Command command)
    {
        try
        {
            return await definition.Execute(this, command).ConfigureAwait(false);
        }
        catch (Exception bug) when (bug is not (OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException))
        {
            server.Logger.CommandFailed(bug, connection.Remote, definition.Name);
            return Reply.No("TRYLATER", "The server made a mistake; it is in its log");
        }
    }
#pragma warning restore CA1031

    private void Answer(Reply reply)
    {
        writer.Write(reply);
        if (reply.Ends)
        {
            ended = true;
            server.Logger.Closed(connection.Remote, reply.Text);
        }
        else if (reply.IsFault && ++errors >= (account is null ? Options.ErrorsAllowed : Options.ErrorsAllowed * 10))
        {
            End(Reply.Bye("Too many errors"));
        }
    }

    private void End(Reply bye) => Answer(bye);

    /// <summary>CAPABILITY (RFC 5804 §2.4), whose lines are those of the greeting (§1.7).</summary>
    internal Reply Capability()
    {
        writer.Strings("IMPLEMENTATION", "Sternpost");
        writer.Strings("VERSION", "1.0");
        // §1.7: empty where TLS must come first.
        writer.Strings("SASL", connection.IsTls ? string.Join(' ', SaslServer.Mechanisms(connection.TlsServerEndPoint is not null)) : "");
        writer.Strings("SIEVE", string.Join(' ', ScriptCompiler.Extensions));
        if (ScriptCompiler.NotifyMethods.Count > 0) writer.Strings("NOTIFY", string.Join(' ', ScriptCompiler.NotifyMethods));
        writer.Strings("MAXREDIRECTS", ScriptCompiler.MaxRedirects.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.Strings("LANGUAGE", "en");
        writer.Strings("UNAUTHENTICATE");
        if (!connection.IsTls) writer.Strings("STARTTLS");
        if (account is not null) writer.Strings("OWNER", account.Address.ToString());
        // No words: Cyrus's clients take the line's end behind this OK, as it stands in the RFC's examples, and nothing else.
        return Reply.Ok("");
    }

    /// <summary>LOGOUT (RFC 5804 §2.3): what comes after it is not read.</summary>
    internal Reply Logout()
    {
        ended = true;
        return Reply.Ok("Goodbye");
    }

    /// <summary>NOOP (RFC 5804 §2.13).</summary>
    internal Reply Noop(Command command) => command.Arguments is not [{ } tag] ? Reply.Ok("Still here")
        : tag.Text is { } text ? Reply.Ok("Still here") with { Code = "TAG", Argument = text }
        : Reply.Fault("The tag is not UTF-8");

    private TimeSpan Step(TimeSpan patience) => patience < Options.ReadTimeout ? patience : Options.ReadTimeout;

    private long LongestLiterals => account is null ? LongestBeforeLogin : ScriptStore.MaxOctets + ScriptName.MaxOctets;

    // Before sign-in the time runs from the connection's begin and is not restarted.
    private TimeSpan Patience
    {
        get
        {
            if (account is not null) return Options.IdleTimeout;
            var left = Options.LoginTimeout - server.Time.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        }
    }
}
