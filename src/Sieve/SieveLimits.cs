namespace Sternpost.Sieve;

/// <summary>What scripts may cost. The defaults let every honest script through.</summary>
public sealed record SieveLimits
{
    /// <summary>The shipped ones.</summary>
    public static SieveLimits Default { get; } = new();

    /// <summary>Most characters in a variable; RFC 5229 §6 asks for 4,000 at least.</summary>
    public int VariableCharacters { get; init; } = 64 * 1024;

    /// <summary>Most variables of a script; RFC 5229 §6 asks for 128 at least.</summary>
    public int Variables { get; init; } = 255;

    /// <summary>Most scripts one script may include, those they include counted as well.</summary>
    public int Includes { get; init; } = 255;

    /// <summary>How deep scripts may include one another.</summary>
    public int IncludeDepth { get; init; } = 10;

    /// <summary>Most characters of a header field that a script adds.</summary>
    public int HeaderCharacters { get; init; } = 64 * 1024;

    /// <summary>Most notifications of a run.</summary>
    public int Notifications { get; init; } = 8;

    /// <summary>How long nobody is answered twice by a vacation action where the script says nothing, and the least and the most it may say (RFC 5230 §4.1).</summary>
    public TimeSpan VacationDefault { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The least.</summary>
    public TimeSpan VacationLeast { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most.</summary>
    public TimeSpan VacationMost { get; init; } = TimeSpan.FromDays(60);

    /// <summary>How long <c>duplicate</c> remembers at most (RFC 7352 §5).</summary>
    public TimeSpan DuplicateMost { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many loops may run within one another (RFC 5703 §3).</summary>
    public int LoopDepth { get; init; } = 4;
}
