using System.CommandLine;
using Sternpost.Accounts.Shields;

namespace Sternpost.Commands;

/// <summary><c>account expect-code</c>.</summary>
internal static class ExpectCodeCommand
{
    public static Command Create()
    {
        var address = Inputs.Address("address", "The account's address.");
        var minutes = new Option<int>("--minutes") { Description = "How long; 0 ends it.", HelpName = "MINUTES", DefaultValueFactory = _ => 15 };
        var most = (int)ShieldRows.LongestWindow.TotalMinutes;
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < 0 || value > most)) result.AddError($"--minutes is 0 to {most}.");
        });
        var json = CommonOptions.Json();
        var command = new Command("expect-code", "For some minutes login codes and confirmations to the account are neither delayed nor set aside for coming from a stranger.") { address, minutes, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var wanted = result.GetRequiredValue(address);
            var account = await installation.Directory.FindAccountAsync(wanted, cancellation) ?? throw AccountCommand.NoSuch(wanted);
            var wait = result.GetValue(minutes);
            DateTimeOffset? until = wait == 0 ? null : DateTimeOffset.UtcNow + TimeSpan.FromMinutes(wait);
            await installation.Database.WriteAsync(
                sql =>
                {
                    ShieldRows.Expect(sql, account.Id, until ?? default);
                    return true;
                },
                cancellation);
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(new Fact(account.Address.ToString(), until)));
            await Console.Error.WriteLineAsync(until is null ? $"{account.Address} does not expect a code any more." : $"{account.Address} expects a code until {until:u}; it ends by itself.");
        });
        return command;
    }

    private sealed record Fact(string Address, DateTimeOffset? Until);
}
