using System.CommandLine;
using Sternpost.Setup;
using Sternpost.Storage.Backups;
using Sternpost.Verification;

namespace Sternpost.Commands;

/// <summary><c>verify</c>: reads all that is stored and says what is damaged. The server may run.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var backup = new Option<string?>("--backup") { Description = "Check this backup instead of the data folder: that every file is there and as it was written.", HelpName = "DIR" };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Reads every message, index and key that is stored, and says what is damaged and what to do. Changes nothing; the server may run.") { backup, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var progress = new ProgressLine();
            var checks = result.GetValue(backup) is { } folder ? [await BackupAsync(folder, progress, cancellation)] : await DataAsync(result, progress, cancellation);
            progress.End();
            if (result.GetValue(json)) Console.Out.WriteLine(Facts.Json(checks));
            else Print(checks);
            return checks.Any(check => check.Level == CheckLevel.Failed) ? CommandLine.Failed : 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckResult>> DataAsync(ParseResult result, ProgressLine progress, CancellationToken cancellation)
    {
        await using var installation = await Installation.OpenAsync(result, cancellation);
        var checks = new List<CheckResult>();
        checks.AddRange(await StoredData.CheckAsync(installation.Database, progress, cancellation));
        checks.Add(await KeyChecks.SigningKeysAsync(installation.Database, installation.Directory, cancellation));
        checks.AddRange(KeyChecks.Files(CommonOptions.ConfigurationPath(result), result.GetRequiredValue(CommonOptions.Data), TimeProvider.System.GetUtcNow()));
        return checks;
    }

    private static async Task<CheckResult> BackupAsync(string folder, ProgressLine progress, CancellationToken cancellation)
    {
        try
        {
            var (manifest, wrong) = await Restoration.CheckAsync(folder, progress, cancellation);
            var finding = $"{manifest.Files} files, {Facts.Octets(manifest.Octets)}, as of {manifest.Made:u}";
            return wrong.Count == 0 ? CheckResult.Ok("backup", finding) : CheckResult.Failed("backup", $"{finding}. {StoredData.Sentences(wrong)}", "It cannot be restored as it is. Make a new one into another folder: sternpost backup DIR");
        }
        catch (BackupException none)
        {
            throw new OperationFailedException(none.Message);
        }
    }

    private static void Print(IReadOnlyList<CheckResult> checks)
    {
        foreach (var check in checks)
        {
            var level = check.Level switch { CheckLevel.Ok => "ok", CheckLevel.Warning => "warning", _ => "DAMAGED" };
            Console.Out.WriteLine($"{level,-8} {check.Check,-14} {check.Finding}");
            if (check.Advice.Length > 0) Console.Out.WriteLine($"{"",-8} {"",-14} → {check.Advice}");
        }
    }
}
