using System.Runtime.InteropServices;

namespace Sternpost.Composition;

/// <summary>SIGTERM and SIGINT as a token, SIGHUP as a call: what a supervisor or a terminal wants of a running server.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    /// <param name="reload">Called on SIGHUP; must not throw. Null leaves SIGHUP to the system, which ends the process.</param>
    public StopSignals(Action? reload)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                // The first asks for an orderly end, which we give; a second one ends the process at once.
                if (stop.IsCancellationRequested) return;
                context.Cancel = true;
                stop.Cancel();
            }));
        }
        if (reload is null) return;
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            reload();
        }));
    }

    /// <summary>Cancelled once the server should end.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Completes when it should.</summary>
    public async Task WaitAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Token.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), asked);
        await asked.Task;
    }

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        stop.Dispose();
    }
}
