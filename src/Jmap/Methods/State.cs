using System.Globalization;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>States as texts: the store's numbers (RFC 8620 §5.1).</summary>
internal static class State
{
    internal static string Of(long state) => state.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number; null for what was never given out.</summary>
    internal static long? Read(string? text) =>
        text is { Length: > 0 and <= 19 } && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var state) && Of(state) == text ? state : null;

    /// <exception cref="MethodError">ifInState is another state.</exception>
    internal static void Check(string? ifInState, long now)
    {
        if (ifInState is not null && ifInState != Of(now)) throw new MethodError("stateMismatch", "The state is another one by now");
    }
}
