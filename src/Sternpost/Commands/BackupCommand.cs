using System.CommandLine;
using Sternpost.Doctor.Checks;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Queue;
using Sternpost.Storage;
using Sternpost.Storage.Backups;

namespace Sternpost.Commands;

/// <summary><c>backup DIR</c> and <c>restore DIR</c>.</summary>
internal static class BackupCommand
{
    private static string Version => typeof(BackupCommand).Assembly.GetName().Version?.ToString(3) ?? "";

    public static Command CreateBackup()
    {
        var (folder, json) = (Folder("Where to: a folder that is missing or empty, or holds an earlier backup, of which only what is new is copied."), CommonOptions.Json());
        var command = new Command("backup", "Makes a consistent copy of everything: mail, accounts, queue, keys, settings. The server may run.") { folder, json };
        command.SetAction(async (result, cancellation) =>
        {
            await using var installation = await Installation.OpenAsync(result, cancellation);
            var target = result.GetRequiredValue(folder);
            using var progress = new ProgressLine();
            var summary = await AsOperationAsync(() => Backup.MakeAsync(installation.Database, target, Version, TimeProvider.System, progress, cancellation));
            var manifest = summary.Manifest;
            LastBackup.Note(result.GetRequiredValue(CommonOptions.Data));
            progress.End();
            if (result.GetValue(json))
                Console.Out.WriteLine(Facts.Json(new BackupFact(Path.GetFullPath(target), manifest.Made, manifest.Files, manifest.Octets, summary.Copied, summary.Damaged)));
            else
            {
                Console.Out.WriteLine($"{manifest.Files} files, {Facts.Octets(manifest.Octets)}, as of {manifest.Made:u}; {summary.Copied} had to be copied.");
                Console.Out.WriteLine($"It holds private keys and mail: keep it where only you can read it. Check it with: sternpost verify --backup {target}");
            }
            foreach (var damaged in summary.Damaged) await Console.Error.WriteLineAsync($"Damaged: {damaged}. The backup has it as it is; an earlier backup may have it whole.");
            return summary.Damaged.Count == 0 ? 0 : CommandLine.Failed;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        var (folder, json) = (Folder("The backup."), CommonOptions.Json());
        var release = new Option<bool>("--send-queue") { Description = "Let the mail of the queue go out at once. Without this it is held: most of it will have gone out after the backup was made." };
        var command = new Command("restore", "Brings a backup back as the data folder that --data names. Each file is checked; nothing that is there is overwritten.") { folder, release, json };
        command.SetAction(async (result, cancellation) =>
        {
            var (source, target) = (result.GetRequiredValue(folder), result.GetRequiredValue(CommonOptions.Data));
            using var progress = new ProgressLine();
            int mailboxes = 0, held = 0, canceled = 0;
            var manifest = await AsOperationAsync(() => Restoration.RestoreAsync(source, target, async unfinished =>
            {
                await using var database = await Database.OpenAsync(unfinished, TimeProvider.System, cancellation);
                progress.Report("Preparing mailboxes");
                mailboxes = await RestoredStore.MoveOnAsync(database, cancellation);
                canceled = await RestoredState.MoveOnAsync(database, TimeProvider.System.GetUtcNow(), cancellation);
                if (!result.GetValue(release)) held = await new QueueInspection(database, TimeProvider.System).HoldAsync(new QueueSelection(), cancellation);
            }, progress, cancellation));
            progress.End();
            if (result.GetValue(json))
                Console.Out.WriteLine(Facts.Json(new RestoreFact(Path.GetFullPath(target), manifest.Made, manifest.Files, manifest.Octets, mailboxes, held, canceled)));
            else
                Console.Out.WriteLine($"{Path.GetFullPath(target)} is as of {manifest.Made:u}: {manifest.Files} files, {Facts.Octets(manifest.Octets)}, {mailboxes} mailboxes. What came after is not in it.");
            if (canceled > 0)
                await Console.Error.WriteLineAsync($"{canceled} messages that their writers had set to go out by a time that is over are not sent, because they may have gone out after the backup. They are where the writers keep what they sent.");
            if (held > 0)
                await Console.Error.WriteLineAsync($"{held} recipients of the queue are held, because their mail may have gone out after the backup. See them with 'sternpost queue list'; send with 'queue release', forget with 'queue drop'.");
        });
        return command;
    }

    // A wrong backup is a failed operation, and its message says what to do.
    private static async Task<T> AsOperationAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (BackupException wrong)
        {
            throw new OperationFailedException(wrong.Message);
        }
    }

    private static Argument<string> Folder(string description) => new("folder") { Description = description, HelpName = "DIR" };

    private sealed record BackupFact(string Folder, DateTimeOffset Made, int Files, long Octets, int Copied, IReadOnlyList<string> Damaged);

    private sealed record RestoreFact(string Data, DateTimeOffset Made, int Files, long Octets, int Mailboxes, int Held, int Canceled);
}
