using System.CommandLine;
using MailKit.Security;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Migration;

namespace Sternpost.Commands;

/// <summary><c>import maildir|mbox|imap</c> and <c>export</c>: mail in from elsewhere and out again, with flags and dates. The server may run.</summary>
internal static class ImportCommand
{
    private const int ImapsPort = 993, ImapPort = 143;

    public static Command CreateImport() => new("import", "Brings mail from elsewhere into an account, with its flags and dates. Started again, it goes on where it was and brings nothing twice.")
    {
        Files("maildir", "From a Maildir and the folders in it.", (paths, _) => paths is [var path] ? new MaildirSource(path) : throw new OperationFailedException("Name one Maildir; the folders in it come with it.")),
        Files("mbox", "From mbox files, or folders of them.", (paths, _) => new MboxSource(paths)),
        Imap(),
    };

    public static Command CreateExport()
    {
        var path = new Argument<string>("path") { Description = "The folder to write into.", HelpName = "DIR" };
        var account = Account();
        var format = new Option<string>("--format") { Description = "maildir, or mbox with a file for each mailbox.", HelpName = "FORMAT", DefaultValueFactory = _ => "maildir" };
        format.AcceptOnlyFromAmong("maildir", "mbox");
        var mailbox = new Option<string?>("--mailbox") { Description = "Only this mailbox.", HelpName = "NAME" };
        var json = CommonOptions.Json();
        var command = new Command("export", "Writes an account's mail into files that other programs read, with flags and dates. Nothing is taken away here.") { path, account, format, mailbox, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var export = new MailExport(installation.Mail, await FindAsync(installation, result.GetRequiredValue(account), cancellation), result.GetValue(mailbox));
            using var progress = new ProgressLine();
            var folder = result.GetRequiredValue(path);
            var exported = result.GetValue(format) == "mbox" ? await export.ToMboxAsync(folder, progress, cancellation) : await export.ToMaildirAsync(folder, progress, cancellation);
            progress.End();
            Facts.PrintList(exported, result.GetValue(json), "There was no mailbox.",
                ("MAILBOX", each => each.Mailbox), ("WRITTEN", each => each.Written.ToString()), ("THERE BEFORE", each => each.Known.ToString()));
        });
        return command;
    }

    private static Command Files(string name, string description, Func<string[], ParseResult, IMailSource> open)
    {
        var paths = new Argument<string[]>("path") { Description = "Where the mail is.", HelpName = "PATH", Arity = ArgumentArity.OneOrMore };
        var (account, mailbox, json) = (Account(), MailboxOption(), CommonOptions.Json());
        var command = new Command(name, description) { paths, account, mailbox, json };
        command.SetAction((result, cancellation) => RunAsync(result, account, mailbox, json, () => Task.FromResult(open(result.GetRequiredValue(paths), result)), cancellation));
        return command;
    }

    private static Command Imap()
    {
        var host = new Option<string>("--host") { Description = "The other server.", HelpName = "NAME", Required = true };
        var user = new Option<string?>("--user") { Description = "Its user. [default: the account's address]", HelpName = "NAME" };
        var port = new Option<int?>("--port") { Description = "Its port. [default: 993, or 143 with --security starttls or none]", HelpName = "PORT" };
        var security = new Option<string>("--security") { Description = "How the connection is protected: tls, starttls or none.", HelpName = "HOW", DefaultValueFactory = _ => "tls" };
        security.AcceptOnlyFromAmong("tls", "starttls", "none");
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password there from standard input instead of asking." };
        var (account, mailbox, json) = (Account(), MailboxOption(), CommonOptions.Json());
        var command = new Command("imap", "From another server, which is not changed.") { account, host, user, port, security, fromInput, mailbox, json };
        command.SetAction((result, cancellation) => RunAsync(result, account, mailbox, json, async () =>
        {
            var how = result.GetValue(security);
            var name = result.GetValue(user) ?? result.GetRequiredValue(account).ToString();
            var password = Inputs.Secret($"Password of {name} at {result.GetRequiredValue(host)}: ", result.GetValue(fromInput));
            return await ImapSource.OpenAsync(result.GetRequiredValue(host), result.GetValue(port) ?? (how == "tls" ? ImapsPort : ImapPort),
                how switch { "tls" => SecureSocketOptions.SslOnConnect, "starttls" => SecureSocketOptions.StartTls, _ => SecureSocketOptions.None }, name, password, cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, Option<EmailAddress> account, Option<string?> mailbox, Option<bool> json, Func<Task<IMailSource>> open, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        var import = new MailImport(installation.Mail, await FindAsync(installation, result.GetRequiredValue(account), cancellation), result.GetValue(mailbox));
        await using var source = await open();
        using var progress = new ProgressLine();
        var imported = await import.RunAsync(source, progress, cancellation);
        progress.End();
        Facts.PrintList(imported, result.GetValue(json), "There was no message.",
            ("MAILBOX", each => each.Mailbox), ("NEW", each => each.Added.ToString()), ("HERE BEFORE", each => each.Known.ToString()));
        foreach (var unreadable in import.Unreadable) await Console.Error.WriteLineAsync($"Passed over: {unreadable}.");
        return import.Unreadable.Count == 0 ? 0 : CommandLine.Failed;
    }

    private static async Task<Account> FindAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await installation.Directory.FindAccountAsync(address, cancellation) ?? throw new OperationFailedException($"There is no account {address}. See them with: sternpost account list");

    private static Option<EmailAddress> Account() => new("--account") { Description = "Whose mail.", HelpName = "ADDRESS", Required = true, CustomParser = Inputs.ParseAddress };

    private static Option<string?> MailboxOption() => new("--mailbox") { Description = "Put all of it into this mailbox. [default: the mailboxes it was in]", HelpName = "NAME" };
}
