using System.Text;

namespace Sternpost.Sendmail;

/// <summary>
/// The stand-in for <c>/usr/sbin/sendmail</c>. It decides nothing but how a message is written: who may send what, and how much, the server
/// decides, which sees for itself who called. Runs to its end on one thread and loads nothing of the server, so that a page that sends mail
/// does not wait for it.
/// </summary>
public static class SendmailProgram
{
    /// <summary>The names it answers to.</summary>
    private static readonly string[] Names = ["sendmail", "mailq", "newaliases"];

    /// <summary>The name and arguments of a call for this program, or null where another verb is meant.</summary>
    /// <param name="arguments">As the runtime gives them.</param>
    public static (string Name, string[] Arguments)? Meant(string[] arguments)
    {
        if (arguments is ["sendmail", .. var rest]) return ("sendmail", rest);
        var name = StartedAs();
        return Array.IndexOf(Names, name) >= 0 ? (name, arguments) : null;
    }

    /// <summary>Runs a call.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string name, string[] arguments)
    {
        try
        {
            return Run(SendmailCall.Read(name, arguments));
        }
        catch (SendmailException failure)
        {
            Tell(failure.Message);
            return failure.Code;
        }
        catch (IOException failure)
        {
            Tell("sendmail: " + failure.Message);
            return ExitCode.InputOutput;
        }
    }

    private static int Run(SendmailCall call)
    {
        switch (call.Mode)
        {
            case SendmailMode.Help:
                Console.Out.Write(Help);
                return ExitCode.Ok;
            case SendmailMode.NewAliases:
                Tell("newaliases: nothing to do; aliases are the server's: sternpost alias list");
                return ExitCode.Ok;
        }
        var settings = MailSettings.Load(call.Configuration);
        switch (call.Mode)
        {
            case SendmailMode.ListQueue: return ListQueue(settings);
            case SendmailMode.Flush when call.Recipients.Count == 0 && !call.RecipientsInHeader: return Flush(settings);
            case SendmailMode.Dialogue:
                using (var input = Console.OpenStandardInput())
                using (var output = Console.OpenStandardOutput())
                {
                    return new StandardDialogue(input, output, settings, message => Send(settings, message)).Run();
                }
        }
        using var standardInput = Console.OpenStandardInput();
        var text = MessageText.Read(standardInput, call.DotsAreText, settings.MessageSize);
        List<string> recipients = [.. call.Recipients.SelectMany(AddressText.Read)];
        if (call.RecipientsInHeader) recipients.AddRange(text.HeaderRecipients());
        var handed = Compose(text, call.Sender ?? (settings.From.Length > 0 ? settings.From : null), call.SenderName ?? "", recipients) with
        {
            Notify = call.Notify,
            Return = call.Return,
            EnvelopeId = call.EnvelopeId,
        };
        var outcome = Send(settings, handed);
        foreach (var (recipient, reply) in outcome.Refused) Tell($"sendmail: {recipient}: {reply}");
        if (!outcome.Taken && outcome.Refused.Count == 0) Tell("sendmail: " + outcome.Reply);
        if (call.Verbose && outcome.Taken) Tell("sendmail: " + outcome.Reply);
        return outcome.Code;
    }

    /// <summary>A message ready to be handed over.</summary>
    /// <param name="text">What the program wrote.</param>
    /// <param name="sender">The reverse-path; null for the user's own name, empty for the null one.</param>
    /// <param name="name">The sender's name for a From field that is missing.</param>
    /// <param name="recipients">As written.</param>
    /// <exception cref="SendmailException">There is no recipient, or an address cannot be one.</exception>
    internal static HandedMessage Compose(MessageText text, string? sender, string name, IReadOnlyList<string> recipients)
    {
        var path = sender is null ? Environment.UserName + "@localhost" : Qualified(AddressText.Read(sender).FirstOrDefault() ?? "");
        var to = recipients.Select(Qualified).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (to.Count == 0) throw new SendmailException(ExitCode.Usage, "sendmail: there is no recipient; name one, or say -t and have To, Cc or Bcc in the header.");
        if (to.Find(address => !HandedMessage.IsPath(address)) is { } bad) throw new SendmailException(ExitCode.DataError, $"sendmail: '{string.Concat(bad.Take(100).Select(c => char.IsControl(c) ? '?' : c))}' is no address.");
        if (path.Length > 0 && !HandedMessage.IsPath(path)) throw new SendmailException(ExitCode.DataError, "sendmail: the sender's address is malformed.");
        text.RemoveBlindCopies();
        text.CompleteFrom(path.Length > 0 ? path : Environment.UserName + "@localhost", name);
        return new HandedMessage(HandedMessage.NewKey(), path, to, text.ToBytes()) { Claims = CallerHints.Gather(text.Field("X-PHP-Originating-Script")) };
    }

    // What the server does not take now waits here; whoever called has done his part.
    private static HandoverOutcome Send(MailSettings settings, HandedMessage message)
    {
        var outcome = SmtpHandover.Send(settings, message);
        var waiting = outcome.Later ? message : outcome.Deferred.Count > 0 ? message with { Key = HandedMessage.NewKey(), Recipients = outcome.Deferred } : null;
        if (waiting is null) return outcome;
        if (settings.Spool.Length == 0 || !OperatingSystem.IsLinux()) return outcome;
        new DropFolder(settings.Spool).Keep(waiting);
        // A wrong host or certificate does not mend itself, so the caller's log should have it; a server on this computer comes back.
        if (settings.IsRemote && outcome.Later) Tell($"sendmail: kept in {settings.Spool}, because {settings.Host} did not take it: {outcome.Reply}");
        return outcome with { Taken = true, Later = false, Reply = "250 2.0.0 Kept on this computer until the server takes it" };
    }

    private static int ListQueue(MailSettings settings)
    {
        if (!OperatingSystem.IsLinux() || settings.Spool.Length == 0) return ExitCode.Ok;
        var folder = new DropFolder(settings.Spool);
        try
        {
            var names = folder.Waiting();
            foreach (var name in names)
            {
                using var file = folder.Open(name);
                if (file is not null) Console.Out.WriteLine($"{name}  {DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(name[..14])):u}  {file.Message.Content.Length,9}  {file.Message.Sender} -> {string.Join(", ", file.Message.Recipients)}");
            }
            Console.Out.WriteLine(names.Count == 0 ? "Nothing waits on this computer. What the server still owes: sternpost queue list" : $"{names.Count} wait on this computer.");
            return ExitCode.Ok;
        }
        catch (UnauthorizedAccessException)
        {
            Tell($"mailq: this user may not look into {settings.Spool}. What the server still owes: sternpost queue list");
            return ExitCode.NotPermitted;
        }
    }

    private static int Flush(MailSettings settings)
    {
        // A server on this computer fetches what waits by itself.
        if (!settings.IsRemote || !OperatingSystem.IsLinux() || settings.Spool.Length == 0) return ExitCode.Ok;
        var folder = new DropFolder(settings.Spool);
        var code = ExitCode.Ok;
        try
        {
            foreach (var name in folder.Waiting())
            {
                using var file = folder.Open(name);
                if (file is null) continue;
                var outcome = SmtpHandover.Send(settings, file.Message);
                if (outcome.Later) return ExitCode.TemporaryFailure;
                foreach (var (recipient, reply) in outcome.Refused) Tell($"sendmail: {name}: {recipient}: {reply}");
                if (!outcome.Taken && outcome.Refused.Count == 0) Tell($"sendmail: {name}: {outcome.Reply}");
                if (outcome.Deferred.Count > 0) folder.Keep(file.Message with { Key = HandedMessage.NewKey(), Recipients = outcome.Deferred });
                if (!outcome.Taken) code = outcome.Code;
                file.Remove();
            }
            return code;
        }
        catch (UnauthorizedAccessException)
        {
            Tell($"sendmail: this user may not look into {settings.Spool}.");
            return ExitCode.NotPermitted;
        }
    }

    // A name alone is one at this computer, which the server knows what to make of.
    private static string Qualified(string address)
    {
        if (address.Length == 0) return address;
        var at = address.LastIndexOf('@');
        if (at < 0) return address + "@localhost";
        var domain = address[(at + 1)..];
        // RFC 5321 §2.3.5: names travel in ASCII.
        return domain.Length > 0 && !Ascii.IsValid(domain) ? address[..(at + 1)] + ToAscii(domain) : address;
    }

    private static string ToAscii(string domain)
    {
        try
        {
            return new System.Globalization.IdnMapping().GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }

    // The runtime hides the name a link was started under; the kernel does not.
    private static string StartedAs()
    {
        if (!OperatingSystem.IsLinux()) return "";
        try
        {
            using var file = File.OpenRead("/proc/self/cmdline");
            Span<byte> line = stackalloc byte[4096];
            line = line[..file.Read(line)];
            var end = line.IndexOf((byte)0);
            return Path.GetFileName(Encoding.UTF8.GetString(end < 0 ? line : line[..end]));
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Tell(string text) => Console.Error.WriteLine(text);

    private const string Help = """
        Usage: sternpost sendmail [options] [recipients]        (also as sendmail, mailq and newaliases)

        Reads a message from standard input and hands it to the server. Options are those of /usr/sbin/sendmail:
          -t              take recipients from To, Cc and Bcc as well; Bcc is removed
          -i, -oi         a line with a single dot does not end the message
          -f, -r ADDRESS  the envelope's sender
          -F NAME         the sender's name, where the message has no From
          -N, -R, -V      delivery status notifications (RFC 3461): NOTIFY, RET, ENVID
          -bs             SMTP on standard input and output
          -bp             (mailq) what waits on this computer
          -bi             (newaliases) nothing: aliases are the server's
          -q              send on what waits on this computer, where the mail host is elsewhere
          -C FILE         another configuration than /etc/sternpost/sendmail.conf; it must belong to root
          -v              say what the server answered
          --              no option follows
        Others (-oe, -od, -O, -X, -B, -h, -U, -G …) are read and left alone.

        Exit codes are those of sysexits.h: 0 sent, or kept here to be sent later; 64 usage; 65 the message is at fault;
        67 no such recipient; 69 refused; 75 try again; 77 not allowed; 78 configuration.
        docs/operations/web-applications.md tells how to put it in the place of /usr/sbin/sendmail.

        """;
}
