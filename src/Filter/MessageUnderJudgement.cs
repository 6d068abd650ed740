using Sternpost.Filter.Attachments;
using Sternpost.Filter.Carried;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Verdicts;
using Sternpost.Filter.Views;
using Sternpost.MailAuth;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Filter;

/// <summary>
/// Everything a judge may read: the session, the envelope, the bytes, and views of them made once and shared. The views are
/// made on first use and not guarded: they never change, so the worst that judges running together can do is to make one twice.
/// </summary>
public sealed class MessageUnderJudgement(SessionFacts session, Envelope envelope, ReadOnlyMemory<byte> raw)
{
    private AttachmentInspection? inspection;
    private CarriedContent? carried;

    /// <summary>The connection.</summary>
    public SessionFacts Session { get; } = session;

    /// <summary>The envelope.</summary>
    public Envelope Envelope { get; } = envelope;

    /// <summary>The message exactly as received.</summary>
    public ReadOnlyMemory<byte> Raw { get; } = raw;

    /// <summary>What a server in front wrote above the message, as it stands there (<see cref="Corpora.DeliveryTrace"/>); empty where it did not come from a file or by a front that has one.</summary>
    public ReadOnlyMemory<byte> Trace { get; init; }

    /// <summary>False where the client is not known, as in a corpus without a usable Received field: connection judges then say nothing.</summary>
    public bool ClientKnown => !Session.ClientAddress.Equals(System.Net.IPAddress.Any) && !Session.ClientAddress.Equals(System.Net.IPAddress.IPv6Any);

    /// <summary>The header fields.</summary>
    internal HeaderFields Header => field ??= HeaderFields.Parse(Raw, 0, Raw.Length);

    /// <summary>The leaves of the MIME tree.</summary>
    internal MimeTree Mime => field ??= MimeTree.Parse(Raw, Header);

    /// <summary>What the attachments hold; the first caller's policy says what is looked at.</summary>
    internal AttachmentInspection InspectAttachments(AttachmentPolicy policy) => inspection ??= AttachmentInspection.Of(this, policy);

    /// <summary>What is said and linked to beside the text.</summary>
    internal CarriedContent Carried(AttachmentPolicy policy) => carried ??= CarriedContent.Of(this, InspectAttachments(policy));

    /// <summary>The beginning of the text, and of what invitations and documents say behind it.</summary>
    internal ReadOnlySpan<char> Words(AttachmentPolicy policy, int most)
    {
        var text = Text.Visible;
        if (text.Length > most) text = text[..most];
        var beside = Carried(policy).Text;
        return beside.Length == 0 ? text : string.Concat(text, "\n", beside.AsSpan(0, Math.Min(beside.Length, most)));
    }

    /// <summary>The text as the reader sees it.</summary>
    internal MessageText Text => field ??= MessageText.Of(Mime);

    /// <summary>The From field taken apart.</summary>
    internal Originator From => field ??= Originator.Of(Header, "From"u8);

    /// <summary>The subject, decoded.</summary>
    internal string Subject => field ??= Header.Text("Subject"u8);

    /// <summary>What authentication came to, once its judge has run; null before and without DNS.</summary>
    internal string? AuthenticationResults { get; set; }

    /// <summary>The same for machines.</summary>
    internal AuthenticationOutcome? Authentication { get; set; }

    /// <summary>What the classifier saw, once it has judged.</summary>
    internal Features? Features { get; set; }

    /// <summary>What the judges before those that read findings have found.</summary>
    internal IReadOnlyList<Finding> Findings { get; set; } = [];

    /// <summary>What stored evidence goes by; null where this server's own history has no say, as in an evaluation.</summary>
    internal MessageFacts? Facts { get; set; }
}
