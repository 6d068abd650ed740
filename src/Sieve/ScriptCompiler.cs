using Sternpost.Sieve.Language;

namespace Sternpost.Sieve;

/// <summary>What became of a script's text.</summary>
/// <param name="Script">What can be run; null where there are errors.</param>
/// <param name="Problems">Errors and warnings in the order of lines.</param>
public sealed record Compilation(SieveScript? Script, IReadOnlyList<ScriptProblem> Problems);

/// <summary>A script that is sound and can be run, any number of times and by several threads at once.</summary>
public sealed class SieveScript
{
}

/// <summary>From text to something that runs (RFC 5228).</summary>
public static class ScriptCompiler
{
    /// <summary>Most octets of a script.</summary>
    public const int MaxOctets = 1 << 20;

    /// <summary>The extensions a script may require, as ManageSieve tells them (RFC 5804 §1.7).</summary>
    public static IReadOnlyList<string> Extensions { get; } = [];

    /// <summary>The URI schemes of enotify (RFC 5435).</summary>
    public static IReadOnlyList<string> NotifyMethods { get; } = ["mailto"];

    /// <summary>Most messages one run may send on (RFC 5804 §1.7, MAXREDIRECTS).</summary>
    public const int MaxRedirects = 5;

    /// <summary>Reads and checks a script. Never throws for what is in it, however hostile.</summary>
    public static Compilation Compile(ReadOnlyMemory<byte> utf8) => new(null, []);
}
