using System.Net;
using Sternpost.Accounts.Senders;
using Sternpost.Accounts.Shields;
using Sternpost.Dns;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Evidence.Campaigns;
using Sternpost.Filter.Evidence.Contacts;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Evidence.Masked;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Views;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dkim;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;

namespace Sternpost.Filter.Evidence;

/// <summary>What is stored beside a message's findings about its nature.</summary>
[Flags]
internal enum FactBits
{
    None = 0,
    /// <summary>The author's domain proved to be his.</summary>
    Authenticated = 1,
    /// <summary>Sent to many.</summary>
    Bulk = 2,
    /// <summary>A confirmation of a sign-up, or a welcome.</summary>
    SignUp = 4,
    /// <summary>Carries a code to sign in with.</summary>
    LoginCode = 8,
    /// <summary>Its sender is new to every account it is for.</summary>
    FirstContact = 16,
    /// <summary>For an address that nobody uses.</summary>
    Trap = 32,
    /// <summary>A null reverse-path: a bounce or another notice.</summary>
    Notice = 64,
}

/// <summary>
/// What stored evidence goes by, taken from the message once: by it judges ask, and by it what becomes of the message is written down,
/// long after its octets have been let go.
/// </summary>
internal sealed class MessageFacts
{
    // Links beyond these are footers and trackers.
    private const int MostLinks = 6;
    private const int LinksLookedAt = 60;

    private MessageFacts()
    {
    }

    /// <summary>Rising and unique; its upper bits are the time.</summary>
    internal required long Id { get; init; }

    /// <summary>The Message-ID; empty where there is none.</summary>
    internal required string MessageId { get; init; }

    /// <summary>Those it answers.</summary>
    internal required IReadOnlyList<string> Answered { get; init; }

    /// <summary>The author's address, lower case; empty where there is none.</summary>
    internal required string Sender { get; init; }

    /// <summary>The registered part of its domain.</summary>
    internal required string SenderDomain { get; init; }

    /// <summary>The registered domain that proved to be the author's; null where nothing proves it.</summary>
    internal required string? ProvedDomain { get; init; }

    /// <summary>True where SPF, DKIM or DMARC passed for anybody.</summary>
    internal required bool AnythingPassed { get; init; }

    internal required IPAddress Client { get; init; }

    internal required bool ClientKnown { get; init; }

    /// <summary>Registered domains that links lead to, without the author's own.</summary>
    internal required IReadOnlyList<string> Links { get; init; }

    internal required TextSketch Sketch { get; init; }

    /// <summary>The accounts it is for.</summary>
    internal required IReadOnlyList<long> Accounts { get; init; }

    /// <summary>What they have to do with the sender, in the order of <see cref="Accounts"/>.</summary>
    internal IReadOnlyList<Relation> Relations { get; set; } = [];

    /// <summary>The rules of their owners by which it goes to Junk, in the order of <see cref="Accounts"/>.</summary>
    internal IReadOnlyList<SenderRule?> Against { get; set; } = [];

    /// <summary>By account as <see cref="Accounts"/>: the masked address it came to; null where it came to another. Empty where it came to none.</summary>
    internal IReadOnlyList<MaskedUse?> Masked { get; set; } = [];

    /// <summary>By account as <see cref="Accounts"/>: what protects it just now. Empty where nothing was read.</summary>
    internal IReadOnlyList<AccountShield> Shields { get; set; } = [];

    /// <summary>When it was judged.</summary>
    internal DateTimeOffset At { get; set; }

    /// <summary>The domain that the author claims says that it is not from there.</summary>
    internal bool FailedDmarc { get; init; }

    /// <summary>What protects an account just now.</summary>
    internal AccountShield ShieldOf(long account)
    {
        for (var i = 0; i < Accounts.Count && i < Shields.Count; i++)
        {
            if (Accounts[i] == account) return Shields[i];
        }
        return AccountShield.None;
    }

    /// <summary>The masked address by which it came to an account; null where it did not come by one.</summary>
    internal MaskedUse? MaskedFor(long account)
    {
        for (var i = 0; i < Accounts.Count && i < Masked.Count; i++)
        {
            if (Accounts[i] == account) return Masked[i];
        }
        return null;
    }

    /// <summary>The id of the list it came by, lower case; empty for none.</summary>
    internal string ListId { get; init; } = "";

    internal FactBits Bits { get; set; }

    /// <summary>The keys of reputation with their kinds.</summary>
    internal required IReadOnlyList<(EvidenceKind Kind, long Key)> Keys { get; init; }

    /// <summary>The campaign it belongs to, once that has been looked for; 0 where it is the first or too short.</summary>
    internal long Campaign { get; set; }

    internal bool Is(FactBits bits) => (Bits & bits) == bits;

    internal static MessageFacts Of(MessageUnderJudgement message, AttachmentPolicy policy, long id, IReadOnlyList<long> accounts, bool trap)
    {
        var sender = message.From.Address.ToLowerInvariant();
        var senderDomain = RelatedDomains.Registered(message.From.Domain).ToString();
        var proved = ProvedDomainOf(message.Authentication, senderDomain);
        var links = LinkDomains([.. message.Text.Links, .. message.Carried(policy).Links], senderDomain);
        var bits = FactBits.None;
        if (proved is not null) bits |= FactBits.Authenticated;
        if (BulkMail.IsBulk(message.Header)) bits |= FactBits.Bulk;
        if (BulkMail.IsSignUp(message)) bits |= FactBits.SignUp;
        if (LoginCodes.IsIn(message)) bits |= FactBits.LoginCode;
        if (trap) bits |= FactBits.Trap;
        if (message.Envelope.ReversePath is null) bits |= FactBits.Notice;
        return new MessageFacts
        {
            Id = id,
            MessageId = MessageIds.Own(message.Header),
            // What a bounce brings back is what it answers.
            Answered = message.Envelope.ReversePath is null && ReturnedMessage.IdIn(message) is { } returned ? [returned] : MessageIds.Answered(message.Header),
            Sender = sender,
            SenderDomain = senderDomain,
            ProvedDomain = proved,
            AnythingPassed = AnyPassed(message.Authentication),
            FailedDmarc = message.Authentication?.Dmarc.Kind == DmarcKind.Fail,
            ListId = Messages.Lists.ListId.Of(message.Header.Text("List-Id"u8)),
            Client = message.Session.ClientAddress,
            ClientKnown = message.ClientKnown && !IPAddress.IsLoopback(message.Session.ClientAddress),
            Links = links,
            Sketch = TextSketch.Of(message),
            Accounts = accounts,
            Bits = bits,
            Keys = KeysOf(message, proved, links),
        };
    }

    /// <summary>As far as they are kept, for campaigns that begin again.</summary>
    internal static MessageFacts Restored(CampaignMember member)
    {
        var at = member.Sender.LastIndexOf('@');
        var senderDomain = at < 0 ? "" : RelatedDomains.Registered(member.Sender.AsSpan(at + 1)).ToString();
        return new MessageFacts
        {
            Id = member.Id,
            MessageId = "",
            Answered = [],
            Sender = member.Sender,
            SenderDomain = senderDomain,
            ProvedDomain = member.Facts.HasFlag(FactBits.Authenticated) ? senderDomain : null,
            AnythingPassed = member.Facts.HasFlag(FactBits.Authenticated),
            Client = IPAddress.Any,
            ClientKnown = false,
            Links = [],
            Sketch = member.Sketch,
            Accounts = member.AccountId == 0 ? [] : [member.AccountId],
            Bits = member.Facts,
            Keys = member.Keys,
        };
    }

    private static List<(EvidenceKind Kind, long Key)> KeysOf(MessageUnderJudgement message, string? proved, List<string> links)
    {
        var keys = new List<(EvidenceKind, long)>(3 + links.Count);
        // This machine stands for whoever hands mail on through it.
        if (message.ClientKnown && !IPAddress.IsLoopback(message.Session.ClientAddress))
        {
            keys.Add((EvidenceKind.Address, EvidenceKey.Of(EvidenceKind.Address, message.Session.ClientAddress)));
            keys.Add((EvidenceKind.Network, EvidenceKey.Of(EvidenceKind.Network, message.Session.ClientAddress)));
        }
        // What one user of a free-mail house did says nothing about the next: there the address stands for the sender.
        if (proved is not null) keys.Add((EvidenceKind.Domain, EvidenceKey.Of(EvidenceKind.Domain, FreeMail.Contains(proved) ? message.From.Address.ToLowerInvariant() : proved)));
        foreach (var link in links) keys.Add((EvidenceKind.Link, EvidenceKey.Of(EvidenceKind.Link, link)));
        return keys;
    }

    private static string? ProvedDomainOf(AuthenticationOutcome? outcome, string senderDomain)
    {
        if (outcome is null || senderDomain.Length == 0) return null;
        if (outcome.Dmarc.Kind == DmarcKind.Pass) return senderDomain;
        if (outcome.Dmarc.Kind == DmarcKind.Fail) return null;
        // Without a DMARC record, what relaxed alignment would have asked for.
        if (outcome.Spf is { Kind: SpfKind.Pass, Domain: not null } && RelatedDomains.Same(outcome.Spf.Domain.Ascii, senderDomain)) return senderDomain;
        foreach (var signature in outcome.Dkim)
        {
            if (signature is { Kind: DkimKind.Pass, Domain: not null } && RelatedDomains.Same(signature.Domain.Ascii, senderDomain)) return senderDomain;
        }
        return null;
    }

    private static bool AnyPassed(AuthenticationOutcome? outcome) =>
        outcome is not null && (outcome.Dmarc.Kind == DmarcKind.Pass || outcome.Spf.Kind == SpfKind.Pass || outcome.Dkim.Any(signature => signature.Kind == DkimKind.Pass));

    private static List<string> LinkDomains(IReadOnlyList<Link> links, string senderDomain)
    {
        var domains = new List<string>(4);
        for (var i = 0; i < links.Count && i < LinksLookedAt; i++)
        {
            var link = links[i];
            if (link.IsImage) continue;
            var registered = PublicSuffixes.RegistrableDomain(link.Host);
            if (registered.IsEmpty || registered.Equals(senderDomain, StringComparison.OrdinalIgnoreCase) || Has(domains, registered)) continue;
            domains.Add(registered.ToString().ToLowerInvariant());
            if (domains.Count == MostLinks) break;
        }
        return domains;
    }

    private static bool Has(List<string> domains, ReadOnlySpan<char> domain)
    {
        foreach (var known in domains)
        {
            if (domain.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
