using Microsoft.AspNetCore.Connections;

namespace Sternpost.Network;

/// <summary>
/// Closes a transport. Kestrel's own closing sends what is left and waits for it without end, and a peer that stops reading would keep
/// its place for ever.
/// </summary>
internal static class TransportEnd
{
    /// <summary>How long a peer may take for what is left.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static async ValueTask CloseAsync(ConnectionContext transport, TimeProvider time)
    {
        var closing = transport.DisposeAsync().AsTask();
        try
        {
            await closing.WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            transport.Abort();
            await closing.ConfigureAwait(false);
        }
    }
}
