using Sternpost.Sieve.Actions;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve;

/// <summary>What a script wants done with a message.</summary>
/// <param name="Actions">In the order of the script; the implicit keep is among them where it was not cancelled. Never empty: to throw a message away is an action too.</param>
/// <param name="Problem">Why the script did not run to its end, or null. Then the one action is to keep the message (RFC 5228 §2.10.6).</param>
public sealed record ScriptOutcome(IReadOnlyList<SieveAction> Actions, ScriptProblem? Problem)
{
    internal SieveMessage? Message { get; init; }

    /// <summary>Whether an action is about a message whose header the script has changed.</summary>
    public bool IsEdited(SieveAction action) => action.Header is not null;

    /// <summary>The octets an action is about: the message, with the header as the script had changed it by then.</summary>
    public ReadOnlyMemory<byte> ContentOf(SieveAction action) => action.Header is { } header && Message is { } message ? header.Before(message.Rest.Span) : Message?.Octets ?? default;
}

/// <summary>A script that is sound and can be run, any number of times and by several threads at once.</summary>
public sealed class SieveScript
{
    private readonly SieveLimits limits;

    internal SieveScript(Compiling.CompiledScript script, SieveLimits limits)
    {
        Statements = script.Statements;
        TestsSpam = script.TestsSpam;
        this.limits = limits;
    }

    /// <summary>It asks how much of spam a message is, and so has its own mind of where that goes.</summary>
    public bool TestsSpam { get; }

    internal IReadOnlyList<Statement> Statements { get; }

    /// <summary>Runs the script over a message. Never throws for what either holds.</summary>
    /// <param name="content">The message, CRLF lines.</param>
    /// <param name="host">The server around it.</param>
    public ScriptOutcome Run(ReadOnlyMemory<byte> content, ISieveHost host)
    {
        var message = new SieveMessage(content);
        var run = new ScriptRun(message, host, limits);
        try
        {
            run.Run(Statements);
            if (run.KeepsImplicitly) run.Add(new KeepAction(0, [.. run.Flags]));
            return new ScriptOutcome(run.Actions, null) { Message = message };
        }
        catch (ScriptFailure failure)
        {
            // As it came: what a script changed before it failed may be half of what it meant.
            return new ScriptOutcome([new KeepAction(0, [])], new ScriptProblem(failure.Line, failure.Message)) { Message = message };
        }
    }
}
