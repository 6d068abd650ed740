using System.Text;

namespace Sternpost.Sendmail;

/// <summary>
/// SMTP on standard input and output (-bs), which Symfony's mailer and other libraries speak. Each message is handed on as one given with
/// -bm is, so it is kept here where the server is down; what the server says is the reply to the message's end.
/// </summary>
internal sealed class StandardDialogue(Stream input, Stream output, MailSettings settings, Func<HandedMessage, HandoverOutcome> send)
{
    private const int MaxLine = 4096;
    private const int MaxRecipients = 1000;

    private readonly byte[] octets = new byte[32 * 1024];
    private int start, end;

    /// <summary>Runs to QUIT or the end of the input.</summary>
    internal int Run()
    {
        Say("220 localhost ESMTP Sternpost sendmail");
        string? sender = null;
        List<string> recipients = [];
        while (ReadLine() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (verb, argument) = ((space < 0 ? line : line[..space]).ToUpperInvariant(), space < 0 ? "" : line[space..].Trim());
            switch (verb)
            {
                case "HELO": Say("250 localhost"); break;
                case "EHLO": Say("250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING"); break;
                case "MAIL" when Path(argument, "FROM:") is { } path:
                    (sender, recipients) = (path, []);
                    Say("250 2.1.0 Ok");
                    break;
                case "RCPT" when sender is null: Say("503 5.5.1 Say MAIL first"); break;
                case "RCPT" when recipients.Count >= MaxRecipients: Say("452 4.5.3 So many recipients fit into one transaction"); break;
                case "RCPT" when Path(argument, "TO:") is { Length: > 0 } path:
                    recipients.Add(path);
                    Say("250 2.1.5 Ok");
                    break;
                case "DATA" when sender is null || recipients.Count == 0: Say("554 5.5.1 No recipient was accepted"); break;
                case "DATA":
                    Say("354 Send the message; end it with <CRLF>.<CRLF>");
                    Take(sender, recipients);
                    (sender, recipients) = (null, []);
                    break;
                case "RSET":
                    (sender, recipients) = (null, []);
                    Say("250 2.0.0 Ok");
                    break;
                case "NOOP": Say("250 2.0.0 Ok"); break;
                case "VRFY": Say("252 2.5.0 Send and the recipient will be checked"); break;
                case "QUIT":
                    Say("221 2.0.0 Goodbye");
                    return ExitCode.Ok;
                case "MAIL" or "RCPT": Say("501 5.1.7 The address is malformed; the form is <local@domain>"); break;
                default: Say("500 5.5.1 This command is not known here"); break;
            }
        }
        return ExitCode.Ok;
    }

    private void Take(string sender, List<string> recipients)
    {
        using var text = new MemoryStream();
        var tooLarge = false;
        while (true)
        {
            if (ReadOctets() is not { } line) return;
            if (line is [(byte)'.']) break;
            if (line is [(byte)'.', ..]) line = line[1..];
            tooLarge |= text.Length + line.Length > settings.MessageSize;
            if (tooLarge) continue;
            text.Write(line);
            text.Write("\r\n"u8);
        }
        if (tooLarge)
        {
            Say("552 5.3.4 The message is too large");
            return;
        }
        try
        {
            var message = MessageText.Of(text.GetBuffer().AsSpan(0, (int)text.Length), dotsAreText: true);
            var outcome = send(SendmailProgram.Compose(message, sender, "", recipients));
            Say(outcome.Taken ? "250 2.0.0 Ok" : outcome.Reply.Length > 3 && char.IsAsciiDigit(outcome.Reply[0]) ? outcome.Reply.Replace('\n', ' ') : "451 4.3.0 " + outcome.Reply.Replace('\n', ' '));
        }
        catch (SendmailException failure)
        {
            Say((failure.Code == ExitCode.TemporaryFailure ? "451 4.3.0 " : "554 5.6.0 ") + failure.Message);
        }
    }

    // "FROM:<a@b> BODY=8BITMIME" to "a@b"; a space after the colon and an address without brackets are what programs write too.
    private static string? Path(string argument, string keyword)
    {
        if (!argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = argument[keyword.Length..].TrimStart();
        var path = rest.StartsWith('<') ? rest.IndexOf('>', StringComparison.Ordinal) is > 0 and var close ? rest[1..close] : null : rest.Split(' ')[0];
        return path is { Length: 0 } || (path is not null && HandedMessage.IsPath(path)) ? path : null;
    }

    private void Say(string reply)
    {
        output.Write(Encoding.UTF8.GetBytes(reply + "\r\n"));
        output.Flush();
    }

    private string? ReadLine() => ReadOctets() is { } line ? Encoding.UTF8.GetString(line.AsSpan(0, Math.Min(line.Length, MaxLine))) : null;

    private byte[]? ReadOctets()
    {
        using var line = new MemoryStream();
        while (true)
        {
            if (start == end)
            {
                (start, end) = (0, input.Read(octets));
                if (end == 0) return null;
            }
            var feed = octets.AsSpan(start, end - start).IndexOf((byte)'\n');
            var count = feed < 0 ? end - start : feed;
            // A line longer than any message may be is cut; the message is refused by its size.
            if (line.Length <= settings.MessageSize) line.Write(octets, start, count);
            start += count + (feed < 0 ? 0 : 1);
            if (feed < 0) continue;
            var whole = line.ToArray();
            return whole is [.., (byte)'\r'] ? whole[..^1] : whole;
        }
    }
}
