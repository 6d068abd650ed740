using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>What a site's message must be, whichever door it comes by.</summary>
internal static class SiteRules
{
    /// <summary>Refuses a message that a visitor wrote into; null where nothing is wrong.</summary>
    internal static async ValueTask<Reply?> CheckAsync(SmtpServices services, Account account, ReadOnlyMemory<byte> message, IReadOnlyList<EmailAddress> recipients, CancellationToken cancellation)
    {
        if (account.Site is not { } site) return null;
        if (InjectedHeader.Problem(message.Span) is { } problem) return new Reply(550, "5.7.1", problem);
        var blind = new List<EmailAddress>();
        foreach (var recipient in InjectedHeader.Blind(message.Span, recipients))
        {
            // Copies to our own people harm nobody.
            if (await services.Directory.ResolveAsync(recipient, cancellation).ConfigureAwait(false) is RecipientResolution.NotLocal) blind.Add(recipient);
        }
        return blind.Count <= site.BlindCopies ? null : new Reply(550, "5.7.1",
            $"{(blind.Count == 1 ? $"The recipient <{blind[0]}> stands" : $"{blind.Count} recipients, <{blind[0]}> the first, stand")} neither in To nor in Cc, and {site.Address} may have {site.BlindCopies} such outside this server. "
            + $"A visitor of the site wrote into the header; or, where the script means it: sternpost site set {site.Address} --blind-copies {blind.Count}");
    }

    /// <summary>The message with what the intake must know of its site.</summary>
    internal static async ValueTask<IncomingMessage> GuardAsync(SmtpServices services, IncomingMessage message, Account? account, LocalCaller? caller, int outside, string? key, CancellationToken cancellation)
    {
        if (services.Sites is not { } sites || (account?.Site is null && key is null)) return message;
        var source = caller?.Source ?? "";
        var held = account?.Site is { } site && outside > 0 && await sites.IsHeldAsync(site, source, cancellation).ConfigureAwait(false);
        return message with
        {
            Guard = new SiteGuard(sites, account, source, outside, key, held, services.Time),
            Hold = held ? $"The script is new, and new scripts of {account!.Address} wait. Where it is right: sternpost site allow {account.Address} --script '{source}'" : null,
        };
    }
}
