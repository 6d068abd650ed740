using Sternpost.Filter;

namespace Sternpost.Fronts;

/// <summary>Writes verdicts into messages that go on to another server.</summary>
public sealed class MessageMarks
{
    private readonly FrontOptions options;
    private readonly ScoreScale scale;

    /// <summary>With SpamAssassin's numbers, as scripts behind a content filter expect them: 5 marks, 15 is where its users refuse.</summary>
    public MessageMarks(FrontOptions options)
    {
        this.options = options;
        scale = new ScoreScale(options.JunkThreshold, options.RejectThreshold, 5, 15);
    }

    /// <summary>The message with our fields above its own, Authentication-Results first, and fields of the same names that came with it removed.</summary>
    public byte[] Mark(ReadOnlyMemory<byte> message, Judgement judgement)
    {
        List<(string, string)> fields = [];
        // RFC 8601 §5: above what others added.
        if (judgement.AuthenticationResults.Length > 0) fields.Add(("Authentication-Results", options.HostName.Ascii + "; " + judgement.AuthenticationResults));
        fields.AddRange(SpamFields.Of(judgement.Verdict, scale));
        return MarkedMessage.Whole(message.Span, fields);
    }
}
