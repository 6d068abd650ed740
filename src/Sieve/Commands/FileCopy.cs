using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary>A copy of what a script sends (RFC 8580).</summary>
internal static class FileCopy
{
    internal static readonly TagSpec[] Tags =
    [
        new("fcc", "fcc", ArgumentKind.Text, "fcc"), new("flags", "flags", ArgumentKind.TextList, "imap4flags"), new("create", "create", null, "mailbox"), new("specialuse", "specialuse", ArgumentKind.Text, "special-use"),
    ];

    /// <summary>False after an error that was reported; null comes out where no copy is wanted.</summary>
    internal static bool Read(BoundCommand bound, out Func<ScriptRun, FileIntoAction>? copy)
    {
        copy = null;
        if (bound.TextOf("fcc") is { } mailbox) return (copy = DeliveryCommands.Mailbox(bound, mailbox)) is not null;
        // RFC 8580 §3: the others say how the copy is filed.
        if (!bound.Has("flags") && !bound.Has("create") && !bound.Has("specialuse")) return true;
        bound.Fail($"the tags :flags, :create and :specialuse of the {bound.Title} need :fcc beside them");
        return false;
    }
}
