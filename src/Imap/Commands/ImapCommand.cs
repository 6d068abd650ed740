using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>A command whose arguments have been read: what is left is to do it.</summary>
internal abstract class ImapCommand
{
    /// <summary>Does it, writing its untagged responses, and answers how it went.</summary>
    internal abstract ValueTask<Completion> ExecuteAsync(ImapSession session);

    /// <summary>True where the arguments were not read to their end, for the command is refused whatever follows.</summary>
    internal virtual bool LeavesRest => false;
}

/// <summary>Reads a command's arguments, from the octet after its name; null where they are wrong, and the scanner knows why.</summary>
internal delegate ImapCommand? ParseArguments(ref ImapScanner scanner);

/// <summary>A command as the table knows it.</summary>
/// <param name="Name">In upper case; "UID FETCH" is a name.</param>
/// <param name="States">Where it is allowed.</param>
/// <param name="Parse">Reads its arguments.</param>
internal sealed record CommandDefinition(string Name, SessionState States, ParseArguments Parse)
{
    /// <summary>True where no EXPUNGE may be told when it ends, for its answers are about sequence numbers (RFC 9051 §7.5.1).</summary>
    internal bool HoldsExpunges { get; init; }

    /// <summary>True where the store is asked for news when it ends, though nothing was heard of any.</summary>
    internal bool AsksForNews { get; init; }
}

/// <summary>A command that needs no arguments and one function.</summary>
internal sealed class PlainCommand(Func<ImapSession, ValueTask<Completion>> work) : ImapCommand
{
    internal override ValueTask<Completion> ExecuteAsync(ImapSession session) => work(session);
}

/// <summary>A command refused for its arguments, though they are well-formed.</summary>
internal sealed class RefusedCommand(Completion completion) : ImapCommand
{
    internal override bool LeavesRest => true;

    internal override ValueTask<Completion> ExecuteAsync(ImapSession session) => ValueTask.FromResult(completion);
}
