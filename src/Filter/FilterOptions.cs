using Sternpost.Dns;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Judges.Composites;
using Sternpost.Filter.Judges.LocalLists;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Messages.Addresses;

namespace Sternpost.Filter;

/// <summary>What an administrator may choose about judging. The defaults come from docs/accuracy.md.</summary>
public sealed record FilterOptions
{
    /// <summary>Default of <see cref="JunkThreshold"/>, and of <c>filter.junk_at</c>.</summary>
    public const double DefaultJunkThreshold = 3.0;

    /// <summary>Default of <see cref="RejectThreshold"/>, and of <c>filter.reject_at</c>.</summary>
    public const double DefaultRejectThreshold = 10.0;

    /// <summary>Score (log-odds of spam) at which a message goes to Junk: chosen to cost at most 0.1 % of wanted mail.</summary>
    public double JunkThreshold { get; init; } = DefaultJunkThreshold;

    /// <summary>Score at which a message is refused, given evidence beside the classifier's: at most 0.001 % of wanted mail.</summary>
    public double RejectThreshold { get; init; } = DefaultRejectThreshold;

    /// <summary>Share of wanted mail that may be lost to Junk, when thresholds are chosen by this server's own mail.</summary>
    public double HamCeilingForJunk { get; init; } = 0.001;

    /// <summary>Share of wanted mail that may be refused.</summary>
    public double HamCeilingForReject { get; init; } = 0.00001;

    /// <summary>Weight that findings other than the classifier's must have together before a score alone may refuse a message.</summary>
    public double RejectEvidence { get; init; } = 3.0;

    /// <summary>Whether messages may be refused at all; where false, what would be refused is junk. Default true.</summary>
    public bool MayRefuse { get; init; } = true;

    /// <summary>Refuse every message that fails DMARC of a domain that publishes p=reject, even one that may have come through a mailing list.</summary>
    public bool HonourDmarcReject { get; init; }

    /// <summary>Forwarders whose mail is not held to its author's DMARC policy: a client whose confirmed name, or whose bounce domain proved by SPF, lies within one.</summary>
    public IReadOnlyList<DomainName> TrustedForwarders { get; init; } = [];

    /// <summary>Domains whose ARC seals are believed: mail they sealed as authentic is not held to its author's DMARC policy.</summary>
    public IReadOnlyList<DomainName> TrustedSealers { get; init; } = [];

    /// <summary>Whether DKIM2 (an IETF draft) is verified and its result written down; it weighs nothing. Default false.</summary>
    public bool VerifyDkim2 { get; init; }

    /// <summary>DNS lists of client addresses to ask; none unless configured, because public lists refuse public resolvers and high volumes.</summary>
    public IReadOnlyList<DnsListOptions> AddressLists { get; init; } = [];

    /// <summary>DNS lists of domains, asked about hosts in links and the sender's domain.</summary>
    public IReadOnlyList<DnsListOptions> DomainLists { get; init; } = [];

    /// <summary>How long a judge that asks the network may take. Two seconds unless configured.</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Default of <see cref="RuleWeight"/>, and of <c>filter.spamassassin_weight</c>: SpamAssassin's 5 points for our 3 log-odds.</summary>
    public const double DefaultRuleWeight = 0.6;

    /// <summary>SpamAssassin's rules, where the administrator wants them judged by as well; null otherwise.</summary>
    public RuleSet? Rules { get; init; }

    /// <summary>Whether those of <see cref="Rules"/> that only other rules look at (<c>__…</c>) run where they change nothing, so that all that hit are named. It takes several times as long.</summary>
    public bool EveryRule { get; init; }

    /// <summary>Log-odds of spam that a point of <see cref="Rules"/> counts.</summary>
    public double RuleWeight { get; init; } = DefaultRuleWeight;

    /// <summary>Weights in place of the shipped ones, by symbol; see <c>filter.weights</c>.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double>();

    /// <summary>The administrator's own composites, beside the shipped ones.</summary>
    public IReadOnlyList<Composite> Composites { get; init; } = [];

    /// <summary>Clients, domains and addresses whose mail is wanted; of domains and addresses only what passes DMARC.</summary>
    public LocalList Allow { get; init; } = LocalList.Empty;

    /// <summary>Clients, domains and addresses whose mail is refused.</summary>
    public LocalList Deny { get; init; } = LocalList.Empty;

    /// <summary>DNS lists of hashes of addresses, asked about From, Reply-To and addresses that links lead to.</summary>
    public IReadOnlyList<DnsListOptions> HashLists { get; init; } = [];

    /// <summary>How long findings of judged messages are kept for replay; zero keeps none. Thirty days unless configured.</summary>
    public TimeSpan KeepFindings { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Addresses here that nobody uses: what comes to them is unwanted.</summary>
    public IReadOnlyList<EmailAddress> Traps { get; init; } = [];

    /// <summary>Whether unknown, unproved and odd clients are asked to come back. Default true.</summary>
    public bool Greylist { get; init; } = true;

    /// <summary>How long they have to wait at least.</summary>
    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether delivered copies that nobody touched move to Junk when evidence turns. Default true.</summary>
    public bool AfterDelivery { get; init; } = true;

    /// <summary>Default of <see cref="MailBomb"/>.</summary>
    public const int DefaultMailBomb = 15;

    /// <summary>Sign-up letters of strangers within an hour from which an account counts as being bombed; 0 never.</summary>
    public int MailBomb { get; init; } = DefaultMailBomb;

    /// <summary>What happens to dangerous attachments.</summary>
    public AttachmentPolicy Attachments { get; init; } = new();

    /// <summary>Names this server greets by; a client that greets with one of them lies.</summary>
    public IReadOnlyList<string> OwnNames { get; init; } = [];
}

/// <summary>One DNS list (RFC 5782).</summary>
/// <param name="Zone">The zone, for example <c>zen.spamhaus.org</c>.</param>
/// <param name="Weight">Log-odds of spam of a listing that is plainly spam; <c>ListMeanings</c> says what its other codes count.</param>
public sealed record DnsListOptions(string Zone, double Weight = 3.0)
{
    /// <summary>The key by which the list's vendor knows us, a label before the zone in each question; empty for none. A secret: it never gets into findings or logs.</summary>
    public string Key { get; init; } = "";
}
