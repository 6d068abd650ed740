using Sternpost.Network;

namespace Sternpost.Smtp.Server;

/// <summary>
/// The deadlines of an arriving message: for each wait, and for the whole, so that a client that sends an octet a minute does not keep
/// its place for ever.
/// </summary>
internal sealed class ArrivalClock(SmtpServerOptions options, MailConnection connection, TimeProvider time)
{
    private readonly long began = time.GetTimestamp();

    /// <summary>Octets that came, dots and all.</summary>
    internal long Octets { get; private set; }

    /// <summary>So much more came than a message may have that reading on would only serve the client's stubbornness.</summary>
    internal bool IsFlood => Octets > (2 * options.MessageSize) + (64 * 1024);

    internal void Count(long octets) => Octets += octets;

    /// <summary>The token of the next wait; cancelled at once where the whole has taken too long.</summary>
    internal CancellationToken Next()
    {
        var left = options.DataTimeout + TimeSpan.FromSeconds((double)Octets / options.DataRate) - time.GetElapsedTime(began);
        var wait = left < options.DataBlockTimeout ? left : options.DataBlockTimeout;
        return connection.Within(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
