using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>A subject that says "Re:" over a message that answers nothing: it names no message and quotes none.</summary>
internal sealed class FakeReplyJudge : LocalJudge
{
    private static readonly Symbol FakeReply = new("FAKE_REPLY", 0.6, "The message calls itself an answer but answers nothing.");

    private static readonly string[] Prefixes = ["re:", "aw:", "sv:", "vs:", "antw:", "odp:", "res:", "rif:", "回复:", "答复:", "re："];

    // How programs begin what they quote; a message without any of it may still be a top-posted answer of a phone, hence the small weight.
    private static readonly Phrases Quotes = new("wrote:", "schrieb", "a écrit", "escribió", "escreveu", "ha scritto", "schreef", "napisał", "пишет", "写道", "original message", "ursprüngliche nachricht", "from:", "von:", "\n>", "> ");

    public override string Name => "fake-reply";

    public override IReadOnlyList<Symbol> Symbols => [FakeReply];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var header = message.Header;
        if (header.Has("In-Reply-To"u8) || header.Has("References"u8) || header.Has("Thread-Index"u8) || header.Has("List-Id"u8)) return [];
        var subject = message.Subject.AsSpan().TrimStart();
        foreach (var prefix in Prefixes)
        {
            if (!subject.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            return Quotes.IsIn(message.Text.Visible) ? [] : [FakeReply.Found()];
        }
        return [];
    }
}
