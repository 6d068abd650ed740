using System.Text;
using Sternpost.Dns;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Policy.Submission;

/// <summary>What a user's program left out and every message must have (RFC 6409 §8.2 Date, §8.3 Message-ID).</summary>
internal static class MissingFields
{
    /// <summary>The message with the fields before it; the message itself where none is missing.</summary>
    internal static ReadOnlyMemory<byte> Add(ReadOnlyMemory<byte> message, SubmittedHeader header, DomainName domain, SessionFacts session)
    {
        if (header.HasDate && header.HasMessageId) return message;
        var fields = new StringBuilder(128);
        if (!header.HasDate) fields.Append("Date: ").Append(TraceHeaders.Date(session.ReceivedAt)).Append("\r\n");
        // RFC 5322 §3.6.4: unique for ever; the session's name alone is so only for a time.
        if (!header.HasMessageId) fields.Append("Message-ID: <").Append(Guid.CreateVersion7(session.ReceivedAt).ToString("N")).Append('@').Append(domain.Ascii).Append(">\r\n");
        return (byte[])[.. Encoding.ASCII.GetBytes(fields.ToString()), .. message.Span];
    }
}
