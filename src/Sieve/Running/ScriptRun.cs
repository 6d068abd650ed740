using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Language;

namespace Sternpost.Sieve.Running;

/// <summary>How it goes on after a command.</summary>
internal enum Flow
{
    Next,
    /// <summary>The whole run ends (RFC 5228 §3.3).</summary>
    Stop,
    /// <summary>This script ends; the one that included it goes on (RFC 6609 §3.3).</summary>
    Return,
    /// <summary>A loop ends (RFC 5703 §3.2): <see cref="ScriptRun.BreakTo"/> says which.</summary>
    Break,
}

/// <summary>A command ready to run.</summary>
internal delegate Flow Statement(ScriptRun run);

/// <summary>A test ready to run.</summary>
internal delegate bool Condition(ScriptRun run);

/// <summary>One run of a script over one message: all that changes while it goes.</summary>
internal sealed class ScriptRun(SieveMessage message, ISieveHost host, SieveLimits limits)
{
    private readonly List<SieveAction> actions = [];
    private List<string> matchValues = [];
    private VariableScope? variables;
    private readonly Dictionary<string, string> shared = [];

    internal SieveMessage Message { get; set; } = message;

    internal ISieveHost Host => host;

    internal Budget Budget { get; private set; } = new();

    internal SieveLimits Limits { get; set; } = limits;

    internal VariableScope Variables { get => variables ??= NewScope(); set => variables = value; }

    /// <summary>The flags messages are stored with where an action names none (RFC 5232 §2).</summary>
    internal List<string> Flags { get; } = [];

    /// <summary>What is to be done, in the order of the script.</summary>
    internal IReadOnlyList<SieveAction> Actions => actions;

    /// <summary>Nothing has cancelled the implicit keep (RFC 5228 §2.10.2).</summary>
    internal bool KeepsImplicitly { get; set; } = true;

    /// <summary>Parts the loops around are at, the innermost last (RFC 5703 §3).</summary>
    internal List<(SievePart Part, string? Name)> Loops { get; } = [];

    /// <summary>The loop a break ends; null for the innermost.</summary>
    internal string? BreakTo { get; set; }

    /// <summary>How deep scripts include one another.</summary>
    internal int IncludeDepth { get; set; }

    /// <summary>Scripts included with <c>:once</c>, or at all.</summary>
    internal HashSet<(ScriptLocation, string)> Included { get; } = [];

    /// <summary>What a script reported that does not end the run.</summary>
    internal List<ScriptProblem> Warnings { get; } = [];

    internal VariableScope NewScope() => new(shared, this);

    /// <summary>The text a wildcard or group of the last match stood for; empty beyond them (RFC 5229 §3.2).</summary>
    internal string MatchValue(int index) => index < matchValues.Count ? matchValues[index] : "";

    internal void SetMatchValues(List<string> values) => matchValues = values;

    internal Flow Run(IReadOnlyList<Statement> statements)
    {
        foreach (var statement in statements)
        {
            Budget.Spend(20, 0);
            var flow = statement(this);
            if (flow != Flow.Next) return flow;
        }
        return Flow.Next;
    }

    /// <summary>Adds an action, unless it is one already; those that exclude one another end the run (RFC 5429 §2.3, RFC 5230 §4.7).</summary>
    internal void Add(SieveAction action, bool copy = false)
    {
        if (!copy) KeepsImplicitly = false;
        if (Merge(action)) return;
        foreach (var known in actions) Refuse(known, action);
        if (actions.Count >= Budget.MaxActions) throw new ScriptFailure(action.Line, "the total number of actions exceeds policy limit");
        if (action is RedirectAction && actions.Count(known => known is RedirectAction) >= ScriptCompiler.MaxRedirects)
            throw new ScriptFailure(action.Line, $"the number of redirect actions exceeds policy limit ({ScriptCompiler.MaxRedirects})");
        actions.Add(action with { Header = Message.Snapshot() });
    }

    internal void Reset()
    {
        actions.Clear();
        Flags.Clear();
        KeepsImplicitly = true;
        Warnings.Clear();
        Budget = new Budget();
    }

    // Twice the same is once (RFC 5228 §2.10.3); of two flag lists the last holds.
    private bool Merge(SieveAction action)
    {
        switch (action)
        {
            case DiscardAction:
                return actions.Exists(known => known is DiscardAction);
            case RedirectAction redirect:
                return actions.Exists(known => known is RedirectAction other && other.Address == redirect.Address);
            case KeepAction { Flags: var flags }:
                return Restore(known => known is KeepAction || known is FileIntoAction { SpecialUse: null } file && IsInbox(file.Mailbox), flags);
            case FileIntoAction file:
                return Restore(known => known is FileIntoAction other ? other.Mailbox == file.Mailbox && other.SpecialUse == file.SpecialUse : known is KeepAction && file.SpecialUse is null && IsInbox(file.Mailbox), file.Flags);
            default:
                return false;
        }
    }

    private bool Restore(Predicate<SieveAction> same, IReadOnlyList<string> flags)
    {
        var at = actions.FindIndex(same);
        if (at < 0) return false;
        if (flags.Count > 0) actions[at] = actions[at] switch { KeepAction keep => keep with { Flags = flags }, FileIntoAction file => file with { Flags = flags }, var other => other };
        return true;
    }

    private static bool IsInbox(string mailbox) => mailbox.Equals("INBOX", StringComparison.OrdinalIgnoreCase);

    private static void Refuse(SieveAction known, SieveAction added)
    {
        if (known is RejectAction or VacationAction && known.GetType() == added.GetType())
            throw new ScriptFailure(added.Line, $"duplicate {added.Name} action: there is one in line {known.Line} already");
        var conflict = (known, added) switch
        {
            (RejectAction, KeepAction or FileIntoAction or RedirectAction or VacationAction) => true,
            (KeepAction or FileIntoAction or RedirectAction or VacationAction, RejectAction) => true,
            _ => false,
        };
        if (conflict) throw new ScriptFailure(added.Line, $"the {added.Name} action conflicts with the {known.Name} action in line {known.Line}");
    }
}
