using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Push;

/// <summary>Waits for changes of an account; many at once are one.</summary>
internal sealed class ChangeSignal : IDisposable
{
    private readonly SemaphoreSlim raised = new(0);
    private readonly IDisposable watch;
    private int isRaised;

    internal ChangeSignal(MailStore mail, long accountId) => watch = mail.Watch(accountId, _ => Raise());

    /// <summary>True when something changed, false after the time.</summary>
    internal async ValueTask<bool> WaitAsync(TimeSpan most, CancellationToken cancellation)
    {
        if (!await raised.WaitAsync(most, cancellation).ConfigureAwait(false)) return false;
        Volatile.Write(ref isRaised, 0);
        return true;
    }

    public void Dispose()
    {
        // The semaphore is left to the collector: a late call may still raise it.
        watch.Dispose();
    }

    private void Raise()
    {
        if (Interlocked.Exchange(ref isRaised, 1) == 0) raised.Release();
    }
}
