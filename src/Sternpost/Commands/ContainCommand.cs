using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Containment;
using Sternpost.Storage;

namespace Sternpost.Commands;

/// <summary><c>account contain|release|containment</c>: a stolen account is locked in one step, and given back.</summary>
internal static class ContainCommand
{
    public static Command Contain()
    {
        var address = Inputs.Address("address", "The account's address.");
        var since = new Option<TimeSpan?>("--since") { Description = "How far back what it sent is in question, such as 6h. [default: to the first unusual message of the last day]", HelpName = "DURATION", CustomParser = Inputs.ParseDuration };
        var unusual = new Option<bool>("--only-unusual") { Description = "Leave alone what was sent as the owner always does." };
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", HelpName = "TEXT", DefaultValueFactory = _ => "an administrator said so" };
        var command = new Command("contain", "Locks a stolen account in one step: nobody signs in or sends, sessions and app passwords end, its queue is emptied, copies here go to Junk. 'account release' takes it back.") { address, since, unusual, reason };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var from = result.GetValue(since) is { } span ? DateTimeOffset.UtcNow - span : (DateTimeOffset?)null;
            var made = await Open(result, installation).ContainAsync(account, from, result.GetValue(unusual), automatic: false, result.GetRequiredValue(reason), cancellation)
                ?? throw new OperationFailedException($"{account.Address} is contained already. See: sternpost account containment {account.Address}");
            Console.Out.Write(ContainmentLetter.Write(made));
        });
        return command;
    }

    public static Command Release()
    {
        var address = Inputs.Address("address", "The account's address.");
        var stolen = new Option<bool>("--stolen") { Description = "It was stolen: give it back without what the thief had done. Needs a new password first." };
        var command = new Command("release", "Ends a containment. It was a false alarm: everything is put back, held mail goes out. With --stolen: the account works again, the thief's mail is thrown away.") { address, stolen };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var ended = await Open(result, installation).ReleaseAsync(account, putBack: !result.GetValue(stolen), cancellation)
                ?? throw new OperationFailedException($"{account.Address} is not contained. See what was with: sternpost account containment {account.Address}");
            await Console.Error.WriteLineAsync(ended.State == ContainmentState.PutBack
                ? $"{account.Address} is as it was: sign-in, app passwords, forwards, and {ended.Facts.Recipients.Count(recipient => recipient.Stopped)} recipients that are in the queue again."
                : $"{account.Address} works again with its new password. {ended.Facts.Recipients.Count(recipient => recipient.Stopped)} recipients of the thief's mail were dropped. Make new app passwords with: sternpost account app-password add {account.Address} NAME");
        });
        return command;
    }

    public static Command Show()
    {
        var address = Inputs.Address("address", "The account's address.");
        var notice = new Option<bool>("--notice") { Description = "Print the drafted letter to those outside who got something." };
        var json = CommonOptions.Json();
        var command = new Command("containment", "Shows an account's last containment: what was seen, what was done, who got something.") { address, notice, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var account = await AccountAsync(installation, result.GetRequiredValue(address), cancellation);
            var found = await Open(result, installation).FindAsync(account.Id, cancellation) ?? throw new OperationFailedException($"{account.Address} was never contained.");
            if (result.GetValue(notice)) Console.Out.WriteLine(found.Notice.Length > 0 ? found.Notice : "Nobody outside had got anything, so there is nobody to write to.");
            else if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(Fact.Of(found)));
            else Console.Out.Write(ContainmentLetter.Write(found) + (found.State == ContainmentState.Contained ? "" : $"It ended at {found.Ended:u}: {(found.State == ContainmentState.PutBack ? "a false alarm, everything was put back" : "the account was given back to its owner")}.\n"));
        });
        return command;
    }

    private static AccountContainment Open(ParseResult result, Installation installation) =>
        SendingSide.ForCommands(FilterComposition.ConfigurationOf(result), installation.Database, installation.Directory, installation.Mail, NullLoggerFactory.Instance);

    private static async ValueTask<Account> AccountAsync(Installation installation, EmailAddress address, CancellationToken cancellation) =>
        await installation.Directory.FindAccountAsync(address, cancellation) ?? throw AccountCommand.NoSuch(address);

    private sealed record Fact(
        string Address, string State, bool Automatic, string Reason, DateTimeOffset At, DateTimeOffset Since, DateTimeOffset? Ended, IReadOnlyList<string> Signs, IReadOnlyList<SourceFact> Sources, IReadOnlyList<string> Messages,
        IReadOnlyList<RecipientFact> Recipients, int LocalCopies, IReadOnlyList<string> AppPasswords, IReadOnlyList<string> Grants, IReadOnlyList<string> Aliases)
    {
        internal static Fact Of(ContainmentCase found) => new(
            found.Address, found.State switch { ContainmentState.Contained => "contained", ContainmentState.PutBack => "putBack", _ => "givenBack" }, found.IsAutomatic, found.Reason, Database.TimeOf(found.Id), found.Since, found.Ended,
            found.Facts.Signs, [.. found.Facts.Sources.Select(source => new SourceFact(source.Key, source.Value))], found.Facts.Messages, [.. found.Facts.Recipients.Select(recipient => new RecipientFact(recipient.Address, recipient.MessageId, recipient.Stopped))],
            found.Facts.LocalCopies, [.. found.Facts.AppPasswords.Select(id => id.ToString(CultureInfo.InvariantCulture))], found.Facts.Grants, [.. found.Facts.Aliases.Select(alias => $"{alias[0]} {alias[1]}")]);
    }

    private sealed record SourceFact(string Address, int Messages);

    private sealed record RecipientFact(string Address, string Message, bool Stopped);
}
