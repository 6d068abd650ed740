using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Compiling;

/// <summary>A script's commands, ready to run.</summary>
internal sealed record CompiledScript(IReadOnlyList<Statement> Statements)
{
    /// <summary>It asks how much of spam a message is.</summary>
    internal bool TestsSpam { get; init; }

    /// <summary>Reads and checks a script's text. Where <paramref name="problems"/> gets an error, what comes out is not to be run.</summary>
    internal static CompiledScript Read(string text, Dialect dialect, SieveLimits limits, IncludeTree includes, List<ScriptProblem> problems)
    {
        var before = problems.Count;
        var nodes = Parser.Parse(text, problems);
        if (problems.Count > before) return new CompiledScript([]);
        var compiler = new Compiler(dialect, limits, includes, problems);
        return new CompiledScript(compiler.Compile(nodes)) { TestsSpam = compiler.TestsSpam };
    }
}
