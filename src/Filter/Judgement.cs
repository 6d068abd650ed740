using Sternpost.Filter.Evidence;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth;

namespace Sternpost.Filter;

/// <summary>A judgement: the verdict, the authentication results, and what an account's own filter needs to differ.</summary>
public sealed class Judgement
{
    /// <summary>The server's verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The value of our Authentication-Results field without the field name (RFC 8601), ready to be folded into a header; empty where nothing was checked.</summary>
    public required string AuthenticationResults { get; init; }

    /// <summary>Why the message must wait before anything can be said of it, fit for an SMTP reply; null where the verdict holds.</summary>
    public string? Deferral { get; init; }

    /// <summary>The message with dangerous attachments taken out, where policy wants that; null where it stays as it is.</summary>
    public byte[]? Stripped { get; init; }

    /// <summary>What authentication came to; null where nothing was checked.</summary>
    public AuthenticationOutcome? Authentication { get; init; }

    /// <summary>What an account's lessons go by, so that they apply without the message; null where there are none to ask.</summary>
    internal LessonFeatures? Lesson { get; init; }

    /// <summary>What stored evidence goes by; null where there is none.</summary>
    internal MessageFacts? Facts { get; init; }
}
