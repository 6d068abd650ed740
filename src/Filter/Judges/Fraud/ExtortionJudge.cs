using System.Buffers;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Fraud;

/// <summary>"I have filmed you": a threat, a term, and coins to pay with.</summary>
internal sealed class ExtortionJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol Extortion = new("EXTORTION", 1.8, "The message threatens to publish something about the reader unless coins are paid.");

    private const int LookedAt = 8000;
    private const int Enough = 3;

    private static readonly SearchValues<string> Coins = SearchValues.Create(["bitcoin", "btc", "ethereum", "litecoin", "monero", "crypto wallet", "usdt"], StringComparison.OrdinalIgnoreCase);

    private static readonly PhraseCount Threat = new(
        ["webcam", "your camera", "front camera", "recorded you", "recording of you", "video of you", "footage", "pleasuring", "masturbat", "adult site", "adult website", "porn", "intimate", "compromising"],
        ["hacked", "your password", "malware", "trojan", "full access", "infected", "gained access", "exploit", "your device", "your system", "keylogger"],
        ["48 hours", "50 hours", "72 hours", "24 hours", "two days", "one day", "timer", "deadline", "clock is ticking", "after you open this", "as soon as you open"],
        ["your contacts", "your family", "your colleagues", "your friends", "social media", "everyone you know", "publish", "your reputation", "will be sent to", "leak"],
        ["wallet", "transfer the", "send exactly", "payment", "pay me", "copy and paste", "bitcoin address", "btc address"]);

    public override string Name => "extortion";

    public override IReadOnlyList<Symbol> Symbols => [Extortion];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var text = message.Words(options.Attachments, LookedAt);
        // A newsletter about such letters quotes them too, but nobody sends it to one reader in the first person.
        if (!text.ContainsAny(Coins) || message.Header.Has("List-Id"u8) || message.Header.Has("List-Unsubscribe"u8)) return [];
        return Threat.In(text) > Enough ? [Extortion.Found()] : [];
    }
}
