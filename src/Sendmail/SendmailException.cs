namespace Sternpost.Sendmail;

/// <summary>Nothing was sent and nothing kept. The message tells the caller why.</summary>
public sealed class SendmailException : Exception
{
    /// <summary>A failure with its exit code.</summary>
    public SendmailException(int code, string message) : base(message) => Code = code;

    /// <inheritdoc/>
    public SendmailException() : this(ExitCode.Unavailable, "") { }

    /// <inheritdoc/>
    public SendmailException(string message) : this(ExitCode.Unavailable, message) { }

    /// <inheritdoc/>
    public SendmailException(string message, Exception inner) : base(message, inner) => Code = ExitCode.Unavailable;

    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Code { get; }
}
