using Sternpost.Sieve.Commands;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;
using Sternpost.Sieve.Tests;

namespace Sternpost.Sieve;

/// <summary>What became of a script's text.</summary>
/// <param name="Script">What can be run; null where there are errors.</param>
/// <param name="Problems">Errors and warnings in the order of lines.</param>
public sealed record Compilation(SieveScript? Script, IReadOnlyList<ScriptProblem> Problems);

/// <summary>From text to something that runs (RFC 5228).</summary>
public static class ScriptCompiler
{
    /// <summary>Most octets of a script.</summary>
    public const int MaxOctets = 1 << 20;

    /// <summary>Most messages one run may send on (RFC 5804 §1.7, MAXREDIRECTS).</summary>
    public const int MaxRedirects = 4;

    internal static readonly CommandSpec[] Commands =
    [
        .. ControlCommands.All, .. DeliveryCommands.All, .. FlagCommands.All, VariableCommands.Set, .. HeaderCommands.All, .. MimeCommands.All, .. IncludeCommands.All, VacationCommand.Spec, NotifyCommand.Spec,
        .. LogicTests.All, .. HeaderTests.All, EnvelopeTest.Spec, BodyTest.Spec, .. DateTests.All, .. StringTests.All, .. ServerTests.All,
    ];

    /// <summary>The extensions a script may require, as ManageSieve tells them (RFC 5804 §1.7).</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        "fileinto", "reject", "ereject", "envelope", "encoded-character", "vacation", "vacation-seconds", "subaddress", "comparator-i;octet", "comparator-i;ascii-casemap", "comparator-i;ascii-numeric",
        "comparator-i;unicode-casemap", "relational", "regex", "imap4flags", "copy", "include", "variables", "body", "enotify", "environment", "mailbox", "special-use", "date", "index", "ihave", "duplicate",
        "mime", "foreverypart", "extracttext", "editheader", "spamtest", "spamtestplus", "virustest", "fcc",
    ];

    /// <summary>The URI schemes of enotify (RFC 5435).</summary>
    public static IReadOnlyList<string> NotifyMethods { get; } = ["mailto"];

    private static readonly Dialect Standard = new(Extensions, Commands);

    /// <summary>Reads and checks a script. Never throws for what is in it, however hostile.</summary>
    /// <param name="utf8">Its octets.</param>
    /// <param name="limits">What it may cost; null for <see cref="SieveLimits.Default"/>.</param>
    /// <param name="source">Where scripts it includes are; null where nobody knows yet, and then they are not looked at.</param>
    public static Compilation Compile(ReadOnlyMemory<byte> utf8, SieveLimits? limits = null, ScriptSource? source = null) => Compile(utf8, Standard, limits ?? SieveLimits.Default, source);

    internal static Compilation Compile(ReadOnlyMemory<byte> utf8, Dialect dialect, SieveLimits limits, ScriptSource? source)
    {
        List<ScriptProblem> problems = [];
        if (utf8.Length > MaxOctets) return new Compilation(null, [new ScriptProblem(1, $"the script has {utf8.Length} octets, and {MaxOctets} are the most")]);
        var text = SieveText.Decode(utf8.Span);
        // A byte order mark is no part of what was written.
        var script = CompiledScript.Read(text.TrimStart('\ufeff'), dialect, limits, new IncludeTree(source), problems);
        return new Compilation(problems.Exists(problem => !problem.IsWarning) ? null : new SieveScript(script, limits), problems);
    }
}
