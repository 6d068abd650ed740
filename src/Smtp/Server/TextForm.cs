namespace Sternpost.Smtp.Server;

/// <summary>The budgets of a message's text: those who read it later may rely on them.</summary>
internal static class TextForm
{
    /// <summary>Null where the header section and every line are within the limits.</summary>
    internal static Reply? Measure(ReadOnlySpan<byte> message, SmtpServerOptions options)
    {
        // A message shorter than either limit is within both.
        if (message.Length <= Math.Min(options.HeaderSection, options.TextLine)) return null;
        if (HeaderLength(message) > options.HeaderSection) return Replies.HeaderTooLong;
        for (var rest = message; rest.Length > options.TextLine;)
        {
            // From the last line feed within reach on, so that most lines are never looked at.
            var end = rest[..options.TextLine].LastIndexOf((byte)'\n');
            if (end < 0) return Replies.TextLineTooLong;
            rest = rest[(end + 1)..];
        }
        return null;
    }

    private static int HeaderLength(ReadOnlySpan<byte> message)
    {
        if (message.StartsWith("\r\n"u8)) return 0;
        var end = message.IndexOf("\r\n\r\n"u8);
        return end < 0 ? message.Length : end + 2;
    }
}
