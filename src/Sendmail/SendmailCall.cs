namespace Sternpost.Sendmail;

/// <summary>What a call of <c>sendmail</c> asks for.</summary>
internal enum SendmailMode
{
    /// <summary>-bm, and without any -b: a message on standard input.</summary>
    Deliver,
    /// <summary>-bs: SMTP on standard input and output.</summary>
    Dialogue,
    /// <summary>-bp, and started as mailq: what waits.</summary>
    ListQueue,
    /// <summary>-bi, and started as newaliases: nothing, aliases are in the server.</summary>
    NewAliases,
    /// <summary>-q: send what waits here.</summary>
    Flush,
    /// <summary>--help.</summary>
    Help,
}

/// <summary>
/// The command line of <c>sendmail</c>, read as the programs that call it write it: single letters, values joined to them or in the next
/// argument. What has no meaning here is read and left alone, so that no caller breaks; what would let an attacker who can add arguments
/// write files or read others' (-X, -C, -O, -be) has no such meaning.
/// </summary>
internal sealed record SendmailCall
{
    internal SendmailMode Mode { get; private set; } = SendmailMode.Deliver;

    /// <summary>-t: recipients are those of To, Cc and Bcc as well.</summary>
    internal bool RecipientsInHeader { get; private set; }

    /// <summary>-i, -oi: a line of one dot does not end the message.</summary>
    internal bool DotsAreText { get; private set; }

    /// <summary>-f, -r: the reverse-path; null where not given, empty for the null one.</summary>
    internal string? Sender { get; private set; }

    /// <summary>-F: the sender's name.</summary>
    internal string? SenderName { get; private set; }

    /// <summary>-N: NOTIFY of each recipient (RFC 3461 §4.1).</summary>
    internal string? Notify { get; private set; }

    /// <summary>-R: RET (RFC 3461 §4.3).</summary>
    internal string? Return { get; private set; }

    /// <summary>-V: ENVID (RFC 3461 §4.4).</summary>
    internal string? EnvelopeId { get; private set; }

    /// <summary>-C: another configuration.</summary>
    internal string? Configuration { get; private set; }

    /// <summary>-v.</summary>
    internal bool Verbose { get; private set; }

    /// <summary>What was not an option.</summary>
    internal IReadOnlyList<string> Recipients { get; private set; } = [];

    // Letters that take a value we have no use for: sendmail(8), and those that Postfix and Exim know.
    private const string ValuesLeftAlone = "ABDLXhpd";

    /// <summary>Reads a call.</summary>
    /// <param name="name">The name it was started under.</param>
    /// <param name="arguments">The rest.</param>
    /// <exception cref="SendmailException">With <see cref="ExitCode.Usage"/>.</exception>
    internal static SendmailCall Read(string name, ReadOnlySpan<string> arguments)
    {
        var call = new SendmailCall();
        if (name == "mailq") call.Mode = SendmailMode.ListQueue;
        if (name == "newaliases") call.Mode = SendmailMode.NewAliases;
        var recipients = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                recipients.AddRange(arguments[(i + 1)..]);
                break;
            }
            if (argument == "--help") call.Mode = SendmailMode.Help;
            else if (argument.Length < 2 || argument[0] != '-') recipients.Add(argument);
            else call.Take(argument, arguments, ref i);
        }
        call.Recipients = recipients;
        return call;
    }

    private void Take(string argument, ReadOnlySpan<string> arguments, ref int i)
    {
        var joined = argument[2..];
        switch (argument[1])
        {
            case 't':
                RecipientsInHeader = true;
                // "-ti" is written as well.
                if (joined.Contains('i', StringComparison.Ordinal)) DotsAreText = true;
                break;
            case 'i':
                DotsAreText = true;
                if (joined.Contains('t', StringComparison.Ordinal)) RecipientsInHeader = true;
                break;
            case 'f' or 'r':
                Sender = Value(joined, arguments, ref i, argument);
                break;
            case 'F':
                SenderName = Value(joined, arguments, ref i, argument);
                break;
            case 'N':
                Notify = Keyword(Value(joined, arguments, ref i, argument));
                break;
            case 'R':
                Return = Keyword(Value(joined, arguments, ref i, argument)) is var wanted && wanted is "FULL" or "HDRS" ? wanted : null;
                break;
            case 'V':
                EnvelopeId = Value(joined, arguments, ref i, argument);
                break;
            case 'C':
                Configuration = Value(joined, arguments, ref i, argument);
                break;
            case 'b':
                Mode = Running(joined.Length > 0 ? joined : Value(joined, arguments, ref i, argument));
                break;
            case 'o':
                // -oi and -o i; the others (-oem, -oee, -odb, -o7 …) say how a sendmail of its own would behave.
                if ((joined.Length > 0 ? joined : Value(joined, arguments, ref i, argument)) == "i") DotsAreText = true;
                break;
            case 'O':
                if (Value(joined, arguments, ref i, argument).Equals("IgnoreDots", StringComparison.OrdinalIgnoreCase)) DotsAreText = true;
                break;
            case 'q':
                // -q, -q30m, -qR…: what waits is sent on; only without recipients, for some callers add it to a message.
                if (Mode == SendmailMode.Deliver) Mode = SendmailMode.Flush;
                break;
            case 'v':
                Verbose = true;
                break;
            case 'U' or 'n' or 'm' or 'e' or 'G' or 'I' or 's' or 'c':
                break;
            case var letter when ValuesLeftAlone.Contains(letter, StringComparison.Ordinal):
                if (joined.Length == 0) _ = Value(joined, arguments, ref i, argument);
                break;
            default:
                throw new SendmailException(ExitCode.Usage, $"sendmail: the option {Plain(argument)} is not known; see 'sternpost sendmail --help'.");
        }
    }

    private static SendmailMode Running(string letter) => letter switch
    {
        "m" => SendmailMode.Deliver,
        "s" => SendmailMode.Dialogue,
        "p" => SendmailMode.ListQueue,
        "i" or "I" => SendmailMode.NewAliases,
        "d" or "D" => throw new SendmailException(ExitCode.Usage, "sendmail: -bd would run a server; here that is 'sternpost serve'."),
        _ => throw new SendmailException(ExitCode.Usage, $"sendmail: -b{Plain(letter)} is not known here; -bm, -bs, -bp and -bi are."),
    };

    private static string Value(string joined, ReadOnlySpan<string> arguments, ref int i, string option)
    {
        if (joined.Length > 0) return joined;
        if (i + 1 >= arguments.Length) throw new SendmailException(ExitCode.Usage, $"sendmail: {Plain(option)} needs a value.");
        return arguments[++i];
    }

    private static string Keyword(string value) => value.ToUpperInvariant();

    private static string Plain(string text) => string.Concat(text.Take(60).Select(c => char.IsControl(c) ? '?' : c));
}
