using System.CommandLine;
using System.CommandLine.Parsing;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Commands;

/// <summary><c>quarantine list|show|release|delete</c>: works on the database, so it does not matter whether the server runs; a release is carried out when it does.</summary>
internal static class QuarantineCommand
{
    private const int UsualLimit = 100;

    public static Command Create() => new("quarantine", "The mail that is held for somebody to look at.")
    {
        List(), Show(), Release(), Delete(),
    };

    private static Command List()
    {
        var account = new Option<EmailAddress?>("--account") { Description = "Only mail to this account.", HelpName = "ADDRESS", CustomParser = Inputs.ParseAddress };
        var limit = new Option<int>("--limit") { Description = "Messages at most, the newest first.", HelpName = "N", DefaultValueFactory = _ => UsualLimit };
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists what is held.") { account, limit, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            long? owner = null;
            if (result.GetValue(account) is { } address)
                owner = (await installation.Directory.FindAccountAsync(address, cancellation) ?? throw new OperationFailedException($"There is no account {address}. See them with: sternpost account list")).Id;
            var held = await new QuarantineList(installation.Database).ListAsync(owner, result.GetValue(limit), cancellation);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(Facts.Json(held.Select(HeldFact.Of)));
                return;
            }
            Facts.PrintList(held, json: false, "Nothing is held.",
                ("ID", message => QueueId.Format(message.Id)), ("CAME", message => message.Received.ToString("u")), ("SENDER", message => message.Sender?.ToString() ?? "<>"),
                ("RECIPIENT", message => message.Recipients.Count == 1 ? message.Recipients[0].Address.ToString() : $"{message.Recipients.Count} recipients"), ("SUBJECT", message => message.Subject), ("WHY", message => message.Reason));
        });
        return command;
    }

    private static Command Show()
    {
        var id = IdArgument();
        var content = new Option<bool>("--content") { Description = "Print the message itself. It may be dangerous: look at it with a program that runs nothing." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows one held message, with the beginning of its text.") { id, content, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var list = new QuarantineList(installation.Database);
            var wanted = result.GetRequiredValue(id);
            if (result.GetValue(content))
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(await list.ContentAsync(wanted, cancellation) ?? throw NoSuch(wanted), cancellation);
                return;
            }
            var message = await list.FindAsync(wanted, cancellation) ?? throw NoSuch(wanted);
            Facts.PrintOne(HeldFact.Of(message), result.GetValue(json),
                ("Id", QueueId.Format(message.Id)), ("Came", message.Received.ToString("u")), ("Deleted", message.Expires.ToString("u")), ("Sender", message.Sender?.ToString() ?? "<>"), ("From", message.Author), ("Subject", message.Subject),
                ("Recipients", string.Join(", ", message.Recipients.Select(recipient => recipient.Address))), ("Why", message.Reason), ("Size", $"{message.Size} octets"), ("Text", message.Preview.ReplaceLineEndings("\n             ")));
        });
        return command;
    }

    private static Command Release()
    {
        var id = IdArgument();
        var only = new Option<bool>("--no-lesson") { Description = "Do not teach the filter that such mail is wanted." };
        var command = new Command("release", "Delivers a held message to its recipients, and teaches the filter that it was wanted.") { id, only };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(id);
            if (!await new QuarantineList(installation.Database).ReleaseAsync(wanted, !result.GetValue(only), cancellation)) throw NoSuch(wanted);
            await Console.Error.WriteLineAsync($"{QueueId.Format(wanted)} is released; the running server delivers it within seconds, one that does not run when it starts.");
        });
        return command;
    }

    private static Command Delete()
    {
        var id = IdArgument();
        var command = new Command("delete", "Deletes a held message. Nobody is told, the sender neither.") { id };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(id);
            if (!await new QuarantineList(installation.Database).DeleteAsync(wanted, cancellation)) throw NoSuch(wanted);
            await Console.Error.WriteLineAsync($"{QueueId.Format(wanted)} is deleted.");
        });
        return command;
    }

    private static Argument<long> IdArgument() => new("id")
    {
        Description = "The message's id, as 'quarantine list' and the log show it.",
        HelpName = "ID",
        CustomParser = result => ParseId(result.Tokens[0].Value, result),
    };

    private static long ParseId(string text, ArgumentResult result)
    {
        if (QueueId.TryParse(text, out var id)) return id;
        result.AddError($"'{text}' is not the id of a message, such as 'quarantine list' shows.");
        return 0;
    }

    private static OperationFailedException NoSuch(long id) =>
        new($"There is no message {QueueId.Format(id)} in quarantine. It was released, deleted, or never there. See what is with: sternpost quarantine list");

    /// <summary>What <c>--json</c> says of a message.</summary>
    private sealed record HeldFact(
        string Id, DateTimeOffset Received, DateTimeOffset Expires, string? Sender, string Author, string Subject, IReadOnlyList<string> Recipients, string Reason, string Reference, bool Malware, bool Releasing, long Size, string Preview)
    {
        internal static HeldFact Of(HeldMessage message) => new(
            QueueId.Format(message.Id), message.Received, message.Expires, message.Sender?.ToString(), message.Author, message.Subject, [.. message.Recipients.Select(recipient => recipient.Address.ToString())],
            message.Reason, message.Reference, message.IsMalware, message.IsGoing, message.Size, message.Preview);
    }
}
