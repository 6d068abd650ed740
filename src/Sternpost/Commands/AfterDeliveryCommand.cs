using System.CommandLine;
using System.Globalization;
using Sternpost.Composition;
using Sternpost.Filter.Evidence.AfterDelivery;

namespace Sternpost.Commands;

/// <summary><c>after-delivery list|undo</c>: what was moved to Junk after delivery, and its way back.</summary>
internal static class AfterDeliveryCommand
{
    private const int UsualDays = 7;

    public static Command Create() => new("after-delivery", "Mail that moved to Junk after delivery, because evidence turned.") { List(), Undo() };

    private static Command List()
    {
        var days = new Option<int>("--days") { Description = "How many days back, at most 30.", HelpName = "N", DefaultValueFactory = _ => UsualDays };
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists what was moved, the newest first.") { days, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var since = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(Math.Clamp(result.GetValue(days), 1, 30));
            var moves = await LaterMoves.ListAsync(installation.Database, since, cancellation);
            Facts.PrintList([.. moves.Select(MoveFact.Of)], result.GetValue(json), "Nothing was moved in that time.",
                ("ID", fact => fact.Id), ("MOVED", fact => fact.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)), ("ACCOUNT", fact => fact.Account), ("SENDER", fact => fact.Sender),
                ("UNDONE", fact => fact.Undone is null ? "" : "yes"), ("REASON", fact => fact.Reason));
        });
        return command;
    }

    private static Command Undo()
    {
        var ids = new Argument<string[]>("id") { Description = "The id that 'list' shows.", HelpName = "ID", Arity = ArgumentArity.OneOrMore };
        var command = new Command("undo", "Moves a message back to where it was.") { ids };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var mail = new DeliveredMail(installation.Mail);
            foreach (var text in result.GetRequiredValue(ids))
            {
                if (!long.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id) || !await LaterMoves.UndoAsync(installation.Database, mail, id, TimeProvider.System, cancellation))
                    throw new OperationFailedException($"There is nothing to undo under {text}: it is no id of 'after-delivery list', was undone before, or its owner has moved the message meanwhile.");
                await Console.Error.WriteLineAsync($"Moved back: {text}.");
            }
        });
        return command;
    }

    /// <summary>What <c>--json</c> says of a move.</summary>
    private sealed record MoveFact(string Id, DateTimeOffset At, string Account, string Sender, string MessageId, string Reason, DateTimeOffset? Undone)
    {
        internal static MoveFact Of(LaterMove move) => new(move.Id.ToString("x", CultureInfo.InvariantCulture), move.At, move.Account, move.Sender, move.MessageId, move.Reason, move.Undone);
    }
}
