using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Queue.Intake;

/// <summary>Where the copies of one message go, after aliases. RCPT resolved the same addresses, but the directory may have changed since.</summary>
internal sealed class RecipientPlan
{
    private readonly HashSet<long> accounts = [];
    private readonly HashSet<string> outside = [];

    /// <summary>One copy for each account, however many recipients lead to it.</summary>
    internal List<LocalCopy> Local { get; } = [];

    /// <summary>Recipients elsewhere.</summary>
    internal List<EnvelopeRecipient> Outside { get; } = [];

    /// <summary>Recipients nobody can be found for.</summary>
    internal List<Refusal> Refused { get; } = [];

    /// <summary>Those of <see cref="Outside"/> that an alias leads to.</summary>
    internal HashSet<EnvelopeRecipient> Forwarded { get; } = [];

    /// <summary>Targets of aliases that get no copy, each with the reason.</summary>
    internal List<(EnvelopeRecipient Recipient, string Reason)> KeptBack { get; } = [];

    /// <summary>The domain of the first alias that leads elsewhere; null where none does.</summary>
    internal DomainName? ForwardedBy { get; private set; }

    internal static async ValueTask<RecipientPlan> MakeAsync(AccountDirectory directory, IReadOnlyList<EnvelopeRecipient> recipients, bool mayRelay, bool isBounce, CancellationToken cancellation)
    {
        var plan = new RecipientPlan();
        foreach (var recipient in recipients)
        {
            switch (await directory.ResolveAsync(recipient.Address, cancellation).ConfigureAwait(false))
            {
                case RecipientResolution.Deliver found:
                    var masked = await directory.FindMaskedAsync(recipient.Address, cancellation).ConfigureAwait(false) is null ? null : recipient.Address;
                    foreach (var (account, _) in found.Local)
                    {
                        if (plan.accounts.Add(account.Id)) plan.Local.Add(new LocalCopy(account, recipient) { Masked = masked });
                    }
                    // RFC 3461 §5.2.7.1: who asked about the alias hears about it under the alias.
                    if (found.Forward.Count > 0) plan.ForwardedBy ??= recipient.Address.Domain;
                    foreach (var target in found.Forward)
                    {
                        var copy = recipient with { Address = target, OriginalRecipient = recipient.OriginalRecipient ?? "rfc822;" + recipient.Address };
                        if (plan.AddOutside(copy)) plan.Forwarded.Add(copy);
                    }
                    break;
                case RecipientResolution.Return returned when isBounce:
                    // RFC 3461 §5.2.7.1 likewise: the bounce's own notices are for who sees the address it was sent to.
                    plan.AddOutside(recipient with { Address = returned.Sender });
                    break;
                case RecipientResolution.NotLocal when mayRelay:
                    plan.AddOutside(recipient);
                    break;
                case RecipientResolution.NotLocal:
                    plan.Refused.Add(new Refusal(recipient, 550, "5.7.1", "This server does not relay to that address"));
                    break;
                case RecipientResolution.SwitchedOff:
                    plan.Refused.Add(new Refusal(recipient, 550, "5.2.1", "The owner of that address has switched it off"));
                    break;
                case RecipientResolution.Full:
                    plan.Refused.Add(new Refusal(recipient, 452, "4.2.2", "The mailbox is full"));
                    break;
                default:
                    plan.Refused.Add(new Refusal(recipient, 550, "5.1.1", "There is no mailbox at that address"));
                    break;
            }
        }
        return plan;
    }

    /// <summary>Sends a copy on to where an account's script says, as an alias would.</summary>
    internal async ValueTask SendOnAsync(AccountDirectory directory, LocalCopy from, EmailAddress to, CancellationToken cancellation)
    {
        var copy = from.Recipient with { Address = to, OriginalRecipient = from.Recipient.OriginalRecipient ?? "rfc822;" + from.Recipient.Address };
        switch (await directory.ResolveAsync(to, cancellation).ConfigureAwait(false))
        {
            case RecipientResolution.Deliver found:
                foreach (var (account, _) in found.Local)
                {
                    if (accounts.Add(account.Id)) Local.Add(new LocalCopy(account, copy));
                }
                foreach (var target in found.Forward) Forward(copy with { Address = target });
                break;
            case RecipientResolution.NotLocal:
                Forward(copy);
                break;
            default:
                KeptBack.Add((copy, "There is no mailbox at that address, or it is full"));
                break;
        }

        void Forward(EnvelopeRecipient recipient)
        {
            ForwardedBy ??= from.Account.Address.Domain;
            if (AddOutside(recipient)) Forwarded.Add(recipient);
        }
    }

    /// <summary>Takes a copy for the target of an alias out again.</summary>
    internal void KeepBack(EnvelopeRecipient recipient, string reason)
    {
        Outside.Remove(recipient);
        KeptBack.Add((recipient, reason));
    }

    private bool AddOutside(EnvelopeRecipient recipient)
    {
        if (!outside.Add(recipient.Address.Key)) return false;
        Outside.Add(recipient);
        return true;
    }
}

/// <summary>A copy for an account, and the recipient that led to it.</summary>
internal sealed record LocalCopy(Account Account, EnvelopeRecipient Recipient)
{
    /// <summary>The masked address of the account that the message was sent to; null where it was sent to another.</summary>
    internal EmailAddress? Masked { get; init; }
}

/// <summary>A recipient that came to nothing, as a reply would say it.</summary>
internal sealed record Refusal(EnvelopeRecipient Recipient, int Code, string Status, string Text);
