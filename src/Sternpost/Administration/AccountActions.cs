using System.Collections.Specialized;
using System.Globalization;
using System.Security.Cryptography;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Accounts.Masked;
using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Messages.Addresses;

namespace Sternpost.Administration;

/// <summary>Making accounts, suspending and resuming them, new passwords, and what they may hold and send.</summary>
internal sealed class AccountActions(ServerConfiguration configuration, ServerParts parts) : IActionGroup
{
    private const string Back = AdministrationPage.Path + "/accounts";

    // No letters that are taken for others.
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyz23456789";

    private static readonly ActionField NewPassword = new("password", "Its password", "text", "Leave this empty, and one is made and shown once.");

    private readonly LimitOverrides overrides = new(parts.Database);

    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("account-add", "Add an account", "Add it", "It can receive and send mail at once, by the webmail and by mail programs.", "The account is there.")
        {
            Back = Back, IsGrave = true, Makes = true,
            Fields =
            [
                new("address", "Mail address", "email", "At one of this server's domains.", IsRequired: true), new("name", "The person's name"), NewPassword,
                new("quota", "Room for mail", "text", "Such as 5GB; 0 for no limit. Left empty, what the configuration says."), new("administrator", "May administer this server", "checkbox"),
            ],
        },
        new("account-suspend", "Suspend an account", "Suspend it", "Nobody can sign in or send; mail is still received.", "The account is suspended.") { Back = Back },
        new("account-resume", "End a suspension", "Let it work again", "The account can sign in and send again, with the password it had.", "The account works again.") { Back = Back },
        new("account-password", "Set a new password", "Set it", "Sessions that were signed in with the old password end. App passwords stay as they are.", "The password is new.") { Back = Back, IsGrave = true, Fields = [NewPassword] },
        new("account-second-factor", "Take the second factor away", "Take it away", "Codes, passkeys and recovery codes of this account are gone, and its password alone signs in again. Make sure that it is its owner who asks.", "The password alone signs in again.") { Back = Back, IsGrave = true },
        new("account-remove", "Remove an account", "Remove it for good",
            "Its mail, folders, contacts, rules, masked addresses and aliases are deleted at once and cannot be brought back from here; only a backup still has them. Mail to it is refused from then on. What it has in the queue is still delivered. Where you are not sure, suspend it instead: then nobody signs in, and nothing is lost. To keep its mail, take it out first: sternpost export.",
            "The account is removed, with its mail.")
        {
            Back = Back, IsGrave = true, Ends = true, Fields = [new("again", "Its address, once more", "email", "So that it is not another's.", IsRequired: true)],
        },
        new("account-quota", "Set the room for mail", "Set it", "Mail beyond it is refused, and its sender told that the mailbox is full.", "The room for mail is set.")
        {
            Back = Back, Fields = [new("quota", "Room for mail", "text", "Such as 5GB; 0 for no limit.", IsRequired: true)],
        },
        new("limit-set", "Set how much may be sent", "Set it", "It holds from the next message on, in place of what the configuration says.", "The limit is set.")
        {
            Back = Back,
            Fields =
            [
                new("limit", "Which limit") { Choices = [.. LimitName.All.Select(name => name.ToString())] },
                new("soft", "Held beyond", "number", "So much goes out at once; what is more is accepted and waits. 0 for no limit; empty leaves it as it is."),
                new("hard", "Refused beyond", "number", "What is more is refused. 0 for no limit; empty leaves it as it is."),
            ],
        },
        new("limit-clear", "Take back all limits set for it", "Take them back", "What the configuration says holds again.", "The limits are those of the configuration.") { Back = Back },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (action.Makes) return ("", "");
        if (await FindAsync(id, cancellation) is not { } account) return null;
        var fits = action.Name switch { "account-suspend" => account.Status == AccountStatus.Active, "account-resume" => account.Status == AccountStatus.Suspended, _ => true };
        if (action.Name == "account-remove") return (account.Address.ToString(), await WhatGoesAsync(account, cancellation));
        return fits ? (account.Address.ToString(), account.DisplayName) : null;
    }

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        if (action.Makes) return await AddAsync(form, cancellation);
        if (await FindAsync(id, cancellation) is not { } account) return ActionOutcome.Gone;
        switch (action.Name)
        {
            case "account-suspend" when account.Id == by.Id:
                return new ActionOutcome("That is your own account: you would be locked out. Have another administrator do it, or use 'sternpost account suspend' on the server.");
            case "account-suspend":
                await parts.Directory.SetStatusAsync(account.Address, AccountStatus.Suspended, cancellation);
                return ActionOutcome.Done;
            case "account-remove" when account.Id == by.Id:
                return new ActionOutcome("That is your own account. Have another administrator do it, or use 'sternpost account remove' on the server.");
            case "account-remove":
                if (!EmailAddress.TryParse(form["again"]!.Trim(), out var again) || again != account.Address) return new ActionOutcome($"That is not the address of this account, {account.Address}. Nothing was removed.");
                return await parts.Directory.RemoveAccountAsync(account.Address, cancellation) ? ActionOutcome.Done : ActionOutcome.Gone;
            case "account-resume":
                await parts.Directory.SetStatusAsync(account.Address, AccountStatus.Active, cancellation);
                return ActionOutcome.Done;
            case "account-password":
                var (password, made) = Password(form);
                await parts.Directory.SetPasswordAsync(account.Address, password, cancellation);
                return new ActionOutcome(null, made ? password : null);
            case "account-quota":
                if (ValueKinds.Size.Read(form["quota"]!.Trim(), out var octets) is { } reason) return new ActionOutcome(reason);
                return await parts.Directory.SetQuotaAsync(account.Address, octets, cancellation) ? ActionOutcome.Done : ActionOutcome.Gone;
            case "account-second-factor":
                return await parts.SecondFactors.ResetAsync(account.Address, cancellation) ? ActionOutcome.Done : new ActionOutcome("This account has no second factor.");
            case "limit-set":
                return await LimitAsync(account, form, cancellation);
            default:
                return await overrides.ClearAsync(SendingLayer.Of(account).Scope, null, cancellation) > 0 ? ActionOutcome.Done : new ActionOutcome("Nothing was set for this account.");
        }
    }

    private async Task<string> WhatGoesAsync(Account account, CancellationToken cancellation)
    {
        var aliases = (await parts.Directory.AliasesAsync(null, cancellation)).Where(alias => alias.Target == account.Address).Select(alias => alias.Pattern).Distinct().ToList();
        var masked = (await parts.Database.ReadAsync(sql => MaskedRows.Of(sql, account.Id), cancellation)).Count;
        return $"{(account.DisplayName.Length > 0 ? account.DisplayName + "\n" : "")}Mail: {Facts.Octets(account.UsedBytes)}\nAliases that lead to it: {(aliases.Count == 0 ? "none" : string.Join(", ", aliases))}\nMasked addresses: {masked}";
    }

    private async Task<ActionOutcome> AddAsync(NameValueCollection form, CancellationToken cancellation)
    {
        if (!EmailAddress.TryParse(form["address"]!.Trim(), out var address)) return new ActionOutcome($"'{form["address"]}' is not an email address such as alice@example.com.");
        var quota = configuration.Storage.Quota;
        if (form["quota"]?.Trim() is { Length: > 0 } size && ValueKinds.Size.Read(size, out quota) is { } reason) return new ActionOutcome(reason);
        var (password, made) = Password(form);
        await parts.Directory.AddAccountAsync(address, password, form["name"]?.Trim() ?? "", form["administrator"] == "on", quota, cancellation);
        return new ActionOutcome(null, made ? password : null);
    }

    private async Task<ActionOutcome> LimitAsync(Account account, NameValueCollection form, CancellationToken cancellation)
    {
        if (!LimitName.TryParse(form["limit"] ?? "", out var name) || !Bound(form["soft"], out var soft) || !Bound(form["hard"], out var hard)) return new ActionOutcome("A limit is a number from 0 to 1000000000.");
        if (soft is null && hard is null) return new ActionOutcome("Say at least one of the two figures.");
        if (soft > 0 && !name.Value.MayBeSoft) return new ActionOutcome("Mail within this server is not held, so its limit can only be hard.");
        await overrides.SetAsync(new LimitOverride(SendingLayer.Of(account).Scope, name.Value, soft, hard), cancellation);
        return ActionOutcome.Done;
    }

    private static bool Bound(string? text, out long? bound)
    {
        bound = null;
        if (string.IsNullOrWhiteSpace(text)) return true;
        if (!long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1_000_000_000) return false;
        bound = number;
        return true;
    }

    private static (string Password, bool IsMade) Password(NameValueCollection form) => form["password"] is { Length: > 0 } typed
        ? (typed, false)
        : (string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(PasswordLetters, 4))), true);

    private async ValueTask<Account?> FindAsync(string id, CancellationToken cancellation) =>
        EmailAddress.TryParse(id, out var address) ? await parts.Directory.FindAccountAsync(address, cancellation) : null;
}
