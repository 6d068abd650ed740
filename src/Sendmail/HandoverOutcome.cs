namespace Sternpost.Sendmail;

/// <summary>What became of a message that was handed to a server.</summary>
/// <param name="Taken">True: the server answers for it, for at least one recipient.</param>
/// <param name="Later">True: nobody could take it; it may be tried again.</param>
/// <param name="Reply">What the server said last, or why none was reached.</param>
public sealed record HandoverOutcome(bool Taken, bool Later, string Reply)
{
    /// <summary>Recipients refused for good, each with the reply.</summary>
    public IReadOnlyList<(string Recipient, string Reply)> Refused { get; init; } = [];

    /// <summary>Recipients put off.</summary>
    public IReadOnlyList<string> Deferred { get; init; } = [];

    /// <summary>The exit code for the caller.</summary>
    public int Code
    {
        get
        {
            if (Taken && Refused.Count == 0) return ExitCode.Ok;
            if (Later) return ExitCode.TemporaryFailure;
            return Class(Refused.Count > 0 ? Refused[0].Reply : Reply) switch
            {
                '1' => ExitCode.NoUser,
                '7' => ExitCode.NotPermitted,
                '6' or '3' => ExitCode.DataError,
                _ => ExitCode.Unavailable,
            };
        }
    }

    /// <summary>
    /// True for a reply of policy on the message: 4.7.x and 5.7.x (RFC 3463 §3.8). Waiting would not make it a wanted one. 421 and 454 speak
    /// of the connection and the sign-in.
    /// </summary>
    internal static bool IsPolicy(string reply) => Class(reply) == '7' && !reply.StartsWith("421", StringComparison.Ordinal) && !reply.StartsWith("454", StringComparison.Ordinal);

    // The subject of the enhanced status: "452 4.7.28 text".
    private static char Class(string reply) => reply.Length > 6 && reply[3] == ' ' && reply[5] == '.' ? reply[6] : '0';
}
