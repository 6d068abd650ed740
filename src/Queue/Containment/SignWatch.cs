using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Alerts;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Signs;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Queue.Containment;

/// <summary>
/// Acts on signs within seconds: a certain one contains the account, any other is told to the administrator. It also does the daily
/// forgetting of the sending side. Signs are rows, so a crash delays this and loses nothing.
/// </summary>
public sealed class SignWatch(Database database, AccountDirectory directory, AccountContainment containment, SenderTrust trust, SendingLimits limits, IAlerts alerts, TrustOptions options, TimeProvider time, ILogger<SignWatch> log) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(6);

    private readonly CancellationTokenSource ending = new();
    private Task looking = Task.CompletedTask;

    /// <summary>Begins to look.</summary>
    public void Start() => looking = Task.Run(LookAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await looking.ConfigureAwait(false);
        ending.Dispose();
    }

    /// <summary>Acts on what is open now.</summary>
    internal async ValueTask RoundAsync(CancellationToken cancellation)
    {
        var open = await database.ReadAsync(SignRows.Open, cancellation).ConfigureAwait(false);
        if (open.Count == 0) return;
        var accounts = (await directory.AccountsAsync(null, cancellation).ConfigureAwait(false)).ToDictionary(account => account.Id);
        foreach (var signs in open.GroupBy(sign => sign.AccountId))
        {
            var account = accounts.GetValueOrDefault(signs.Key);
            if (account is { Status: AccountStatus.Active } && options.ContainsItself && signs.FirstOrDefault(sign => sign.IsCertain) is { } certain)
                await containment.ContainAsync(account, null, onlyUnusual: true, automatic: true, certain.What.TrimEnd('.'), cancellation).ConfigureAwait(false);
            await database.WriteAsync(
                sql =>
                {
                    foreach (var sign in signs)
                    {
                        SignRows.Handled(sql, sign.Id);
                        if (account is null || (sign.IsCertain && options.ContainsItself) || account.Status == AccountStatus.Contained) continue;
                        alerts.Raise(sql, new Alert("account-sign", $"{account.Address}: {Short(sign.Kind)}", Letter(account, sign)));
                    }
                    return true;
                },
                cancellation).ConfigureAwait(false);
        }
    }

    private static string Short(SignKind kind) => kind switch
    {
        SignKind.Held => "unusual mail is held",
        SignKind.Trap => "wrote to a spam trap",
        SignKind.BounceBurst => "many recipients do not exist",
        SignKind.Complaint => "a recipient complained",
        SignKind.Travel => "signed in from many networks at once",
        SignKind.ListedNetwork => "signed in from a listed network",
        _ => "somebody else seems to use it",
    };

    private static string Letter(Account account, Sign sign) => $"""
        {sign.What}

        When: {Database.TimeOf(sign.Id):u}

        If it is the owner, nothing need be done: what is held goes on by itself when nothing bad is heard.
          What waits:            sternpost queue list --sender {account.Address}
          Let it go at once:     sternpost queue release --sender {account.Address}
        If it is somebody else:  sternpost account contain {account.Address}
        """;

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        var forget = time.GetUtcNow() + TimeSpan.FromMinutes(10);
        var resume = true;
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false)) return;
                if (resume) await containment.ResumeAsync(ending.Token).ConfigureAwait(false);
                resume = false;
                await RoundAsync(ending.Token).ConfigureAwait(false);
                if (time.GetUtcNow() < forget) continue;
                forget = time.GetUtcNow() + ForgetEvery;
                await trust.ForgetAsync(ending.Token).ConfigureAwait(false);
                while (await limits.ForgetAsync(ending.Token).ConfigureAwait(false))
                {
                    // A page at a time.
                }
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or IOException)
            {
                log.StoreFailed(failure);
            }
        }
    }
}
