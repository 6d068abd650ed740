using MimeKit.Utils;
using Sternpost.Messages.Structure;

namespace Sternpost.Messages.Content;

/// <summary>The Date field as a date.</summary>
public static class SentDates
{
    /// <summary>The date with the zone it was written in; null where there is none or it cannot be read.</summary>
    public static DateTimeOffset? Of(MessageEnvelope envelope) =>
        envelope.Date is { Length: > 0 and < 200 } text && DateUtils.TryParse(text, out var date) ? date : null;
}
