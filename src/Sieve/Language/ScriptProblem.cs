namespace Sternpost.Sieve.Language;

/// <summary>Something a script's writer should know.</summary>
/// <param name="Line">Where, counted from 1.</param>
/// <param name="Text">What is wrong, without a full stop.</param>
/// <param name="IsWarning">The script can run all the same.</param>
public sealed record ScriptProblem(int Line, string Text, bool IsWarning = false)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}: {(IsWarning ? "warning: " : "")}{Text}";
}
