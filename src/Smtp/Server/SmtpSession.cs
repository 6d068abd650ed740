using System.Net;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Sasl;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Network;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Policy;
using Sternpost.Wire;

namespace Sternpost.Smtp.Server;

/// <summary>
/// One connection from greeting to goodbye: its state, and the loop that reads a command, hands it to its verb and writes the reply.
/// Replies to pipelined commands leave together (RFC 2920 §3.2): the output is flushed only when no further command has arrived.
/// </summary>
internal sealed class SmtpSession
{
    // Replies to a client that sends commands but takes no answers wait in the kernel, not here.
    private const int MostUnflushed = 8 * 1024;

    private static readonly TimeSpan MostWork = TimeSpan.FromMinutes(10);

    private readonly List<string> faults = [];
    private readonly LineReader commands = new(CommandLine.MaxLengthWithParameters);
    private LineReader? longLines;
    private Task<ReverseOutcome>? reverse;
    private IDisposable? signedIn;
    private volatile bool waiting;
    private int errors;
    private int unknownRecipients;
    private int idle;

    internal SmtpSession(SmtpServices services, MailConnection connection, SessionPolicy policy)
    {
        Services = services;
        Connection = connection;
        Policy = policy;
        Id = SessionId.Next();
    }

    internal SmtpServices Services { get; }

    internal SmtpServerOptions Options => Services.Options;

    internal MailConnection Connection { get; }

    internal SessionPolicy Policy { get; }

    /// <summary>Joins the session's log lines; its messages add a number.</summary>
    internal string Id { get; }

    internal IPAddress Client => Connection.Remote.Address;

    /// <summary>What EHLO or HELO said; its text is null before.</summary>
    internal HelloArgument Hello { get; private set; }

    /// <summary>EHLO, not HELO, came last.</summary>
    internal bool Esmtp { get; private set; }

    internal Account? Account { get; set; }

    /// <summary>LHLO came: each recipient gets a reply of its own (RFC 2033 §4.2).</summary>
    internal bool IsLmtp { get; set; }

    /// <summary>What a server that uses us as its content filter said of the client its message came from; null where it said nothing.</summary>
    internal ForwardedClient? Forwarded { get; set; }

    /// <summary>The connection to the next hop, where messages go on at once; kept between them.</summary>
    internal SmtpClientConnection? Onward { get; set; }

    /// <summary>The app password that was given; null for the account's own.</summary>
    internal AppPassword? AppPassword { get; private set; }

    /// <summary>What the client says of where its mail comes from (XORIGIN).</summary>
    internal IReadOnlyDictionary<string, string> Claims { get; set; } = new Dictionary<string, string>();

    /// <summary>The program that hands mail over, once it is known.</summary>
    internal LocalCaller? Caller { get; set; }

    internal Transaction? Transaction { get; set; }

    /// <summary>Messages begun; the last one's number.</summary>
    internal int Messages { get; private set; }

    /// <summary>Set by a verb after which the client is gone or its next octets cannot be understood: a reply it returns is the last.</summary>
    internal bool Lost { get; set; }

    /// <summary>What a refused sender quotes: the session, and which of its messages.</summary>
    internal string Reference => Messages == 0 ? Id : $"{Id}.{Messages}";

    internal bool HasSaidHello => Hello.Text is not null;

    /// <summary>Runs until either side ends it. Throws only what a dead connection throws.</summary>
    internal async Task RunAsync()
    {
        Services.Log.Connected(Id, Connection.Remote, Policy.Door);
        var how = "closed by the client";
        try
        {
            how = await ConverseAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            how = "nothing came or went in time";
            await SayTooSlowAsync().ConfigureAwait(false);
        }
        finally
        {
            // A message half received is nobody's: what was read of it goes back.
            Transaction?.Chunks?.Release();
            if (Onward is not null) await Onward.DisposeAsync().ConfigureAwait(false);
            signedIn?.Dispose();
            Services.Log.Left(Id, Connection.Remote, Messages, errors, how);
        }
    }

    /// <summary>Notes what the judges should know.</summary>
    internal void Note(string fault)
    {
        if (faults.Contains(fault)) return;
        faults.Add(fault);
        Services.Log.RuleBroken(Id, Client, fault);
    }

    /// <summary>The client has named itself, which also ends any transaction (RFC 5321 §4.1.4).</summary>
    internal void Begin(HelloArgument hello, bool esmtp)
    {
        Reset();
        Hello = hello;
        Esmtp = esmtp;
        if (!hello.IsWellFormed) Note(Fault.HelloSyntax);
        if (HasInput()) Note(Fault.PipelinedHello);
    }

    /// <summary>Somebody has signed in.</summary>
    internal void SignIn(SaslStep.Success success)
    {
        Account = success.Account;
        AppPassword = success.AppPassword;
        signedIn = Services.Sasl.Sessions?.Add(success.Account, success.AppPassword?.Id, "SMTP", () => Connection.EndSession("This sign-in is no longer valid; sign in again"));
    }

    /// <summary>RFC 3207 §4.2: all the client said in clear is forgotten.</summary>
    internal void Forget()
    {
        Reset();
        Hello = default;
        Esmtp = false;
        Account = null;
    }

    /// <summary>Ends the transaction, if there is one.</summary>
    internal void Reset()
    {
        // What was forwarded is said anew for each message.
        if (Transaction is not null) Forwarded = null;
        Transaction?.Chunks?.Release();
        Transaction = null;
    }

    /// <summary>A transaction begins with MAIL; each has a number.</summary>
    internal void Open(MailArgument mail)
    {
        Transaction = new Transaction(mail);
        Messages++;
    }

    /// <summary>A command that leads to no message by itself; too many of them in a row end the session.</summary>
    internal void CountIdle() => idle++;

    /// <summary>A message was accepted: the client means business.</summary>
    internal void Forgive()
    {
        errors = 0;
        idle = 0;
    }

    /// <summary>The facts of the message now at its end; waits for reverse DNS, within its deadline.</summary>
    internal async ValueTask<SessionFacts> FactsAsync(Transaction transaction)
    {
        if (Forwarded is { } forwarded) return forwarded.Facts(transaction.Began, Reference);
        var outcome = reverse is null ? ReverseOutcome.None : await reverse.ConfigureAwait(false);
        return new SessionFacts(Client, Hello.Text, ProtocolWord(transaction.Mail.SmtpUtf8), Connection.TlsVersion, Connection.TlsCipher, Account?.Address, transaction.Began, Reference)
        {
            ReverseName = outcome.Name,
            ReverseResult = outcome.Result,
            Caller = Caller,
            ProtocolFaults = faults.Count == 0 ? [] : [.. faults],
        };
    }

    /// <summary>True where the client has sent something that has not been read.</summary>
    internal bool HasInput()
    {
        if (!Connection.Input.TryRead(out var read)) return false;
        var has = !read.Buffer.IsEmpty;
        Connection.Input.AdvanceTo(read.Buffer.Start);
        return has;
    }

    /// <summary>Commands in a group are PIPELINING's, which HELO does not offer.</summary>
    internal void NotePipelining()
    {
        if (!Esmtp && HasInput()) Note(Fault.Pipelined);
    }

    /// <summary>A token for work between a command and its reply (RFC 5321 §4.5.3.2.6: the client waits ten minutes).</summary>
    internal CancellationToken Work() => Connection.Within(MostWork);

    /// <summary>Tells the administrator of a refusal that policy made.</summary>
    internal void Report(string command, EmailAddress? reversePath, Reply refusal, EmailAddress? recipient = null)
    {
        SmtpMetrics.Refusal(Policy.Door, command, refusal.Status);
        RefusalTrail.Write(this, reversePath, recipient is null ? [] : [recipient], refusal, command, []);
        Services.Log.Refused(Reference, Client, Hello.Text, reversePath?.ToString() ?? "<>", command, refusal);
    }

    internal void Write(Reply reply) => reply.Write(Connection.Output, Reference);

    /// <summary>Sends what was written. Throws where the client does not take it in time.</summary>
    internal async ValueTask FlushAsync() => await Connection.Output.FlushAsync(Connection.Within(Options.WriteTimeout)).ConfigureAwait(false);

    /// <summary>Reads the answer to a challenge of AUTH.</summary>
    internal async ValueTask<(LineStatus Status, ReadOnlyMemory<byte> Line)> ReadResponseAsync()
    {
        longLines ??= new LineReader(CommandLine.MaxAuthLength);
        await FlushAsync().ConfigureAwait(false);
        while (true)
        {
            var status = await longLines.ReadAsync(Connection.Input, Connection.Within(Options.CommandTimeout)).ConfigureAwait(false);
            if (status != LineStatus.Interrupted) return (status, longLines.Line);
        }
    }

    private Reply Goodbye => Connection.EndReason is { } reason ? Replies.SessionEnded(reason) : Replies.Draining;

    private bool IsStranger => !Policy.TakesUsers && !ClientAddress.IsInternal(Client) && !Services.Known.Contains(Client);

    // RFC 3848, and RFC 6531 §4.3 for transactions with SMTPUTF8.
    private string ProtocolWord(bool utf8)
    {
        if (!Esmtp) return "SMTP";
        return (utf8 ? "UTF8SMTP" : "ESMTP") + (Connection.IsTls ? "S" : "") + (Account is null ? "" : "A");
    }

    private async Task<string> ConverseAsync()
    {
        using var draining = Connection.Draining.UnsafeRegister(static session => ((SmtpSession)session!).Wake(), this);
        if (!await GreetAsync().ConfigureAwait(false)) return "before the greeting";
        while (true)
        {
            var (status, line) = await NextCommandAsync().ConfigureAwait(false);
            if (status == LineStatus.Closed) return "closed by the client";
            var reply = Connection.Draining.IsCancellationRequested ? Goodbye : await AnswerAsync(status, line).ConfigureAwait(false);
            if (reply is null)
            {
                if (Lost) return "in the middle of a command";
                continue;
            }
            reply = await CountAsync(reply).ConfigureAwait(false);
            Write(reply);
            if (reply.Closes || Lost)
            {
                await FlushAsync().ConfigureAwait(false);
                if (HasInput()) await LingerAsync().ConfigureAwait(false);
                return reply.ToString();
            }
            if (Connection.Output is { CanGetUnflushedBytes: true, UnflushedBytes: > MostUnflushed }) await FlushAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> GreetAsync()
    {
        if (IsStranger && Services.Offenders.IsBarred(Client))
        {
            // RFC 5321 §3.1 lets another reply stand where the greeting is expected.
            Services.Log.Ended(Id, Client, Replies.Barred);
            Write(Replies.Barred);
            await FlushAsync().ConfigureAwait(false);
            return false;
        }
        if (!Policy.TakesUsers && !ClientAddress.IsInternal(Client))
            reverse = ReverseLookup.AskAsync(Services.Resolver, Client, Options.ReverseDnsTimeout, Services.Time);
        if (Options.GreetingDelay > TimeSpan.Zero && IsStranger && !await WaitBeforeGreetingAsync().ConfigureAwait(false)) return false;
        if (HasInput()) Note(Fault.EarlyTalker);
        Write(Services.Greeting);
        await FlushAsync().ConfigureAwait(false);
        return true;
    }

    // False where the client left. The clock is one of its own: the connection's would be spent when it runs out.
    private async ValueTask<bool> WaitBeforeGreetingAsync()
    {
        using var delay = new CancellationTokenSource(Options.GreetingDelay, Services.Time);
        try
        {
            var read = await Connection.Input.ReadAsync(delay.Token).ConfigureAwait(false);
            Connection.Input.AdvanceTo(read.Buffer.Start);
            return !read.IsCompleted || !read.Buffer.IsEmpty;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private async ValueTask<(LineStatus Status, ReadOnlyMemory<byte> Line)> NextCommandAsync()
    {
        // Only before signing in may a line be as long as AUTH needs it.
        var reader = commands;
        if (Policy.TakesUsers && Account is null && Connection.IsTls) reader = longLines ??= new LineReader(CommandLine.MaxAuthLength);
        if (reader.TryRead(Connection.Input, out var status)) return (status, reader.Line);
        // The order matters: a shutdown that begins between these lines either finds us waiting or is seen by the caller.
        waiting = true;
        try
        {
            await FlushAsync().ConfigureAwait(false);
            if (Connection.Draining.IsCancellationRequested) return (LineStatus.Interrupted, default);
            status = await reader.ReadAsync(Connection.Input, Connection.Within(Options.CommandTimeout)).ConfigureAwait(false);
            return (status, reader.Line);
        }
        finally
        {
            waiting = false;
        }
    }

    private void Wake()
    {
        if (waiting) Connection.Input.CancelPendingRead();
    }

    // An error in one command is ours, and the client is told to come back; the connection's own failures pass.
#pragma warning disable CA1031
    private async ValueTask<Reply?> AnswerAsync(LineStatus status, ReadOnlyMemory<byte> line)
    {
        try
        {
            return status == LineStatus.Line ? await Verbs.RunAsync(this, line).ConfigureAwait(false) : Unreadable(status);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or IOException))
        {
            Services.Log.Failed(exception, Id, Client);
            return Replies.Failed;
        }
    }
#pragma warning restore CA1031

    private Reply Unreadable(LineStatus status)
    {
        if (status == LineStatus.TooLong) return Replies.LineTooLong;
        // Nobody cancels a read but the shutdown, and its token is seen first; a cancellation left over from it is no command.
        if (status == LineStatus.Interrupted) return Goodbye;
        Note(Fault.BareLineEnding);
        return Replies.BareLineEnding;
    }

    // RFC 5321 §7.8: a server may end a session that is an abuse of it.
    private async ValueTask<Reply> CountAsync(Reply reply)
    {
        if (reply.Closes)
        {
            if (reply.IsRefusal) Services.Log.Ended(Id, Client, reply);
            return reply;
        }
        // Mailing lists age honestly, so recipients that do not exist have a count of their own. What passes by itself is nobody's error.
        var unknown = reply.Status == Replies.NoSuchMailbox;
        if (unknown) unknownRecipients++;
        else if (reply.Code >= 500) errors++;
        var end = unknownRecipients > Options.UnknownRecipientsPerConnection ? Replies.TooManyUnknown
            : errors > Options.ErrorsPerConnection ? Replies.TooManyErrors
            : idle > Options.IdleCommands ? Replies.TooManyIdle
            : null;
        if (end is not null)
        {
            Services.Log.Ended(Id, Client, end);
            if (IsStranger) Services.Offenders.Add(Client);
            return end;
        }
        var beyond = unknown ? unknownRecipients - (Options.UnknownRecipientsPerConnection / 2)
            : reply.Code >= 500 ? errors - (Options.ErrorsPerConnection / 2)
            : 0;
        if (beyond > 0) await SlowDownAsync(beyond).ConfigureAwait(false);
        return reply;
    }

    private async ValueTask SlowDownAsync(int beyond)
    {
        if (Options.ErrorDelay <= TimeSpan.Zero) return;
        var delay = Options.ErrorDelay * Math.Min(beyond, 5);
        await Task.Delay(delay, Services.Time, Connection.Within(delay + Options.WriteTimeout)).ConfigureAwait(false);
    }

    // Closing a socket that holds unread octets resets the connection, and the reset may overtake the last reply.
    private async ValueTask LingerAsync()
    {
        const long most = 1024 * 1024;
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1), Services.Time);
        try
        {
            for (long read = 0; read < most;)
            {
                var result = await Connection.Input.ReadAsync(second.Token).ConfigureAwait(false);
                read += result.Buffer.Length;
                Connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return;
            }
        }
        catch (OperationCanceledException)
        {
            // Long enough.
        }
    }

    // The connection's own clock has run out and cannot be used again.
    private async ValueTask SayTooSlowAsync()
    {
        using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(2), Services.Time);
        try
        {
            Write(Replies.TooSlow);
            await Connection.Output.FlushAsync(moment.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Nobody is there to hear it, so what was written need not wait to be sent.
            Connection.Abort();
        }
    }
}
