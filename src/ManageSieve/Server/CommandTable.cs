using Sternpost.ManageSieve.Grammar;

namespace Sternpost.ManageSieve.Server;

/// <summary>When a command may be given (RFC 5804 §4).</summary>
[Flags]
internal enum When
{
    NotAuthenticated = 1,
    Authenticated = 2,
    Any = NotAuthenticated | Authenticated,
}

/// <summary>What an argument must be.</summary>
internal enum Kind
{
    String,
    Number,
}

/// <summary>A command of the protocol.</summary>
/// <param name="Name">In upper case.</param>
/// <param name="When">The states it is of.</param>
/// <param name="Execute">Does it.</param>
internal sealed record CommandDefinition(string Name, When When, Func<ManageSieveSession, Command, ValueTask<Reply>> Execute)
{
    /// <summary>Its arguments.</summary>
    internal IReadOnlyList<Kind> Arguments { get; init; } = [];

    /// <summary>How many of them may be left out.</summary>
    internal int Optional { get; init; }

    /// <summary>Whether these are the arguments it takes.</summary>
    internal bool Takes(IReadOnlyList<Argument> given) =>
        given.Count <= Arguments.Count && given.Count >= Arguments.Count - Optional && given.Zip(Arguments).All(pair => pair.First.IsString == (pair.Second == Kind.String));
}

/// <summary>Every command of RFC 5804 §2.</summary>
internal static class CommandTable
{
    private static readonly Dictionary<string, CommandDefinition> Commands = new CommandDefinition[]
    {
        new("CAPABILITY", When.Any, (session, _) => new(session.Capability())),
        new("LOGOUT", When.Any, (session, _) => new(session.Logout())),
        new("NOOP", When.Any, (session, command) => new(session.Noop(command))) { Arguments = [Kind.String], Optional = 1 },
        new("STARTTLS", When.NotAuthenticated, (session, _) => new(session.BeginTls())),
        new("AUTHENTICATE", When.NotAuthenticated, (session, command) => session.AuthenticateAsync(command)) { Arguments = [Kind.String, Kind.String], Optional = 1 },
        new("UNAUTHENTICATE", When.Authenticated, (session, _) => new(session.SignOut())),
        new("HAVESPACE", When.Authenticated, (session, command) => session.HaveSpaceAsync(command)) { Arguments = [Kind.String, Kind.Number] },
        new("PUTSCRIPT", When.Authenticated, (session, command) => session.PutScriptAsync(command)) { Arguments = [Kind.String, Kind.String] },
        new("CHECKSCRIPT", When.Authenticated, (session, command) => new(session.CheckScript(command))) { Arguments = [Kind.String] },
        new("LISTSCRIPTS", When.Authenticated, (session, _) => session.ListScriptsAsync()),
        new("SETACTIVE", When.Authenticated, (session, command) => session.SetActiveAsync(command)) { Arguments = [Kind.String] },
        new("GETSCRIPT", When.Authenticated, (session, command) => session.GetScriptAsync(command)) { Arguments = [Kind.String] },
        new("DELETESCRIPT", When.Authenticated, (session, command) => session.DeleteScriptAsync(command)) { Arguments = [Kind.String] },
        new("RENAMESCRIPT", When.Authenticated, (session, command) => session.RenameScriptAsync(command)) { Arguments = [Kind.String, Kind.String] },
    }.ToDictionary(command => command.Name, StringComparer.Ordinal);

    internal static CommandDefinition? Find(string name) => Commands.GetValueOrDefault(name);
}
