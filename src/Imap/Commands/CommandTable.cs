using System.Collections.Frozen;
using Sternpost.Imap.Responses;
using Sternpost.Imap.Server;

namespace Sternpost.Imap.Commands;

/// <summary>Every command with the states it is allowed in (RFC 9051 §6) and what reads its arguments.</summary>
internal static class CommandTable
{
    private static readonly FrozenDictionary<string, CommandDefinition> ByName = new CommandDefinition[]
    {
        new("CAPABILITY", SessionState.Any, Plain(Capabilities.ExecuteAsync)),
        new("NOOP", SessionState.Any, Plain(_ => Done("Nothing done"))) { AsksForNews = true },
        new("LOGOUT", SessionState.Any, Plain(Logout)),
        new("ID", SessionState.Any, IdCommand.Parse),

        new("STARTTLS", SessionState.NotAuthenticated, Plain(StartTls)),
        new("AUTHENTICATE", SessionState.NotAuthenticated, AuthenticateCommand.Parse),
        new("LOGIN", SessionState.NotAuthenticated, LoginCommand.Parse),

        new("ENABLE", SessionState.Authenticated, EnableCommand.Parse),
        new("NAMESPACE", SessionState.SignedIn, Plain(Namespace)),
        new("SELECT", SessionState.SignedIn, static (ref scanner) => SelectCommand.Parse(ref scanner, readOnly: false)),
        new("EXAMINE", SessionState.SignedIn, static (ref scanner) => SelectCommand.Parse(ref scanner, readOnly: true)),
        new("CREATE", SessionState.SignedIn, CreateCommand.Parse),
        new("DELETE", SessionState.SignedIn, DeleteCommand.Parse),
        new("RENAME", SessionState.SignedIn, RenameCommand.Parse),
        new("SUBSCRIBE", SessionState.SignedIn, static (ref scanner) => SubscribeCommand.Parse(ref scanner, subscribed: true)),
        new("UNSUBSCRIBE", SessionState.SignedIn, static (ref scanner) => SubscribeCommand.Parse(ref scanner, subscribed: false)),
        new("LIST", SessionState.SignedIn, ListCommand.Parse),
        new("LSUB", SessionState.SignedIn, LsubCommand.Parse),
        new("STATUS", SessionState.SignedIn, StatusCommand.Parse),
        new("APPEND", SessionState.SignedIn, AppendCommand.Parse) { AsksForNews = true },
        new("IDLE", SessionState.SignedIn, Plain(IdleCommand.ExecuteAsync)),
        new("GETQUOTA", SessionState.SignedIn, QuotaCommand.ParseQuota),
        new("GETQUOTAROOT", SessionState.SignedIn, QuotaCommand.ParseRoot),

        new("CHECK", SessionState.Selected, Plain(_ => Done("Everything is on the disk already"))) { AsksForNews = true },
        new("CLOSE", SessionState.Selected, Plain(ExpungeCommand.CloseAsync)),
        new("UNSELECT", SessionState.Selected, Plain(Unselect)),
        new("EXPUNGE", SessionState.Selected, Plain(session => ExpungeCommand.ExpungeAsync(session, null))),
        new("UID EXPUNGE", SessionState.Selected, ExpungeCommand.ParseUid),
        new("SEARCH", SessionState.Selected, static (ref scanner) => SearchCommand.Parse(ref scanner, byUid: false)) { HoldsExpunges = true },
        new("UID SEARCH", SessionState.Selected, static (ref scanner) => SearchCommand.Parse(ref scanner, byUid: true)),
        new("SORT", SessionState.Selected, static (ref scanner) => SortCommand.Parse(ref scanner, byUid: false)) { HoldsExpunges = true },
        new("UID SORT", SessionState.Selected, static (ref scanner) => SortCommand.Parse(ref scanner, byUid: true)),
        new("THREAD", SessionState.Selected, static (ref scanner) => ThreadCommand.Parse(ref scanner, byUid: false)) { HoldsExpunges = true },
        new("UID THREAD", SessionState.Selected, static (ref scanner) => ThreadCommand.Parse(ref scanner, byUid: true)),
        new("FETCH", SessionState.Selected, static (ref scanner) => FetchCommand.Parse(ref scanner, byUid: false)) { HoldsExpunges = true },
        new("UID FETCH", SessionState.Selected, static (ref scanner) => FetchCommand.Parse(ref scanner, byUid: true)),
        new("STORE", SessionState.Selected, static (ref scanner) => StoreCommand.Parse(ref scanner, byUid: false)) { HoldsExpunges = true },
        new("UID STORE", SessionState.Selected, static (ref scanner) => StoreCommand.Parse(ref scanner, byUid: true)),
        new("COPY", SessionState.Selected, static (ref scanner) => CopyCommand.Parse(ref scanner, byUid: false, move: false)) { AsksForNews = true },
        new("UID COPY", SessionState.Selected, static (ref scanner) => CopyCommand.Parse(ref scanner, byUid: true, move: false)) { AsksForNews = true },
        new("MOVE", SessionState.Selected, static (ref scanner) => CopyCommand.Parse(ref scanner, byUid: false, move: true)) { AsksForNews = true },
        new("UID MOVE", SessionState.Selected, static (ref scanner) => CopyCommand.Parse(ref scanner, byUid: true, move: true)) { AsksForNews = true },
    }.ToFrozenDictionary(definition => definition.Name);

    /// <summary>The command of that name in upper case, or null.</summary>
    internal static CommandDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    private static ParseArguments Plain(Func<ImapSession, ValueTask<Completion>> work)
    {
        var command = new PlainCommand(work);
        return (ref scanner) => command;
    }

    private static ValueTask<Completion> Done(string text) => ValueTask.FromResult(Completion.Ok(text));

    private static ValueTask<Completion> Logout(ImapSession session)
    {
        // RFC 9051 §6.1.3: BYE comes before the tagged OK.
        session.Writer.Line("* BYE Until next time");
        session.IsOver = true;
        return Done("Signed out");
    }

    // The session turns to TLS once this OK is out.
    private static ValueTask<Completion> StartTls(ImapSession session) =>
        ValueTask.FromResult(session.Connection.IsTls ? Completion.Bad("TLS is on already") : Completion.Ok("Begin TLS now"));

    // RFC 2342: one personal namespace, nobody else's, none shared.
    private static ValueTask<Completion> Namespace(ImapSession session)
    {
        session.Writer.Line("* NAMESPACE ((\"\" \"/\")) NIL NIL");
        return Done("All mailboxes are yours");
    }

    // RFC 9051 §6.4.2: like CLOSE, but nothing is expunged.
    private static ValueTask<Completion> Unselect(ImapSession session)
    {
        session.Deselect();
        return Done("No mailbox is selected");
    }
}
