using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sternpost.Scenarios.Harness;

/// <summary>Waiting for what happens by itself: on its condition, never for luck.</summary>
internal static class Wait
{
    // Far beyond what it takes where all is well, so that a busy machine does not fail a test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns as soon as the condition holds; fails with its text where it does not within two minutes.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(Pause)) Assert.True(clock.Elapsed < Patience, "It did not come to be in two minutes: " + text);
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string)"/>
    internal static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") => UntilAsync(() => Task.FromResult(condition()), text);
}
