using Microsoft.AspNetCore.Connections;
using Sternpost.Accounts;
using Sternpost.Accounts.Sasl;
using Sternpost.Imap.Commands;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Mailboxes;
using Sternpost.Messages.Text;
using Sternpost.Network;

namespace Sternpost.Imap.Server;

/// <summary>
/// One client's session: its state (RFC 9051 §3), what it enabled, the mailbox it selected, and the loop that reads a command,
/// does it, tells the news, and answers with the tag. Commands run one after another, so a session needs no locks.
/// </summary>
internal sealed class ImapSession : IDisposable
{
    private static readonly TimeSpan CommandTime = TimeSpan.FromMinutes(10);

    private readonly ImapServer server;
    private readonly CommandReader reader;
    private readonly CommandRate rate;
    private readonly CancellationTokenRegistration draining;
    private readonly long started;
    private IDisposable? signedIn;
    private CancellationToken token;
    private int commands;
    private int errors;
    private bool idling;

    internal ImapSession(ImapServer server, MailConnection connection)
    {
        this.server = server;
        Connection = connection;
        started = server.Time.GetTimestamp();
        Writer = new ResponseWriter(connection, server.Options.WriteTimeout);
        reader = new CommandReader(connection, Writer, server.Options, server.Memory, server.Time);
        rate = new CommandRate(server.Options.CommandsPerSecond, server.Time);
        draining = connection.Draining.UnsafeRegister(static state => ((ImapSession)state!).Wake(), this);
    }

    internal MailConnection Connection { get; }

    internal ResponseWriter Writer { get; }

    internal CommandReader Reader => reader;

    internal ImapServer Server => server;

    internal ImapOptions Options => server.Options;

    internal MailStore Store => server.Store;

    internal SessionState State { get; private set; } = SessionState.NotAuthenticated;

    /// <summary>Who signed in. Read only in states where somebody has.</summary>
    internal Account Account { get; private set; } = null!;

    internal SelectedMailbox? Selected { get; private set; }

    internal Enabled Enabled { get; private set; }

    /// <summary>Refused sign-ins on this connection.</summary>
    internal int Failures { get; set; }

    /// <summary>Why the connection closes once the command has been answered; null where it does not.</summary>
    internal string? Farewell { get; set; }

    /// <summary>Set where the connection closes and BYE has been said.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Cancelled when the connection dies or the current deadline passes.</summary>
    internal CancellationToken Token => token;

    /// <summary>The tag of the command in progress.</summary>
    internal string Tag { get; private set; } = "";

    internal bool HasEnabled(Enabled what) => (Enabled & what) == what;

    /// <summary>True where mailbox names go over the wire as UTF-8 (RFC 6855 §3, RFC 9051 §5.1).</summary>
    internal bool Utf8Names => (Enabled & (Enabled.Utf8 | Enabled.Rev2)) != 0;

    /// <summary>A mailbox name as this client reads it.</summary>
    internal string WireName(string name) => Utf8Names ? name : ModifiedUtf7.Encode(name);

    internal void Enable(Enabled what)
    {
        Enabled |= what;
        Writer.Utf8 = Utf8Names;
    }

    /// <summary>Turns CONDSTORE on by use; in a selected mailbox the client must be told where it stands (RFC 7162 §3.1.2).</summary>
    internal void UseCondStore()
    {
        if (HasEnabled(Enabled.CondStore)) return;
        Enable(Enabled.CondStore);
        if (Selected is not null) Writer.Line($"* OK [HIGHESTMODSEQ {Selected.ModSeq}] CONDSTORE is on");
    }

    /// <summary>What a session is told that ends because the server, or its account, says so.</summary>
    internal string Goodbye => "* BYE " + (Connection.EndReason ?? "The server is shutting down");

    internal void SignIn(SaslStep.Success success, string mechanism)
    {
        var account = success.Account;
        Account = account;
        signedIn = server.Sasl.Sessions?.Add(account, success.AppPassword?.Id, "IMAP", () => Connection.EndSession("This sign-in is no longer valid; sign in again"));
        State = SessionState.Authenticated;
        errors = 0;
        server.Logger.SignedIn(Connection.Remote, account.Address.ToString(), mechanism, Connection.TlsVersion ?? "cleartext");
    }

    /// <summary>Makes a mailbox the selected one.</summary>
    internal void Select(Mailbox mailbox, IReadOnlyList<Entry> entries, bool readOnly)
    {
        Deselect();
        Selected = new SelectedMailbox(mailbox, entries, readOnly, callback => Store.Watch(Account.Id, callback), WakeIfIdle);
        State = SessionState.Selected;
    }

    internal void Deselect()
    {
        Selected?.Dispose();
        Selected = null;
        if (State == SessionState.Selected) State = SessionState.Authenticated;
    }

    /// <summary>True during IDLE: news wakes the read then, and at no other time.</summary>
    internal bool IsIdling { get => Volatile.Read(ref idling); set => Volatile.Write(ref idling, value); }

    /// <summary>Ends the current or the next wait for input with <see cref="CommandStatus.Interrupted"/>.</summary>
    internal void Wake() => Connection.Input.CancelPendingRead();

    /// <summary>
    /// Takes in what happened to the selected mailbox and tells the client. Asks the store only where news was heard of or
    /// <paramref name="force"/> says so. False where the mailbox is gone: the session is over then (RFC 2180 §3.3).
    /// </summary>
    internal async ValueTask<bool> TellNewsAsync(bool mayExpunge, bool force)
    {
        if (Selected is not { } selected || !force && !selected.HasNews(mayExpunge)) return true;
        selected.CatchUp();
        var changes = await Store.ChangesAsync(selected.Id, selected.ModSeq, token).ConfigureAwait(false);
        if (changes is null)
        {
            Writer.Line("* BYE The selected mailbox was deleted");
            IsOver = true;
            return false;
        }
        selected.Apply(changes, mayExpunge, Writer, Enabled);
        return true;
    }

    /// <summary>Serves until the end.</summary>
    internal async Task RunAsync()
    {
        try
        {
            token = Connection.Within(Options.LoginTimeout);
            Writer.Line($"* OK [CAPABILITY {Capabilities.Text(this)}] {Options.HostName} Sternpost");
            while (!IsOver)
            {
                if (Connection.Draining.IsCancellationRequested)
                {
                    Writer.Line(Goodbye);
                    break;
                }
                if (!await NextAsync().ConfigureAwait(false)) return;
            }
            await Writer.FlushAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is gone or was silent for too long; to the latter, say so.
            server.Logger.Ended(Connection.Remote, Named, "deadline");
            await Writer.FarewellAsync(State == SessionState.NotAuthenticated ? "* BYE Too long without signing in" : "* BYE Too long without a command").ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ConnectionResetException or ConnectionAbortedException)
        {
            server.Logger.Ended(Connection.Remote, Named, gone.Message);
        }
    }

    public void Dispose()
    {
        signedIn?.Dispose();
        draining.Dispose();
        Deselect();
        reader.Release();
    }

    private string Named => State == SessionState.NotAuthenticated ? "nobody" : Account.Address.ToString();

    // One command, from its first octet to its answer in the pipe. False where the client has gone.
    private async ValueTask<bool> NextAsync()
    {
        var patience = Patience;
        reader.Step = patience < Options.ReadTimeout ? patience : Options.ReadTimeout;
        switch (await reader.ReadAsync(patience, Limits).ConfigureAwait(false))
        {
            case CommandStatus.Closed:
                server.Logger.Ended(Connection.Remote, Named, "closed by the client");
                return false;
            case CommandStatus.Interrupted:
                return true;
            case CommandStatus.Malformed:
                Writer.Line("* BAD A command is lines of at most 65536 octets, each ended by CRLF");
                CountError();
                break;
            case CommandStatus.Flood:
                // RFC 7888 §4: rather than read all that, close.
                Writer.Line("* BYE [TOOBIG] The literal is too large");
                IsOver = true;
                break;
            case CommandStatus.TooBig:
                await AnswerTooBigAsync().ConfigureAwait(false);
                break;
            case CommandStatus.Command:
                await rate.WaitAsync(Connection.Within(CommandTime)).ConfigureAwait(false);
                token = Connection.Within(CommandTime);
                await AnswerAsync(reader.Command).ConfigureAwait(false);
                break;
        }
        await Writer.FlushIfFullAsync().ConfigureAwait(false);
        return true;
    }

    private async ValueTask AnswerAsync(CommandText text)
    {
        var parsed = Parse(text, out var tag, out var definition, out var command);
        Tag = tag;
        if (!parsed.IsOk)
        {
            Writer.Text(tag).Char(' ').Line(parsed.ToString());
            CountError();
            return;
        }
        if (State == SessionState.NotAuthenticated && ++commands > Options.CommandsBeforeLogin)
        {
            Writer.Line("* BYE Too many commands without signing in");
            IsOver = true;
            return;
        }
        var begun = server.Time.GetTimestamp();
        var completion = await ExecuteAsync(definition!, command!).ConfigureAwait(false);
        if (!IsOver && !await TellNewsAsync(!definition!.HoldsExpunges, definition.AsksForNews && completion.IsOk).ConfigureAwait(false)) return;
        Writer.Text(Tag).Char(' ').Line(completion.ToString());
        if (completion.IsBad) CountError();
        if (Farewell is not null)
        {
            Writer.Line($"* BYE {Farewell}");
            IsOver = true;
        }
        var took = server.Time.GetElapsedTime(begun);
        ImapServer.Commands.Record(took.TotalSeconds, new KeyValuePair<string, object?>("command", definition!.Name), new KeyValuePair<string, object?>("status", completion.Status));
        server.Logger.Answered(Connection.Remote, definition.Name, completion.Status, took.TotalMilliseconds);
        if (definition.Name == "STARTTLS" && completion.IsOk) await StartTlsAsync().ConfigureAwait(false);
    }

    // Everything that can be said without doing anything: no tag, no such command, wrong state, wrong arguments.
    private Completion Parse(CommandText text, out string tag, out CommandDefinition? definition, out ImapCommand? command)
    {
        definition = null;
        command = null;
        var scanner = new ImapScanner(text) { Utf8Names = Utf8Names };
        if (!scanner.Tag(out tag) || !scanner.Space() || !scanner.Name(out var name))
        {
            if (tag.Length == 0) tag = "*";
            return Completion.Bad("A command is a tag, a space and a name");
        }
        if (name == "UID")
        {
            if (!scanner.Space() || !scanner.Name(out var second)) return Completion.Bad("UID needs a command");
            name = "UID " + second;
        }
        definition = CommandTable.Find(name);
        if (definition is null) return Completion.Bad("There is no such command");
        if ((definition.States & State) == 0)
        {
            return Completion.Bad(State switch
            {
                SessionState.NotAuthenticated => "Sign in first",
                SessionState.Authenticated when definition.States == SessionState.Selected => "Select a mailbox first",
                _ => $"{name} is not allowed now",
            });
        }
        command = definition.Parse(ref scanner);
        if (command is null || !command.LeavesRest && !scanner.End()) return Completion.Bad(scanner.Problem ?? "The arguments are wrong");
        return Completion.Ok("");
    }

    // A bug in one command must not end the session of a client that could go on; half a response can only end it.
#pragma warning disable CA1031
    private async ValueTask<Completion> ExecuteAsync(CommandDefinition definition, ImapCommand command)
    {
        try
        {
            return await command.ExecuteAsync(this).ConfigureAwait(false);
        }
        catch (Exception bug) when (Writer.AtLineStart && bug is not (OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException))
        {
            server.Logger.CommandFailed(bug, Connection.Remote, definition.Name);
            return Completion.No("SERVERBUG", "The server made a mistake; it is in its log");
        }
    }
#pragma warning restore CA1031

    // RFC 9051 §6.2.1: TLS begins right after the CRLF of our OK. Nothing the client had sent before counts afterwards: see MailConnection.
    private async ValueTask StartTlsAsync()
    {
        await Writer.FlushAsync().ConfigureAwait(false);
        if (!await Connection.StartTlsAsync().ConfigureAwait(false)) throw new IOException("The TLS handshake failed.");
    }

    private async ValueTask AnswerTooBigAsync()
    {
        var scanner = new ImapScanner(reader.Command);
        var tag = scanner.Tag(out var named) ? named : "*";
        var append = State != SessionState.NotAuthenticated && scanner.Space() && scanner.Name(out var name) && name == "APPEND";
        // RFC 7889 §4 and RFC 9051 §6.3.12: a message too large is NO with TOOBIG; any other large literal is a mistake.
        Writer.Text(tag).Char(' ').Line((append
            ? Completion.No("TOOBIG", $"A message may have {Options.AppendLimit} octets; or too many are being received")
            : Completion.Bad("The literal is too large")).ToString());
        if (!append) CountError();
        await Writer.FlushAsync().ConfigureAwait(false);
    }

    private void CountError()
    {
        var allowed = State == SessionState.NotAuthenticated ? Options.ErrorsAllowed : Options.ErrorsAllowed * 10;
        if (++errors < allowed) return;
        Writer.Line("* BYE Too many errors");
        server.Logger.Closed(Connection.Remote, "too many errors");
        IsOver = true;
    }

    // RFC 9051 §5.4: the autologout timer; before sign-in it runs from the connection's begin and is not restarted.
    private TimeSpan Patience
    {
        get
        {
            if (State != SessionState.NotAuthenticated) return Options.IdleTimeout;
            var left = Options.LoginTimeout - server.Time.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    private LiteralLimits Limits(ReadOnlyMemory<byte> soFar)
    {
        if (State == SessionState.NotAuthenticated) return new LiteralLimits(4096, 16384);
        var scanner = new ImapScanner(new CommandText(soFar, []));
        return scanner.Tag(out _) && scanner.Space() && scanner.TakeName("APPEND")
            ? new LiteralLimits(Math.Min(Options.AppendLimit, Array.MaxLength), 2 * Options.AppendLimit)
            : new LiteralLimits(64 * 1024, 256 * 1024);
    }

    private void WakeIfIdle()
    {
        if (IsIdling) Wake();
    }
}
