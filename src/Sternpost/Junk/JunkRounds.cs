using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Junk;

/// <summary>Writes the digests that are due. Runs from <see cref="Start"/> until disposed.</summary>
internal sealed partial class JunkRounds(Database database, AccountDirectory directory, JunkLetter letter, TimeProvider time, ILogger<JunkRounds> log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public void Start() => running = Task.Run(RunAsync, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    /// <summary>One round.</summary>
    internal async ValueTask RoundAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = await database.ReadAsync(sql => JunkDigests.Due(sql, now).ConvertAll(id => (Id: id, Since: JunkDigests.Sent(sql, id) ?? now)), cancellation);
        if (due.Count == 0) return;
        var accounts = (await directory.AccountsAsync(null, cancellation)).ToDictionary(account => account.Id);
        foreach (var (id, since) in due)
        {
            if (accounts.TryGetValue(id, out var account)) await letter.SendAsync(account, since, cancellation);
            // Whatever came while it was written is in the next one.
            await database.WriteAsync(
                sql =>
                {
                    if (account is null) JunkDigests.RemoveAccount(sql, id);
                    else JunkDigests.Done(sql, id, now);
                    return true;
                },
                cancellation);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            for (; ; await Task.Delay(Every, time, stopping.Token))
            {
                try
                {
                    await RoundAsync(stopping.Token);
                }
                catch (Exception failed) when (failed is DbException or IOException)
                {
                    LogFailed(failed);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(1080, LogLevel.Error, "The digests of Junk could not be written; it is tried again in a minute")]
    private partial void LogFailed(Exception exception);
}
