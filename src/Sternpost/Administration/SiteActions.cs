using System.Collections.Specialized;
using System.Globalization;
using System.Security.Cryptography;
using Sternpost.Accounts;
using Sternpost.Accounts.Sites;
using Sternpost.Composition;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;

namespace Sternpost.Administration;

/// <summary>Web sites and their programs: their passwords, what they may send, and the switch that stops one at once.</summary>
internal sealed class SiteActions(ServerParts parts, TimeProvider time) : IActionGroup
{
    private const string Back = AdministrationPage.Path + "/sites";
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int PasswordLength = 24;

    private static readonly ActionField UserName = new("user", "User its programs run as", "text", "On this computer, such as www-data. Empty where it sends by its password alone.");
    private static readonly ActionField Folder = new("folder", "Folder of its programs", "text", "A full path, such as /var/www/shop.");
    private static readonly ActionField PerHour = new("hour", "Recipients outside in an hour", "number", "0 for no limit.", IsRequired: true);
    private static readonly ActionField PerDay = new("day", "Recipients outside in a day", "number", "0 for no limit.", IsRequired: true);

    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("site-add", "Add a site", "Add it", $"It may send as its own address, at most to {Site.StandardPerHour} recipients outside in an hour and {Site.StandardPerDay} in a day. A password is made and shown once; programs of this computer need none, they are known by user and folder.", "The site is there.")
        {
            Back = Back, IsGrave = true, Makes = true, Fields = [new("address", "Its address", "email", "At one of this server's domains, such as shop@example.com.", IsRequired: true), UserName, Folder],
        },
        new("site-block", "Stop a site at once", "Stop it", "It cannot send any more, and what it has in the queue is held. Nothing is deleted.", "The site is stopped, and its mail in the queue is held.") { Back = Back, BackTo = PageOf },
        new("site-unblock", "Let a site send again", "Let it send", "It can send again. What is held of it in the queue stays held until somebody lets it go there.", "The site may send again.") { Back = Back, BackTo = PageOf },
        new("site-password", "Set a new password", "Make a new one", "The old one is good no longer, at once; the site cannot send by it until it is given the new one.", "The password is new.") { Back = Back, IsGrave = true, BackTo = PageOf },
        new("site-limits", "Set how much a site may send", "Set it", "It holds from the next message on.", "The limits are set.") { Back = Back, BackTo = PageOf, Fields = [PerHour, PerDay] },
        new("site-remove", "Remove a site", "Remove it", "Nobody can send as it any more. What it has in the queue is still delivered: stop it first where that must not be.", "The site is removed.") { Back = Back, IsGrave = true, Ends = true },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (action.Makes) return ("", "");
        if (await FindAsync(id, cancellation) is not { } site) return null;
        var isBlocked = (await parts.Directory.FindAccountAsync(site.Address, cancellation))?.Status != AccountStatus.Active;
        var fits = action.Name switch { "site-block" => !isBlocked, "site-unblock" => isBlocked, _ => true };
        if (!fits) return null;
        var (hour, day) = await parts.SiteSending.SentAsync(site, cancellation);
        return (site.Address.ToString(), $"Sent: {hour} of {Limit(site.PerHour)} recipients outside in this hour, {day} of {Limit(site.PerDay)} today.");
    }

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        var book = new SiteBook(parts.Database, parts.Directory);
        var made = RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
        if (action.Makes)
        {
            if (!EmailAddress.TryParse(form["address"]!.Trim(), out var address)) return new ActionOutcome($"'{form["address"]}' is not an email address such as shop@example.com.");
            await book.AddAsync(address, made, account => new Site(account, address, form["user"]?.Trim() ?? "", form["folder"]?.Trim() ?? "", null, NewScripts.Limit, 0, Site.StandardPerHour, Site.StandardPerDay, []), cancellation);
            return new ActionOutcome(null, made);
        }
        if (await FindAsync(id, cancellation) is not { } site) return ActionOutcome.Gone;
        switch (action.Name)
        {
            case "site-block":
                await parts.Directory.SetStatusAsync(site.Address, AccountStatus.Suspended, cancellation);
                var queue = new QueueInspection(parts.Database, time);
                foreach (var message in await parts.Database.ReadAsync(sql => sql.Query($"select id from queue_messages where account_id = {site.AccountId}", row => row.GetInt64(0)), cancellation))
                    await queue.HoldAsync(new QueueSelection(MessageId: message), cancellation);
                return ActionOutcome.Done;
            case "site-unblock":
                await parts.Directory.SetStatusAsync(site.Address, AccountStatus.Active, cancellation);
                return ActionOutcome.Done;
            case "site-password":
                await parts.Directory.SetPasswordAsync(site.Address, made, cancellation);
                return new ActionOutcome(null, made);
            case "site-limits":
                if (!Figure(form["hour"], out var hour) || !Figure(form["day"], out var day)) return new ActionOutcome("A limit is a whole number from 0 to 1000000.");
                await book.ChangeAsync(site with { PerHour = hour, PerDay = day }, cancellation);
                return ActionOutcome.Done;
            default:
                return await parts.Directory.RemoveAccountAsync(site.Address, cancellation) ? ActionOutcome.Done : ActionOutcome.Gone;
        }
    }

    /// <summary>The page of one site.</summary>
    internal static string PageOf(string id) => $"{Back}?id={Uri.EscapeDataString(id)}";

    internal static string Limit(int limit) => limit == 0 ? "no limit" : limit.ToString(CultureInfo.InvariantCulture);

    private static bool Figure(string? text, out int figure) => int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out figure) && figure <= 1_000_000;

    private async ValueTask<Site?> FindAsync(string id, CancellationToken cancellation) =>
        EmailAddress.TryParse(id, out var address) ? await new SiteBook(parts.Database, parts.Directory).FindAsync(address, cancellation) : null;
}
