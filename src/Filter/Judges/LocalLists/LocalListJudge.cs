using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.Filter.Judges.LocalLists;

/// <summary>
/// The administrator's lists. An allowed domain or address helps only the one it belongs to: the message must pass DMARC, or anybody
/// could write under it. A denied one needs no proof, because nobody forges what is refused.
/// </summary>
internal sealed class LocalListJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol Allowed = new("LOCAL_ALLOW", -10, "The sender, who proves to be the one, is on this server's list of those whose mail is wanted.");
    private static readonly Symbol AllowedClient = new("LOCAL_ALLOW_CLIENT", -10, "The sending server is on this server's list of those whose mail is wanted.");
    private static readonly Symbol Unproved = new("LOCAL_ALLOW_UNPROVED", 0, "The sender is on this server's list of those whose mail is wanted, but nothing proves that the message is his.");
    private static readonly Symbol Denied = new("LOCAL_DENY", 10, "The sender is on this server's list of those whose mail is refused.");

    public override string Name => "local-lists";

    public override IReadOnlyList<Symbol> Symbols => [Allowed, AllowedClient, Unproved, Denied];

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if ((options.Allow.IsEmpty && options.Deny.IsEmpty) || message.Session.Account is not null) return [];
        if (IsDenied(message) is { } entry) return [Denied.Found($"{entry} is on this server's list of senders that are refused.", compels: Disposition.Reject)];
        if (message.ClientKnown && options.Allow.Has(message.Session.ClientAddress)) return [AllowedClient.Found()];
        if (options.Allow.Find(message.From.Address) is null) return [];
        return message.Authentication?.Dmarc.Kind == DmarcKind.Pass ? [Allowed.Found()] : [Unproved.Found()];
    }

    private string? IsDenied(MessageUnderJudgement message)
    {
        if (options.Deny.IsEmpty) return null;
        if (message.ClientKnown && options.Deny.Has(message.Session.ClientAddress)) return message.Session.ClientAddress.ToString();
        return options.Deny.Find(message.From.Address)
            ?? (message.Envelope.ReversePath is { } path ? options.Deny.Find(path.ToString()) : null)
            ?? (message.Session.ReverseName is { } name ? options.Deny.Find(name) : null);
    }
}
