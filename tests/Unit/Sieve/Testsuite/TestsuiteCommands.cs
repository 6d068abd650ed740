using System.Text;
using Sternpost.Sieve;
using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;
using Sternpost.Sieve.Tests;

namespace Sternpost.Unit.Sieve.Testsuite;

/// <summary>The commands of <c>vnd.dovecot.testsuite</c>, by which the suite's scripts test a Sieve: one instance for one script of the suite.</summary>
internal sealed class TestsuiteCommands
{
    private const string Extension = "vnd.dovecot.testsuite";

    private readonly string folder;
    private readonly Dialect dialect;
    private readonly Dialect plain;
    private readonly List<(string Test, string? Failure)> results = [];
    private SieveScript? compiled;
    private ScriptRun? result;
    private ScriptRun main = null!;

    private TestsuiteCommands(string folder)
    {
        this.folder = folder;
        plain = new Dialect(ScriptCompiler.Extensions.Append(Extension), [.. ScriptCompiler.Commands, .. Own()]);
        dialect = plain;
    }

    internal TestsuiteServer Server { get; } = new();

    /// <summary>Runs a script of the suite: what each of its tests came to, null for passed.</summary>
    internal static IReadOnlyList<(string Test, string? Failure)> Run(string path)
    {
        var suite = new TestsuiteCommands(Path.GetDirectoryName(path)!);
        var compilation = ScriptCompiler.Compile(File.ReadAllBytes(path), suite.dialect, SieveLimits.Default, suite.Find);
        if (compilation.Script is not { } script) return [("compile", string.Join("; ", compilation.Problems))];
        suite.main = new ScriptRun(new SieveMessage("From: a@example.com\r\n\r\n"u8.ToArray()), suite.Server, SieveLimits.Default);
        suite.result = suite.main;
        try
        {
            suite.main.Run(script.Statements);
        }
        catch (Exception failure) when (failure is ScriptFailure or TestFailure)
        {
            suite.results.Add(("outside of tests", failure.Message));
        }
        return suite.results;
    }

    private string? Find(ScriptLocation location, string name)
    {
        foreach (var candidate in new[] { name, name + ".sieve" })
        {
            var path = Path.Combine(folder, location == ScriptLocation.Global ? "included-global" : "included", candidate);
            if (File.Exists(path)) return SieveText.Decode(File.ReadAllBytes(path));
        }
        return null;
    }

    private IEnumerable<CommandSpec> Own() =>
    [
        Command("test", [new(ArgumentKind.Text, "name")], Test, Block.Required),
        Command("test_fail", [new(ArgumentKind.Text, "reason")], bound =>
        {
            var reason = bound.Text(0);
            return run => throw new TestFailure(reason.Of(run));
        }),
        Command("test_set", [new(ArgumentKind.Text, "what"), new(ArgumentKind.Text, "value")], Set),
        Command("test_config_set", [new(ArgumentKind.Text, "setting"), new(ArgumentKind.Text, "value")], bound => Do(bound, (run, values) => Server.Settings[values[0]] = values[1])),
        Command("test_config_unset", [new(ArgumentKind.Text, "setting")], bound => Do(bound, (run, values) => Server.Settings.Remove(values[0]))),
        Command("test_config_reload", [], bound => run =>
        {
            main.Limits = Server.Limits;
            return Flow.Next;
        }, tags: [new("extension", "extension", ArgumentKind.Text)]),
        Command("test_result_reset", [], bound => run =>
        {
            result = main;
            main.Reset();
            Server.Sent.Clear();
            return Flow.Next;
        }),
        Command("test_result_print", [], bound => _ => Flow.Next),
        Command("test_mailbox_create", [new(ArgumentKind.Text, "name")], bound => Do(bound, (run, values) =>
        {
            Server.Mailboxes.TryAdd(values[0], []);
            if (bound.TextsOf("use") is { } uses) Server.Uses[values[0]] = [.. uses.Select(use => use.Of(run))];
        }), tags: [new("use", "use", ArgumentKind.TextList)]),
        Command("test_binary_save", [new(ArgumentKind.Text, "name")], bound => _ => Flow.Next),
        Command("test_binary_load", [new(ArgumentKind.Text, "name")], bound => _ => Flow.Next),
        Command("test_message", [new(ArgumentKind.Number, "index")], bound =>
        {
            var message = Message(bound);
            return run => message(run) ? Flow.Next : throw new TestFailure("there is no such message");
        }, tags: MessageTags),
        Question("test_message", [new(ArgumentKind.Number, "index")], Message, MessageTags),
        Question("test_script_compile", [new(ArgumentKind.Text, "file")], bound =>
        {
            var file = bound.Text(0);
            return run => Compile(file.Of(run));
        }),
        Question("test_script_run", [], bound =>
        {
            var append = bound.Has("append");
            return run => RunScript(append);
        }, [new("append_result", "append")]),
        Question("test_multiscript", [new(ArgumentKind.TextList, "files")], bound =>
        {
            var files = bound.Texts(0);
            return run => files.Select(file => file.Of(run)).ToList() is var names && names.Select((name, at) => Compile(name) && RunScript(append: at > 0)).ToList().TrueForAll(sound => sound) && ExecuteResult();
        }),
        Question("test_result_execute", [], bound => run => ExecuteResult()),
        Question("test_result_action", [new(ArgumentKind.TextList, "names")], bound => Indexed(bound, () => [.. result!.Actions.Select(action => action.Name)]), [.. MatchTags.Match, new("index", "which", ArgumentKind.Number)]),
        Question("test_error", [new(ArgumentKind.TextList, "texts")], bound => Indexed(bound, () => [.. Server.Errors.Select(error => error.Text)]), [.. MatchTags.Match, new("index", "which", ArgumentKind.Number)]),
    ];

    private static TagSpec[] MessageTags => [new("smtp", "place"), new("folder", "place", ArgumentKind.Text)];

    private static CommandSpec Command(string name, Positional[] positionals, Func<BoundCommand, Statement?> make, Block block = Block.None, TagSpec[]? tags = null) =>
        new(name) { Extension = Extension, Positionals = positionals, Command = make, Block = block, Tags = tags ?? [] };

    private static CommandSpec Question(string name, Positional[] positionals, Func<BoundCommand, Condition?> make, TagSpec[]? tags = null) =>
        new(name) { Extension = Extension, Positionals = positionals, Test = make, Tags = tags ?? [] };

    private static Statement Do(BoundCommand bound, Action<ScriptRun, List<string>> act)
    {
        var values = Enumerable.Range(0, bound.Count).Select(bound.Text).ToList();
        return run =>
        {
            act(run, [.. values.Select(value => value.Of(run))]);
            return Flow.Next;
        };
    }

    private Statement Test(BoundCommand bound)
    {
        var (name, block) = (bound.Text(0), bound.Block);
        return run =>
        {
            string? failure = null;
            Server.Errors.Clear();
            var flow = Flow.Next;
            try
            {
                flow = run.Run(block);
            }
            catch (Exception failed) when (failed is TestFailure or ScriptFailure)
            {
                failure = failed.Message;
            }
            results.Add((name.Of(run), failure));
            return flow;
        };
    }

    private Statement Set(BoundCommand bound) => Do(bound, (run, values) =>
    {
        switch (values[0])
        {
            case "message":
                run.Message = new SieveMessage(SieveText.Encode(values[1]));
                Server.Received(run.Message);
                break;
            case "envelope.from":
                Server.EnvelopeFrom = values[1] is "" or "<>" ? null : values[1];
                break;
            case "envelope.to":
                Server.EnvelopeTo = values[1];
                break;
            case "envelope.auth":
                Server.EnvelopeAuth = values[1];
                break;
        }
    });

    private Condition Message(BoundCommand bound)
    {
        var (folderName, index) = (bound.TextOf("place"), bound.Number(0));
        return run =>
        {
            if (folderName is null)
            {
                if (index >= (ulong)Server.Sent.Count) return false;
                var mail = Server.Sent[(int)index];
                (Server.EnvelopeFrom, Server.EnvelopeTo) = (mail.From, mail.To);
                run.Message = new SieveMessage(mail.Content);
                return true;
            }
            if (!Server.Mailboxes.TryGetValue(folderName.Of(run), out var box) || index >= (ulong)box.Count) return false;
            run.Message = new SieveMessage(box[(int)index].Content);
            run.Flags.Clear();
            run.Flags.AddRange(box[(int)index].Flags);
            return true;
        };
    }

    private bool Compile(string name)
    {
        Server.Errors.Clear();
        var path = Path.Combine(folder, name);
        if (!File.Exists(path)) throw new TestFailure($"the suite lacks {name}");
        var compilation = ScriptCompiler.Compile(File.ReadAllBytes(path), plain, Server.Limits, Find);
        compiled = compilation.Script;
        Server.Errors.AddRange(compilation.Problems.Where(problem => !problem.IsWarning));
        // The suite counts the line that says that there were errors.
        if (compiled is null) Server.Errors.Add(new ScriptProblem(0, "validation failed"));
        return compiled is not null;
    }

    private bool RunScript(bool append)
    {
        Server.Errors.Clear();
        if (compiled is null) return false;
        var run = append && result is not null ? result : new ScriptRun(main.Message, Server, Server.Limits);
        result = run;
        var before = run.Actions.Count;
        try
        {
            run.Variables = run.NewScope();
            run.Run(compiled.Statements);
            return true;
        }
        catch (ScriptFailure failure)
        {
            if (append && before > 0 && failure.Message.Contains("conflict", StringComparison.Ordinal) || failure.Message.Contains("duplicate", StringComparison.Ordinal) && append) return true;
            Server.Errors.Add(new ScriptProblem(failure.Line, failure.Message));
            return false;
        }
    }

    private bool ExecuteResult()
    {
        Server.Errors.Clear();
        return Server.Execute(result!.Actions, result.KeepsImplicitly, result.Message, result.Flags);
    }

    private static Condition? Indexed(BoundCommand bound, Func<List<string>> values)
    {
        var keys = bound.Texts(0);
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        var index = bound.Parameter("which")?.Number;
        return run =>
        {
            var all = values();
            return match.Test(run, index is { } at ? at >= 1 && at <= (ulong)all.Count ? [all[(int)at - 1]] : [] : all, keys);
        };
    }

    private sealed class TestFailure(string reason) : Exception(reason);
}
