using System.CommandLine;
using System.CommandLine.Parsing;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Replies;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Commands;

/// <summary><c>queue list|show|causes|rates|explain|retry|hold|release|drop</c>: works on the database, so it does not matter whether the server runs.</summary>
internal static class QueueCommand
{
    private const int UsualLimit = 100;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static Command Create() => new("queue", "The mail that waits to go out.")
    {
        List(), Show(), Causes(), Rates(), Explain(),
        Change("retry", "Tries recipients again now. Those held stay held.", "Due now", (inspection, selection, cancellation) => inspection.RetryAsync(selection, cancellation)),
        Change("hold", "Keeps recipients back until they are released.", "Held", (inspection, selection, cancellation) => inspection.HoldAsync(selection, cancellation)),
        Change("release", "Lets recipients that are held go on.", "Released", (inspection, selection, cancellation) => inspection.ReleaseAsync(selection, cancellation)),
        Change("drop", "Removes recipients from the queue. Nobody is told, the sender neither.", "Dropped", (inspection, selection, cancellation) => inspection.DropAsync(selection, cancellation)),
    };

    private static Option<EmailAddress?> SenderOption() => new("--sender")
    {
        Description = "Only mail from this address.",
        HelpName = "ADDRESS",
        CustomParser = Inputs.ParseAddress,
    };

    private static Command List()
    {
        var domain = Inputs.DomainOption("Only recipients at this domain.");
        var sender = SenderOption();
        var limit = new Option<int>("--limit") { Description = "Messages at most, the oldest first.", HelpName = "N", DefaultValueFactory = _ => UsualLimit };
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the messages that wait, a line for each recipient still owed.") { domain, sender, limit, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var inspection = new QueueInspection(installation.Database, TimeProvider.System);
            var entries = await inspection.ListAsync(new QueueSelection(Domain: result.GetValue(domain), Sender: result.GetValue(sender)), result.GetValue(limit), cancellation);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(Facts.Json(entries.Select(MessageFact.Of)));
                return;
            }
            var lines = entries.SelectMany(entry => entry.Recipients.Select(recipient => (entry.Message, Recipient: recipient))).ToList();
            var now = DateTimeOffset.UtcNow;
            Facts.PrintList(lines, json: false, "The queue is empty.",
                ("ID", line => QueueId.Format(line.Message.Id)), ("AGE", line => Words(now - line.Message.Created)), ("SENDER", line => Sender(line.Message)),
                ("RECIPIENT", line => line.Recipient.Recipient.Address.ToString()), ("TRIES", line => line.Recipient.Attempts.ToString()),
                ("NEXT", line => Next(line.Recipient, now)), ("LAST", line => QueueInspection.InWords(line.Recipient)));
            await TellOfTheWayOutAsync(inspection, cancellation);
            var (messages, recipients) = await inspection.CountAsync(cancellation);
            if (recipients > lines.Count) await Console.Error.WriteLineAsync($"{lines.Count} recipients of {recipients} in {messages} messages are shown.");
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<long>("id") { Description = "The message's id, as 'queue list' and the log show it.", HelpName = "ID", CustomParser = result => ParseId(result.Tokens[0].Value, result) };
        var content = new Option<bool>("--content") { Description = "Print the message itself, as it is sent." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows one message and its recipients.") { id, content, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var inspection = new QueueInspection(installation.Database, TimeProvider.System);
            var wanted = result.GetRequiredValue(id);
            var entry = await inspection.FindAsync(wanted, cancellation) ?? throw NoSuch(wanted);
            if (result.GetValue(content))
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(await inspection.ContentAsync(wanted, cancellation) ?? throw NoSuch(wanted), cancellation);
                return;
            }
            var now = DateTimeOffset.UtcNow;
            var message = entry.Message;
            List<(string, string)> lines =
            [
                ("Id", QueueId.Format(message.Id)), ("Origin", Origin(message.Origin)), ("Sender", Sender(message)),
                ("Size", $"{message.Size} octets"), ("Received", $"{message.Created:u} ({Words(now - message.Created)} ago)"), ("Given up", $"{message.Expires:u} (in {Words(message.Expires - now)})"),
            ];
            if (message.Transport != TransportNeed.Usual) lines.Add(("TLS", message.Transport == TransportNeed.RequireTls ? "required by its sender (REQUIRETLS)" : "not required by its sender (TLS-Required: No)"));
            foreach (var recipient in entry.Recipients)
            {
                lines.Add(("Recipient", recipient.Recipient.Address.ToString()));
                lines.Add(("  attempts", $"{recipient.Attempts}, next {Next(recipient, now)}"));
                lines.Add(("  last", QueueInspection.InWords(recipient)));
                if (Remedy(recipient) is { Length: > 0 } remedy) lines.Add(("  what to do", remedy));
                if (QueueInspection.CauseOf(recipient)?.Link is { } link) lines.Add(("  see", link));
                if (recipient.LastProtection is { } protection) lines.Add(("  protection", protection));
                if (recipient.LastProtectionFacts?.Certificate is { } certificate) lines.Add(("  certificate", $"SHA-256 {certificate.Sha256}, until {certificate.NotAfter.UtcDateTime:u}"));
            }
            Facts.PrintOne(MessageFact.Of(entry), result.GetValue(json), [.. lines]);
        });
        return command;
    }

    private static Command Causes()
    {
        var days = new Option<int>("--days") { Description = "Counts what was given up in so many days.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var json = CommonOptions.Json();
        var command = new Command("causes", "Why mail waits or came back, grouped by cause, with what can be done about it.") { days, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var inspection = new QueueInspection(installation.Database, TimeProvider.System);
            var causes = await inspection.CausesAsync(DateTimeOffset.UtcNow.AddDays(-result.GetValue(days)), cancellation);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(Facts.Json(causes.Select(CauseFact.Of)));
                return;
            }
            await TellOfTheWayOutAsync(inspection, cancellation);
            if (causes.Count == 0) await Console.Error.WriteLineAsync("Nothing waits for a cause, and nothing came back.");
            foreach (var one in causes)
            {
                var where = one.Domains.Count == 0 ? "" : " at " + string.Join(", ", one.Domains);
                Console.Out.WriteLine($"{one.Cause.Id}: {one.Waiting} waiting, {one.Failed} given up{where}");
                Console.Out.WriteLine($"  Cause:      {one.Cause.Cause}");
                var remedy = one.Cause.Administrator.Length > 0 ? one.Cause.Administrator : one.Cause.Remedy;
                if (remedy.Length > 0) Console.Out.WriteLine($"  What to do: {remedy}");
                if (one.Cause.Link is { } link) Console.Out.WriteLine($"  See:        {link}");
                Console.Out.WriteLine($"  Last said:  {one.Example}");
            }
        });
        return command;
    }

    private static async Task TellOfTheWayOutAsync(QueueInspection inspection, CancellationToken cancellation)
    {
        if ((await inspection.OutboundAsync(cancellation)).Explanation is { Length: > 0 } closed) await Console.Error.WriteLineAsync(closed);
    }

    private static Command Rates()
    {
        var json = CommonOptions.Json();
        var command = new Command("rates", "Providers that asked for less mail, and how much each gets now.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var rates = await new QueueInspection(installation.Database, TimeProvider.System).RatesAsync(cancellation);
            Facts.PrintList(rates, result.GetValue(json), "No provider has asked for less.",
                ("PROVIDER", rate => rate.Provider), ("MESSAGES A MINUTE", rate => $"{rate.MessagesPerMinute:0.#}"), ("SINCE", rate => $"{rate.Since.UtcDateTime:u}"));
        });
        return command;
    }

    private static Command Explain()
    {
        var files = new Argument<string[]>("file") { Description = "A bounce that somebody got, as a message file; - reads standard input.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var json = CommonOptions.Json();
        var command = new Command("explain", "Reads bounces and says who was not reached, why, and what can be done.") { files, json };
        command.SetAction(async (result, cancellation) =>
        {
            var facts = new List<BounceFact>();
            foreach (var file in result.GetRequiredValue(files))
            {
                if (BounceReader.Read(await ReadAsync(file, cancellation)) is not { } bounce) throw new OperationFailedException($"{file} is not a bounce, or not one that can be read.");
                facts.AddRange(bounce.Recipients.Select(one => BounceFact.Of(file, bounce, one)));
            }
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(Facts.Json(facts));
                return;
            }
            foreach (var fact in facts)
            {
                Console.Out.WriteLine($"{fact.Recipient}: {fact.Action}{(fact.Cause is null ? "" : ": " + fact.Cause)}");
                if (fact.Remedy is { Length: > 0 } remedy) Console.Out.WriteLine($"  What to do: {remedy}");
                if (fact.Link is { } link) Console.Out.WriteLine($"  See:        {link}");
                if (fact.Diagnostic is { } said) Console.Out.WriteLine($"  {fact.Host ?? "It"} said: {said}");
            }
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        if (file != "-") return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellation) : throw new OperationFailedException($"There is no file {file}.");
        using var all = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(all, cancellation);
        return all.ToArray();
    }

    private sealed record BounceFact(
        string File, string Recipient, string Action, string? Status, string? Host, string? Diagnostic, string? CauseId, string? Cause, string? Remedy, string? Link, string? Reporter, string? OriginalMessageId)
    {
        internal static BounceFact Of(string file, BounceReading bounce, BouncedRecipient one) => new(
            file, one.Address, one.Action, one.Status, one.Host, one.Diagnostic, one.Cause?.Id, one.Cause?.Cause,
            one.Cause is not { } cause ? null : cause.Administrator.Length > 0 ? cause.Administrator : cause.Remedy, one.Cause?.Link, bounce.Reporter, bounce.OriginalMessageId);
    }

    private static Command Change(string verb, string description, string done, Func<QueueInspection, QueueSelection, CancellationToken, ValueTask<int>> change)
    {
        var ids = new Argument<long[]>("id")
        {
            Description = "Ids of messages.",
            HelpName = "ID",
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = result => [.. result.Tokens.Select(token => ParseId(token.Value, result))],
        };
        var domain = Inputs.DomainOption("Only recipients at this domain.");
        var sender = SenderOption();
        var all = new Option<bool>("--all") { Description = "Everything in the queue." };
        var command = new Command(verb, description) { ids, domain, sender, all };
        command.Validators.Add(result =>
        {
            if (result.GetResult(ids) is null or { Tokens.Count: 0 } && result.GetResult(domain) is null && result.GetResult(sender) is null && !result.GetValue(all))
                result.AddError($"Which? Name ids, --domain, --sender or --all. See what there is with: sternpost queue list");
        });
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var inspection = new QueueInspection(installation.Database, TimeProvider.System);
            var (chosenDomain, chosenSender) = (result.GetValue(domain), result.GetValue(sender));
            var changed = 0;
            foreach (var id in result.GetValue(ids) is { Length: > 0 } named ? named.Select(id => (long?)id) : [null])
            {
                if (id is { } wanted && await inspection.FindAsync(wanted, cancellation) is null) throw NoSuch(wanted);
                changed += await change(inspection, new QueueSelection(id, chosenDomain, chosenSender), cancellation);
            }
            await Console.Error.WriteLineAsync($"{done}: {changed} {(changed == 1 ? "recipient" : "recipients")}.");
        });
        return command;
    }

    private static string? Remedy(QueuedRecipient recipient) =>
        QueueInspection.CauseOf(recipient) is not { } cause ? null : cause.Administrator.Length > 0 ? cause.Administrator : cause.Remedy;

    private static long ParseId(string text, ArgumentResult result)
    {
        if (QueueId.TryParse(text, out var id)) return id;
        result.AddError($"'{text}' is not the id of a message, such as 'queue list' shows.");
        return 0;
    }

    private static OperationFailedException NoSuch(long id) =>
        new($"There is no message {QueueId.Format(id)} in the queue. It was delivered or returned meanwhile, or never there. See what is with: sternpost queue list");

    private static string Sender(QueuedMessage message) => message.ReversePath?.ToString() ?? "<>";

    private static string Origin(QueueOrigin origin) => origin switch
    {
        QueueOrigin.Submission => "sent by a user",
        QueueOrigin.Forward => "passed on by an alias",
        _ => "a notification of this server",
    };

    private static string Next(QueuedRecipient recipient, DateTimeOffset now) =>
        recipient.Held ? "held" : recipient.NextAttempt <= now + Soon ? "now" : "in " + Words(recipient.NextAttempt - now);

    private static string Words(TimeSpan span) => span.TotalDays >= 2 ? $"{span.TotalDays:0} d" : span.TotalHours >= 2 ? $"{span.TotalHours:0} h" : span.TotalMinutes >= 2 ? $"{span.TotalMinutes:0} min" : $"{Math.Max(0, span.TotalSeconds):0} s";

    /// <summary>What <c>--json</c> says of a message.</summary>
    private sealed record MessageFact(
        string Id, QueueOrigin Origin, string? Sender, long Size, TransportNeed Transport, DateTimeOffset Created, DateTimeOffset Expires, IReadOnlyList<RecipientFact> Recipients)
    {
        internal static MessageFact Of(QueueEntry entry) => new(
            QueueId.Format(entry.Message.Id), entry.Message.Origin, entry.Message.ReversePath?.ToString(), entry.Message.Size, entry.Message.Transport, entry.Message.Created, entry.Message.Expires,
            [.. entry.Recipients.Select(RecipientFact.Of)]);
    }

    private sealed record CauseFact(string Id, CauseKind Kind, string Provider, string Cause, string Remedy, string AdministratorRemedy, string? Link, long Waiting, long Failed, IReadOnlyList<string> Domains, string Example)
    {
        internal static CauseFact Of(CauseSummary one) =>
            new(one.Cause.Id, one.Cause.Kind, one.Cause.Provider, one.Cause.Cause, one.Cause.Remedy, one.Cause.Administrator, one.Cause.Link, one.Waiting, one.Failed, one.Domains, one.Example);
    }

    private sealed record RecipientFact(
        string Address, string Domain, int Attempts, DateTimeOffset NextAttempt, bool Held, string? LastReply, string LastInWords, string? LastCause, string? LastRemedy, string? LastProtection, AttemptProtection? LastProtectionFacts)
    {
        internal static RecipientFact Of(QueuedRecipient recipient) => new(
            recipient.Recipient.Address.ToString(), recipient.Recipient.Address.Domain.Ascii, recipient.Attempts, recipient.NextAttempt, recipient.Held, recipient.LastReply, QueueInspection.InWords(recipient), QueueInspection.CauseOf(recipient)?.Id, Remedy(recipient), recipient.LastProtection, recipient.LastProtectionFacts);
    }
}
