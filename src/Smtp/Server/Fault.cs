namespace Sternpost.Smtp.Server;

/// <summary>What a client may do against the rules before its message; the symbols the judges see in SessionFacts.ProtocolFaults.</summary>
internal static class Fault
{
    /// <summary>Sent something before the greeting (RFC 5321 §4.3.1: the client waits for it).</summary>
    internal const string EarlyTalker = "early-talker";

    /// <summary>Sent the next command without waiting for the answer to EHLO or HELO (RFC 2920 §3.1).</summary>
    internal const string PipelinedHello = "pipelined-hello";

    /// <summary>Sent commands in groups after HELO, which offers no PIPELINING (RFC 2920 §3.1).</summary>
    internal const string Pipelined = "pipelined-without-permission";

    /// <summary>Sent the message without waiting for the answer to DATA (RFC 2920 §3.1).</summary>
    internal const string PipelinedData = "pipelined-data";

    /// <summary>Named itself with something that is neither a domain nor an address literal (RFC 5321 §4.1.1.1).</summary>
    internal const string HelloSyntax = "helo-syntax";

    /// <summary>Ended a command line with a bare CR or LF (RFC 5321 §2.3.8).</summary>
    internal const string BareLineEnding = "bare-line-ending";

    /// <summary>Sent control characters or binary rubbish as a command.</summary>
    internal const string Binary = "binary-command";
}
