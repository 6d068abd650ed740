using Sternpost.Accounts.Scripts;
using Sternpost.ManageSieve.Grammar;
using Sternpost.Sieve;

namespace Sternpost.ManageSieve.Server;

/// <summary>The commands about scripts (RFC 5804 §2.5 to §2.12). All are of those who have signed in.</summary>
internal sealed partial class ManageSieveSession
{
    // More lines tell nobody more.
    private const int MostProblems = 20;

    private static Reply TooLarge => Reply.No("QUOTA/MAXSIZE", $"A script has at most {ScriptStore.MaxOctets} octets");

    /// <summary>HAVESPACE (§2.5).</summary>
    internal ValueTask<Reply> HaveSpaceAsync(Command command) => WithNameAsync(
        command.Arguments[0],
        async name => Outcome(await server.Scripts.HasSpaceAsync(Owner, name, command.Arguments[1].Number!.Value, Token).ConfigureAwait(false), name, "There is room"));

    /// <summary>PUTSCRIPT (§2.6): nothing is stored that does not compile.</summary>
    internal ValueTask<Reply> PutScriptAsync(Command command) => WithNameAsync(
        command.Arguments[0],
        async name =>
        {
            var content = command.Arguments[1].Octets;
            // Said before the script is judged: an empty one may well be sound.
            if (content.IsEmpty) return Outcome(StoreOutcome.Empty, name, "");
            var verdict = Compile(content, "Stored");
            if (verdict.Status != "OK") return verdict;
            var outcome = await server.Scripts.PutAsync(Owner, name, content, Token).ConfigureAwait(false);
            if (outcome != StoreOutcome.Done) return Outcome(outcome, name, "");
            Log(name, "stored");
            return verdict;
        });

    /// <summary>CHECKSCRIPT (§2.12), which asks for no room.</summary>
    internal Reply CheckScript(Command command) => Compile(command.Arguments[0].Octets, "The script is sound");

    /// <summary>LISTSCRIPTS (§2.7).</summary>
    internal async ValueTask<Reply> ListScriptsAsync()
    {
        foreach (var script in await server.Scripts.ListAsync(Owner, Token).ConfigureAwait(false)) writer.Listed(script.Name.Value, script.IsActive);
        return Reply.Ok("These are all");
    }

    /// <summary>SETACTIVE (§2.8): the empty name stands for none.</summary>
    internal async ValueTask<Reply> SetActiveAsync(Command command)
    {
        if (!command.Arguments[0].Octets.IsEmpty) return await WithNameAsync(command.Arguments[0], name => ActivateAsync(name)).ConfigureAwait(false);
        return await ActivateAsync(null).ConfigureAwait(false);
    }

    /// <summary>GETSCRIPT (§2.9).</summary>
    internal ValueTask<Reply> GetScriptAsync(Command command) => WithNameAsync(
        command.Arguments[0],
        async name =>
        {
            if (await server.Scripts.ReadAsync(Owner, name, Token).ConfigureAwait(false) is not { } content) return Outcome(StoreOutcome.NonExistent, name, "");
            await writer.LiteralAsync(content).ConfigureAwait(false);
            return Reply.Ok("This is it");
        });

    /// <summary>DELETESCRIPT (§2.10).</summary>
    internal ValueTask<Reply> DeleteScriptAsync(Command command) => WithNameAsync(
        command.Arguments[0],
        async name =>
        {
            var outcome = await server.Scripts.RemoveAsync(Owner, name, Token).ConfigureAwait(false);
            if (outcome == StoreOutcome.Done) Log(name, "removed");
            return Outcome(outcome, name, "Removed");
        });

    /// <summary>RENAMESCRIPT (§2.11).</summary>
    internal ValueTask<Reply> RenameScriptAsync(Command command) => WithNameAsync(command.Arguments[0], name => WithNameAsync(
        command.Arguments[1],
        async fresh =>
        {
            var outcome = await server.Scripts.RenameAsync(Owner, name, fresh, Token).ConfigureAwait(false);
            if (outcome == StoreOutcome.Done) Log(name, $"renamed to '{fresh}'");
            return Outcome(outcome, outcome == StoreOutcome.AlreadyExists ? fresh : name, "Renamed");
        }));

    private async ValueTask<Reply> ActivateAsync(ScriptName? name)
    {
        var outcome = await server.Scripts.ActivateAsync(Owner, name, Token).ConfigureAwait(false);
        if (outcome == StoreOutcome.Done) server.Logger.Changed(Named, connection.Remote, name?.Value ?? "", name is null ? "no more active: none is" : "active");
        return Outcome(outcome, name, name is null ? "No script is active now" : "Active now");
    }

    private static Reply Compile(ReadOnlyMemory<byte> content, string text)
    {
        if (content.Length > ScriptStore.MaxOctets) return TooLarge;
        var compilation = ScriptCompiler.Compile(content);
        var said = compilation.Problems.Where(problem => compilation.Script is not null || !problem.IsWarning).ToList();
        // §2.6: several messages are lines of one string.
        var words = string.Join("\r\n", said.Take(MostProblems).Select(problem => problem.ToString())) + (said.Count > MostProblems ? $"\r\nand {said.Count - MostProblems} more" : "");
        if (compilation.Script is null) return Reply.No(words.Length > 0 ? words : "The script is not sound");
        return words.Length > 0 ? Reply.Ok(words) with { Code = "WARNINGS" } : Reply.Ok(text);
    }

    private static async ValueTask<Reply> WithNameAsync(Argument argument, Func<ScriptName, ValueTask<Reply>> execute)
    {
        if (argument.Text is not { } text) return Reply.Fault("The name of a script is UTF-8");
        return ScriptName.TryParse(text, out var name, out var problem) ? await execute(name).ConfigureAwait(false) : Reply.No(problem);
    }

    private static Reply Outcome(StoreOutcome outcome, ScriptName? name, string done) => outcome switch
    {
        StoreOutcome.Done => Reply.Ok(done),
        StoreOutcome.NonExistent => Reply.No("NONEXISTENT", $"There is no script '{name}'"),
        StoreOutcome.AlreadyExists => Reply.No("ALREADYEXISTS", $"There is a script '{name}' already"),
        StoreOutcome.Active => Reply.No("ACTIVE", $"'{name}' is the active script; activate another one, or none, first"),
        StoreOutcome.TooMany => Reply.No("QUOTA/MAXSCRIPTS", $"You have {ScriptStore.MaxScripts} scripts, which is the most"),
        StoreOutcome.TooLarge => TooLarge,
        StoreOutcome.Empty => Reply.No("A script of no octets is none"),
        _ => Reply.No("TRYLATER", "This account cannot store anything now"),
    };

    private CancellationToken Token => connection.Within(CommandTime);

    private long Owner => account!.Id;

    private void Log(ScriptName name, string change) => server.Logger.Changed(Named, connection.Remote, name.Value, change);
}
