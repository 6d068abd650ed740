using System.Collections.Concurrent;
using System.Text;
using Sternpost.Smtp.Intake;

namespace Sternpost.Unit.Smtp.Harness;

/// <summary>Keeps what the server hands on; copies it, because the server takes its memory back.</summary>
internal sealed class FakeIntake : IMessageIntake
{
    private readonly ConcurrentQueue<IncomingMessage> taken = new();

    /// <summary>What to answer; accepts unless told otherwise.</summary>
    internal Func<IncomingMessage, IntakeResult> Answer { get; set; } = _ => new IntakeResult(true, 250, "2.0.0", "Ok, kept as test", "test");

    internal IReadOnlyList<IncomingMessage> Messages => [.. taken];

    internal IncomingMessage Single => Assert.Single(taken);

    internal string SingleText => Encoding.Latin1.GetString(Single.Content.Span);

    internal string SingleTrace => Encoding.UTF8.GetString(Single.TraceHeaders.Span);

    public ValueTask<IntakeResult> AcceptAsync(IncomingMessage message, CancellationToken cancellation)
    {
        var result = Answer(message);
        if (result.Accepted) taken.Enqueue(message with { Content = message.Content.ToArray(), TraceHeaders = message.TraceHeaders.ToArray() });
        return ValueTask.FromResult(result);
    }
}
