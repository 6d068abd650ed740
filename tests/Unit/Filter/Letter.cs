using System.Net;
using System.Text;
using Sternpost.Filter;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter;

/// <summary>Messages for tests, written here and nowhere else.</summary>
internal static class Letter
{
    internal static readonly DateTimeOffset Arrived = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A message under judgement from its text with any line ends.</summary>
    internal static MessageUnderJudgement Judged(string text, SessionFacts? session = null) => Judged(Octets(text), session);

    internal static MessageUnderJudgement Judged(ReadOnlyMemory<byte> raw, SessionFacts? session = null) =>
        new(session ?? Session(), new Envelope(Address("sender@example.org"), [new EnvelopeRecipient(Address("reader@example.com"))]), raw);

    internal static SessionFacts Session(string client = "0.0.0.0", string helo = "") =>
        new(IPAddress.Parse(client), helo, "ESMTP", null, null, null, Arrived, "test");

    internal static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    internal static EmailAddress Address(string text) => EmailAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);
}
