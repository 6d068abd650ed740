using Sternpost.Abuse.Sites;
using Sternpost.Accounts;
using Sternpost.Accounts.Sites;
using Sternpost.Setup;

namespace Sternpost.Doctor.Checks;

/// <summary>Accounts that are full, stopped, or near a limit, and whether anybody administers the server.</summary>
internal static class AccountHealth
{
    private const double NearlyFull = 0.9;
    private const double NearLimit = 0.8;
    private const int MostNamed = 5;

    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(Patient patient, CancellationToken cancellation)
    {
        var directory = new AccountDirectory(patient.Database, TimeProvider.System);
        var accounts = await directory.AccountsAsync(null, cancellation);
        var results = new List<CheckResult>();
        if (accounts.Count == 0) results.Add(CheckResult.Failed("Accounts", "there are none, so no mail is received", "sternpost domain add DOMAIN, then sternpost account add ADDRESS --admin"));
        else if (!accounts.Any(account => account is { IsAdministrator: true, Status: AccountStatus.Active }))
            results.Add(CheckResult.Warning("Accounts", "no account in use administers the server; mail to postmaster and abuse goes to the oldest one", "sternpost account add ADDRESS --admin"));
        var full = accounts.Where(account => account.QuotaBytes > 0 && account.UsedBytes >= account.QuotaBytes * NearlyFull).ToList();
        if (full.Count > 0) results.Add(CheckResult.Warning("Accounts", $"{Named(full.Select(account => $"{account.Address} ({100 * account.UsedBytes / account.QuotaBytes} %)"))} {(full.Count == 1 ? "is" : "are")} nearly full", "Their owners must delete something; a full mailbox puts mail off and then returns it."));
        var stopped = accounts.Where(account => account.Status != AccountStatus.Active).ToList();
        if (stopped.Count > 0) results.Add(CheckResult.Warning("Accounts", $"{Named(stopped.Select(account => account.Address.ToString()))} {(stopped.Count == 1 ? "is" : "are")} suspended", "sternpost account show ADDRESS tells more; sternpost account resume ADDRESS ends it."));
        var sending = new SiteSending(patient.Database, TimeProvider.System);
        var book = new SiteBook(patient.Database, directory);
        foreach (var site in await book.ListAsync(cancellation))
        {
            if (await directory.FindAccountAsync(site.Address, cancellation) is not { Status: AccountStatus.Active })
                results.Add(CheckResult.Warning("Accounts", $"the site {site.Address} is blocked", $"sternpost site unblock {site.Address} ends it."));
            var (hour, day) = await sending.SentAsync(site, cancellation);
            if ((site.PerHour > 0 && hour >= site.PerHour * NearLimit) || (site.PerDay > 0 && day >= site.PerDay * NearLimit))
                results.Add(CheckResult.Warning("Accounts", $"the site {site.Address} is near its limit: {hour} of {site.PerHour} outside recipients this hour, {day} of {site.PerDay} today", $"Look whether its scripts are right: sternpost site show {site.Address}; then raise it with 'sternpost site set' or stop it with 'sternpost site block'."));
            var waiting = (await book.ScriptsAsync(site.AccountId, cancellation)).Where(script => script.Waiting > 0).ToList();
            if (waiting.Count > 0) results.Add(CheckResult.Warning("Accounts", $"mail of {waiting.Count} new {(waiting.Count == 1 ? "script" : "scripts")} of {site.Address} waits", $"sternpost site show {site.Address}, then sternpost site allow {site.Address} --script PATH"));
        }
        if (results.Count == 0) results.Add(CheckResult.Ok("Accounts", $"{accounts.Count}, none full, stopped or near a limit"));
        return results;
    }

    private static string Named(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count <= MostNamed ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MostNamed))} and {all.Count - MostNamed} more";
    }
}
