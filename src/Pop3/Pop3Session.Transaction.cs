using System.Diagnostics.Metrics;

namespace Sternpost.Pop3;

/// <summary>The TRANSACTION state and the UPDATE state that QUIT leads to (RFC 1939 §5, §6).</summary>
internal sealed partial class Pop3Session
{
    private static readonly Meter Meter = new("Sternpost");
    private static readonly Counter<long> Retrieved = Meter.CreateCounter<long>("sternpost.pop3.messages.retrieved", "{message}");
    private static readonly Counter<long> Deleted = Meter.CreateCounter<long>("sternpost.pop3.messages.deleted", "{message}");

    /// <summary>False where the command is not one of this state.</summary>
    private async ValueTask<bool> TransactionAsync(Maildrop drop, Pop3Command command)
    {
        switch (command.Keyword)
        {
            case "STAT":
                await OkAsync($"{drop.Count} {drop.Octets}").ConfigureAwait(false);
                return true;
            case "LIST":
                await ListingAsync(drop, command, number => drop.Size(number).ToString()).ConfigureAwait(false);
                return true;
            case "UIDL":
                await ListingAsync(drop, command, drop.UniqueId).ConfigureAwait(false);
                return true;
            case "RETR":
                await RetrieveAsync(drop, command).ConfigureAwait(false);
                return true;
            case "TOP":
                await TopAsync(drop, command).ConfigureAwait(false);
                return true;
            case "DELE":
                if (await NumberAsync(drop, command.Words).ConfigureAwait(false) is { } number)
                {
                    drop.Delete(number);
                    await OkAsync($"Message {number} goes at QUIT").ConfigureAwait(false);
                }
                return true;
            case "RSET":
                drop.Reset();
                await OkAsync($"{drop.Count} messages ({drop.Octets} octets)").ConfigureAwait(false);
                return true;
            case "NOOP":
                await OkAsync("Still here").ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    /// <summary>LIST and UIDL: one line for each message, or the line of the one named.</summary>
    private async ValueTask ListingAsync(Maildrop drop, Pop3Command command, Func<int, string> fact)
    {
        if (command.Words.Length > 0)
        {
            if (await NumberAsync(drop, command.Words).ConfigureAwait(false) is { } number) await OkAsync($"{number} {fact(number)}").ConfigureAwait(false);
            return;
        }
        await OkAsync($"{drop.Count} messages").ConfigureAwait(false);
        foreach (var number in drop.Numbers) await output.LineAsync($"{number} {fact(number)}").ConfigureAwait(false);
        await output.EndAsync().ConfigureAwait(false);
    }

    private async ValueTask RetrieveAsync(Maildrop drop, Pop3Command command)
    {
        if (await NumberAsync(drop, command.Words).ConfigureAwait(false) is not { } number) return;
        if (await ContentAsync(drop, number).ConfigureAwait(false) is not { } message) return;
        await OkAsync($"{message.Length} octets").ConfigureAwait(false);
        await output.MessageAsync(message, bodyLines: null).ConfigureAwait(false);
        drop.Retrieved(number);
        Retrieved.Add(1);
    }

    private async ValueTask TopAsync(Maildrop drop, Pop3Command command)
    {
        if (command.Words is not [var which, var count] || Pop3Command.Number(count) is not { } bodyLines)
        {
            await FaultAsync("Say the message and the lines: TOP 1 10").ConfigureAwait(false);
            return;
        }
        if (await NumberAsync(drop, [which]).ConfigureAwait(false) is not { } number) return;
        if (await ContentAsync(drop, number).ConfigureAwait(false) is not { } message) return;
        await OkAsync("The beginning").ConfigureAwait(false);
        await output.MessageAsync(message, bodyLines).ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ContentAsync(Maildrop drop, int number)
    {
        var message = await drop.ContentAsync(number, connection.Within(options.Idle)).ConfigureAwait(false);
        if (message is null) await ErrorAsync("Another mail program has removed this message meanwhile").ConfigureAwait(false);
        return message;
    }

    /// <summary>The message number that is the only argument; null where there is none, and the client has been told.</summary>
    private async ValueTask<int?> NumberAsync(Maildrop drop, string[] words)
    {
        if (words is not [var word] || Pop3Command.Number(word) is not { } number) await FaultAsync("Say the number of one message").ConfigureAwait(false);
        else if (drop.Has(number)) return number;
        else await ErrorAsync($"There is no message {number}; {drop.Count} are here").ConfigureAwait(false);
        return null;
    }

    private async ValueTask QuitAsync()
    {
        if (drop is null)
        {
            await EndAsync("+OK Goodbye").ConfigureAwait(false);
            return;
        }
        // Not the connection's token: a client that hangs up after QUIT has still asked for it.
        var complete = await drop.UpdateAsync(CancellationToken.None).ConfigureAwait(false);
        if (!complete) logger.NotAllDeleted(drop.Owner, connection.Remote, drop.Marked);
        else if (drop.Marked > 0) logger.DeletedAtQuit(drop.Owner, drop.Marked, connection.Remote);
        if (complete) Deleted.Add(drop.Marked);
        await EndAsync(complete ? "+OK Goodbye" : "-ERR [SYS/TEMP] Some deleted messages are still there").ConfigureAwait(false);
    }
}
