using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Intake;
using Sternpost.Wire;

namespace Sternpost.Smtp.Server;

/// <summary>A mail transaction (RFC 5321 §3.3): from MAIL to the end of the message or RSET.</summary>
internal sealed class Transaction(MailArgument mail)
{
    private readonly List<EnvelopeRecipient> recipients = [];
    private HashSet<string>? keys;

    internal MailArgument Mail { get; } = mail;

    internal IReadOnlyList<EnvelopeRecipient> Recipients => recipients;

    /// <summary>Recipients that leave this server; what the sending limits count.</summary>
    internal int Outside { get; set; }

    /// <summary>The message so far, where it comes by BDAT.</summary>
    internal MessageBuffer? Chunks { get; set; }

    /// <summary>What became of each recipient, in their order, where policy tells them apart; LMTP answers with them.</summary>
    internal IReadOnlyList<Reply>? Outcomes { get; set; }

    /// <summary>What this server is to the message as a gateway.</summary>
    internal GatewayRole Gateway { get; set; }

    /// <summary>Recipients asked for beyond the limit.</summary>
    internal int InVain { get; set; }

    /// <summary>When DATA or the first BDAT came.</summary>
    internal DateTimeOffset Began { get; set; }

    /// <summary>The line ends of the chunks.</summary>
    internal LineEndings ChunkLines;

    /// <summary>How much of the message came, and whether fast enough.</summary>
    internal ArrivalClock? Arrival { get; set; }

    internal Envelope ToEnvelope() =>
        new(Mail.ReversePath, recipients, Mail.Body, Mail.SmtpUtf8, Mail.Return, Mail.EnvelopeId) { RequireTls = Mail.RequireTls };

    /// <summary>True where the address is among the recipients already.</summary>
    internal bool Contains(EmailAddress address)
    {
        if (recipients.Count < 8) return recipients.Exists(recipient => recipient.Address.Equals(address));
        keys ??= [.. recipients.Select(recipient => recipient.Address.Key)];
        return keys.Contains(address.Key);
    }

    internal void Add(EnvelopeRecipient recipient)
    {
        recipients.Add(recipient);
        keys?.Add(recipient.Address.Key);
    }
}
