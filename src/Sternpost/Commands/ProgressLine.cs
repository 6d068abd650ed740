namespace Sternpost.Commands;

/// <summary>One line on standard error that says what is being done, where a person looks at it; nothing where it goes into a file.</summary>
internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly bool shown = !Console.IsErrorRedirected;
    private long last;
    private int length;

    public void Report(string value)
    {
        if (!shown || (last != 0 && TimeProvider.System.GetElapsedTime(last) < Pause)) return;
        last = TimeProvider.System.GetTimestamp();
        Console.Error.Write('\r' + value.PadRight(length));
        length = value.Length;
    }

    /// <summary>Takes the line away.</summary>
    public void End()
    {
        if (shown && length > 0) Console.Error.Write('\r' + new string(' ', length) + '\r');
        length = 0;
    }

    public void Dispose() => End();
}
