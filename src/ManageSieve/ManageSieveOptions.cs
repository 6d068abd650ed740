namespace Sternpost.ManageSieve;

/// <summary>The limits of ManageSieve sessions.</summary>
public sealed record ManageSieveOptions
{
    /// <summary>A client must have signed in within this, counted from its connection.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A signed-in client that sends nothing for this long is told goodbye. RFC 5804 §1.2 allows no less than 30 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The rest of a command that has begun must come within this, from one octet to the next.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A client must take what is written within this.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Octets of scripts being received that all sessions together may hold in memory.</summary>
    public long ScriptMemory { get; init; } = 64L << 20;

    /// <summary>How much later the first refused sign-in of a connection is answered; the second twice, the others three times as late.</summary>
    public TimeSpan FailureDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Refused sign-ins after which the connection is closed.</summary>
    public int FailuresAllowed { get; init; } = 6;

    /// <summary>Commands that are none, or come at the wrong time, after which a client that has not signed in is disconnected; signed in it may err ten times as often.</summary>
    public int ErrorsAllowed { get; init; } = 10;

    /// <summary>Commands of any kind before sign-in.</summary>
    public int CommandsBeforeLogin { get; init; } = 50;

    /// <summary>Commands a second that one session may send for long, 16 KiB of a script counting as one more: to check it is work. Bursts of five seconds' worth pass, beyond that it waits.</summary>
    public int CommandsPerSecond { get; init; } = 20;
}
