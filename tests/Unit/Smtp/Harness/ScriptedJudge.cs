using System.Text;
using Sternpost.Filter;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Smtp.Harness;

/// <summary>Refuses messages with the word REFUSE, files those with JUNK as junk, and remembers what it was shown.</summary>
internal sealed class ScriptedJudge : IJudge
{
    internal List<MessageUnderJudgement> Seen { get; } = [];

    internal string AuthenticationResults { get; set; } = "";

    public string Name => "scripted";

    public IReadOnlyList<Symbol> Symbols => [];

    public ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        lock (Seen) Seen.Add(new MessageUnderJudgement(message.Session, message.Envelope, message.Raw.ToArray()));
        message.AuthenticationResults = AuthenticationResults;
        var text = Encoding.Latin1.GetString(message.Raw.Span);
        Disposition? compels = text.Contains("REFUSE", StringComparison.Ordinal) ? Disposition.Reject
            : text.Contains("JUNK", StringComparison.Ordinal) ? Disposition.Junk
            : null;
        return ValueTask.FromResult<IReadOnlyList<Finding>>(compels is null ? [] : [new Finding("SCRIPTED", 1, "The message says so itself.") { Compels = compels }]);
    }
}
