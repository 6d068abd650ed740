using System.Collections.Immutable;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Filing;

/// <summary>A copy that an account's script files.</summary>
/// <param name="Mailbox">Its mailbox by name; null for the one of <paramref name="Use"/>.</param>
/// <param name="Use">The mailbox by use.</param>
/// <param name="Create">A mailbox that is missing is made.</param>
/// <param name="Flags">Its system flags.</param>
/// <param name="Keywords">Its keywords.</param>
/// <param name="Edited">The whole message, where the script has changed its header; null for the message as it came.</param>
internal sealed record FiledCopy(string? Mailbox, SpecialUse Use, bool Create, MessageFlags Flags, ImmutableArray<string> Keywords, ReadOnlyMemory<byte>? Edited);

/// <summary>What an account's script makes of a message.</summary>
internal sealed record ScriptFiling
{
    /// <summary>Copies for the account.</summary>
    internal List<FiledCopy> Copies { get; } = [];

    /// <summary>Whom it is sent on to.</summary>
    internal List<EmailAddress> Redirects { get; } = [];

    /// <summary>Why it is refused; null where it is not.</summary>
    internal string? Rejection { get; set; }

    /// <summary>Answers and notices.</summary>
    internal List<PlannedMessage> Replies { get; } = [];

    /// <summary>What the script has seen, kept with the message.</summary>
    internal List<Action<Sql>> Alongside { get; } = [];

    /// <summary>For the trace: what was done, a clause.</summary>
    internal string Words { get; set; } = "";

    /// <summary>For the trace: what its owner should mend; empty where nothing.</summary>
    internal string Advice { get; set; } = "";
}
